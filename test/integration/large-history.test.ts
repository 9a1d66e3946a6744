import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';
import { showRun } from '../../src/client/runs/show';
import { startHarness, temporalAddress, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

describe('a history with a page of more than 4 MB', () => {
  let harness: Harness;
  let workflowId: string;

  beforeAll(async () => {
    harness = await startHarness();
    const handle = await harness.client.flatchr.startPushProfile(uniqueRequest(harness, 'flatchr') as never);
    workflowId = handle.workflowId;
    const large = 'x'.repeat(1_400_000);
    const plain = new Client({ connection: harness.context.temporal.connection });
    for (let sent = 0; sent < 4; sent += 1) await plain.workflow.getHandle(workflowId).signal('large', large);
    await handle.terminate();
  });
  afterAll(() => harness.close());

  it('is shown', async () => {
    const shown = await showRun(harness.context, workflowId);
    expect(shown).toMatchObject({ workflowId, state: 'failed' });
    expect(shown.parameters).not.toBeNull();
  });

  it('is read by the client of a worker, which recalls earlier deliveries', async () => {
    const connection = await NativeConnection.connect({ address: temporalAddress() });
    const { events } = await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory();
    expect(events?.length).toBeGreaterThan(5);
    await connection.close();
  });
});
