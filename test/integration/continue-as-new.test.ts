import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { startDevServer, type DevServer } from '../../tools/dev-server';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { received } from './connectors/support';
import { noise, uniqueRequest } from '../support/requests';

/** The server suggests a new history after a few events. In production it does after thousands. */
describe('a push with a long history', () => {
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

  it('continues in new histories while it waits, and delivers once', async () => {
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

  it('keeps a hold, its number and its end in a new history', async () => {
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

/** The server suggests a new history once a profile is formatted. In production it does for very large profiles. */
describe('a push with a long history because of its documents', () => {
  let server: DevServer;
  let harness: Harness;

  beforeAll(async () => {
    server = await startDevServer({ ui: false, dynamicConfig: { 'limit.historySize.suggestContinueAsNew': 200_000 } });
    harness = await startHarness({ env: { TEMPORAL_ADDRESS: server.address } });
    await harness.startWorker();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(async () => {
    await harness.close();
    await server.stop();
  });

  // TalentSoft signs in after the documents are made and before they are used. The lookups before the first create happen then, too.
  const large = () =>
    uniqueRequest(harness, 'talentSoft', { experiences: [{ company: noise(200_000), title: 'Engineer' }] });
  const readsOf = () => received(harness, 'hrflow', 'read').length;

  it.each<[string, Record<string, unknown>]>([
    ['at once', {}],
    ['after a lookup before the first create', { actionParameters: { lookupFirst: true } }],
    ['as a second application, after a wait', { again: true }],
  ])('sends them %s, from one read', async (_, more) => {
    const asked = large();
    if (more['again']) await harness.client.talentSoft.pushProfile(asked as never);
    const [reads, applications] = [readsOf(), harness.simulators.talentSoft.applications.length];
    const result = await harness.client.talentSoft.pushProfile({ ...asked, ...more } as never);
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(harness.simulators.talentSoft.applications).toHaveLength(applications + 1);
    expect(readsOf()).toBe(reads + 1);
  });

  it('reads them again after a wait for the ATS, and sends them once', async () => {
    harness.simulators.talentSoft.faults.add({
      operation: 'create',
      fault: { kind: 'status', status: 503, headers: { 'retry-after': '1' } },
    });
    const result = await harness.client.talentSoft.pushProfile(large() as never);
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(harness.simulators.talentSoft.applications).toHaveLength(1);
    expect(readsOf()).toBe(2);
  });
});
