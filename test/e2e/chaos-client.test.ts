import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openContext, type ClientContext } from '../../src/client/context';
import { startDevServer, type DevServer } from '../../tools/dev-server';

describe('a client that is closed while Temporal is down', () => {
  let folder: string;
  let server: DevServer;
  let context: ClientContext;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-client-'));
    server = await startDevServer({ dbFilename: join(folder, 'temporal.db'), ui: false });
    context = await openContext({ env: { TEMPORAL_ADDRESS: server.address }, keys: 'off' });
  });
  afterEach(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends the calls that it was about to retry', async () => {
    const workflow = { workflowId: 'waiting', taskQueue: 'nobody' };
    const started = await context.temporal.workflow.start('pushProfile', workflow);
    const ended = started.result().then(String, (error: unknown) => error);
    await server.kill();
    await context.close();
    expect(await ended).toBeInstanceOf(Error);
  });
});
