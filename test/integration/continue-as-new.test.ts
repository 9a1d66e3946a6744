import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startDevServer, type DevServer } from '../../tools/dev-server';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

jest.setTimeout(90_000);

/** A server that suggests a new history after few events, as it does after thousands in earnest. */
describe('a push whose history grows long', () => {
  let server: DevServer;
  let harness: Harness;

  beforeAll(async () => {
    server = await startDevServer({ ui: false, dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': 30 } });
    harness = await startHarness({ env: { TEMPORAL_ADDRESS: server.address } });
    await harness.startWorker();
  });
  afterAll(async () => {
    await harness.close();
    await server.stop();
  });

  it('goes on in new histories while it waits, and delivers once', async () => {
    const { flatchr } = harness.simulators;
    flatchr.faults.add({
      operation: 'create',
      times: 8,
      fault: { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
    });
    const asked = uniqueRequest(harness, 'flatchr');
    const handle = await harness.client.flatchr.startPushProfile(asked as never);
    const result = await harness.client.flatchr.pushProfile(asked as never);
    expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
    expect(flatchr.applicants).toHaveLength(1);
    expect((await harness.context.temporal.workflow.getHandle(handle.workflowId).describe()).runId).not.toBe(
      await firstRunId(handle.workflowId),
    );
  });

  it('keeps a hold, its number and its end over a new history', async () => {
    const { flatchr } = harness.simulators;
    flatchr.faults.add({
      operation: 'create',
      times: 8,
      fault: { kind: 'status', status: 503, headers: { 'retry-after': '0' } },
    });
    flatchr.faults.add({ operation: 'create', times: 2, fault: { kind: 'status', status: 401, commit: 'never' } });
    const asked = { ...uniqueRequest(harness, 'flatchr'), actionParameters: { onFailure: 'hold' } };
    const handle = await harness.client.flatchr.startPushProfile(asked as never);
    const latest = harness.context.temporal.workflow.getHandle(handle.workflowId);
    await until('the hold', async () => (await latest.describe()).memo?.['hold'] !== undefined);
    expect((await latest.describe()).memo).toMatchObject({
      profileKey: asked.originParameters['profile_key'],
      hold: { number: 1 },
    });
    await latest.executeUpdate('retry', { args: [{}] });
    expect(await latest.result()).toMatchObject({ items: [{ outcome: 'created' }] });
  });

  async function firstRunId(workflowId: string): Promise<string> {
    const runs: string[] = [];
    for await (const run of harness.context.temporal.workflow.list({ query: `WorkflowId = '${workflowId}'` })) {
      runs.push(run.runId);
    }
    expect(runs.length).toBeGreaterThan(1);
    return runs.at(-1) ?? '';
  }
});
