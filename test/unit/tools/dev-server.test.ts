import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { startDevServer, type DevServer } from '../../../tools/dev-server';
import { stopAll } from '../../../tools/processes';
import { SEARCH_ATTRIBUTE_NAMES } from '../../../src/protocol/names';

// The first one may have to download the Temporal CLI.
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hrflow-dev-server-'));
});
afterAll(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

async function withClient<T>(server: DevServer, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await use(new Client({ connection, namespace: server.namespace }));
  } finally {
    await connection.close();
  }
}

async function start(server: DevServer, workflowId: string, attribute: string): Promise<void> {
  await withClient(server, (client) =>
    client.workflow.start('pushProfile', {
      workflowId,
      taskQueue: 'nobody',
      typedSearchAttributes: [{ key: defineSearchAttributeKey(attribute, 'KEYWORD'), value: 'flatchr' }],
    }),
  );
}

describe('the development server', () => {
  it('restarts after a kill with the same runs and ports', async () => {
    const dbFilename = join(folder, 'temporal.db');
    const first = await startDevServer({ dbFilename });
    await start(first, 'kept', 'HrflowConnector');
    expect((await first.kill()).signal).toBe('SIGKILL');

    const second = await startDevServer({ dbFilename, port: first.port, uiPort: first.uiPort });
    expect(second.address).toBe(first.address);
    expect(second.uiUrl).toBe(first.uiUrl);
    const status = await withClient(second, (client) => client.workflow.getHandle('kept').describe());
    expect(status.status.name).toBe('RUNNING');
    expect(readFileSync(`${dbFilename}-wal`).length).toBeGreaterThan(0);
    expect(await second.stop()).toEqual({ code: 0, signal: null });
  });

  it('adds search attributes that its database file lacks', async () => {
    const dbFilename = join(folder, 'older.db');
    await (await startDevServer({ dbFilename, ui: false, searchAttributes: [] })).stop();
    const server = await startDevServer({ dbFilename, ui: false });
    for (const name of SEARCH_ATTRIBUTE_NAMES) await start(server, `run-${name}`, name);
    await server.stop();
  });

  it('serves its own namespace with the attributes, and the UI', async () => {
    const logFile = join(folder, 'server.log');
    const server = await startDevServer({ namespace: 'recruiting', codecEndpoint: 'http://127.0.0.1:9', logFile });
    await start(server, 'one', 'HrflowAccount');
    const page = await fetch(server.uiUrl ?? '');
    expect(page.status).toBe(200);
    const settings: unknown = await (await fetch(`${server.uiUrl ?? ''}/api/v1/settings`)).json();
    expect(JSON.stringify(settings)).toContain('http://127.0.0.1:9');
    await server.stop();
    expect(readFileSync(logFile, 'utf8')).toContain('Temporal Server:');
  });

  it('runs next to another one', async () => {
    const servers = await Promise.all([startDevServer({ ui: false }), startDevServer({ ui: false })]);
    expect(servers[0].port).not.toBe(servers[1].port);
    await Promise.all(servers.map((server) => server.stop()));
  });

  it('waits for a port that is about to become free', async () => {
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    const address = holder.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    setTimeout(() => holder.close(), 300);
    const server = await startDevServer({ port, ui: false });
    expect(server.address).toBe(`127.0.0.1:${port}`);
    await server.stop();
  });

  it('reports its last output if it cannot start', async () => {
    await expect(startDevServer({ dbFilename: join(folder, 'no', 'such', 'folder.db'), ui: false })).rejects.toThrow(
      /the Temporal development server ended \(exit code 1\)[^]*no such file/,
    );
  });
});
