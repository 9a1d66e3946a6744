import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Connection } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { startDevServer, type DevServer } from '../../tools/dev-server';
import { findTestServer } from '../../tools/temporal-binaries';
import { checkPush, startOptions } from '../../src/client/request';
import { failed } from '../support/failures';
import { installRuntime, startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

const INDEXED_VALUE_TYPE_TEXT = 1;

/** Starts a server with the given search attributes as keywords or texts, and a worker. */
async function openPlace({ keywords, texts = [] }: { keywords: readonly string[]; texts?: readonly string[] }) {
  const server = await startDevServer({ ui: false, searchAttributes: keywords });
  for (const name of texts) await addText(server, name);
  const harness = await startHarness({ env: { TEMPORAL_ADDRESS: server.address } });
  await harness.startWorker();
  return {
    harness,
    async close() {
      await harness.close();
      await server.stop();
    },
  };
}

async function addText({ address, namespace }: DevServer, name: string): Promise<void> {
  const connection = await Connection.connect({ address });
  const searchAttributes = { [name]: INDEXED_VALUE_TYPE_TEXT };
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
  await connection.close();
}

describe('a server that lacks the search attributes', () => {
  let place: Awaited<ReturnType<typeof openPlace>>;
  let harness: Harness;

  beforeAll(async () => {
    place = await openPlace({ keywords: [] });
    harness = place.harness;
  });
  afterAll(() => place.close());

  it('runs pushes anyway', async () => {
    const result = await harness.client.flatchr.pushProfile(uniqueRequest(harness, 'flatchr') as never);
    expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
  });

  it('holds runs anyway, and shows the hold in the memo', async () => {
    harness.simulators.flatchr.faults.add({
      operation: 'create',
      times: 2,
      fault: { kind: 'status', status: 401, commit: 'never' },
    });
    const asked = { ...uniqueRequest(harness, 'flatchr'), actionParameters: { onFailure: 'hold' } };
    const error = await failed(harness.client.flatchr.pushProfile(asked as never));
    expect(error).toMatchObject({ state: 'held', type: 'auth' });
  });
});

describe('a server that registers the outcome with another type', () => {
  let place: Awaited<ReturnType<typeof openPlace>>;
  let harness: Harness;

  beforeAll(async () => {
    const keywords = ['HrflowConnector', 'HrflowAction', 'HrflowState', 'HrflowAccount'];
    place = await openPlace({ keywords, texts: ['HrflowOutcome'] });
    harness = place.harness;
  });
  afterAll(() => place.close());

  it('runs pushes anyway, with the attributes that are keywords', async () => {
    const asked = uniqueRequest(harness, 'flatchr');
    const handle = await harness.client.flatchr.startPushProfile(asked as never);
    expect((await handle.result()).items[0]).toMatchObject({ outcome: 'created' });
    const { workflow } = harness.context.temporal;
    const { typedSearchAttributes } = await workflow.getHandle(handle.workflowId).describe();
    expect(typedSearchAttributes.get(defineSearchAttributeKey('HrflowState', 'KEYWORD'))).toBe('done');
    expect(typedSearchAttributes.getAll().map(({ key }) => key.name)).not.toContain('HrflowOutcome');
  });
});

/** Uses the time-skipping server of Temporal, which skips waits of days while a client waits for the result. */
describe('a hold of days', () => {
  let environment: TestWorkflowEnvironment;
  let harness: Harness;

  beforeAll(async () => {
    installRuntime();
    const { path } = await findTestServer();
    environment = await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path } },
    });
    harness = await startHarness({ env: { TEMPORAL_ADDRESS: environment.address }, encryption: 'off' });
    await harness.startWorker();
  });
  afterAll(async () => {
    await harness.close();
    await environment.teardown();
  });

  it('fails after the default of seven days, with the reason and the result so far', async () => {
    harness.simulators.flatchr.faults.add({
      operation: 'create',
      times: 2,
      fault: { kind: 'status', status: 401, commit: 'never' },
    });
    const asked = { ...uniqueRequest(harness, 'flatchr'), actionParameters: { onFailure: 'hold' as const } };
    const push = checkPush('flatchr', 'pushProfile', asked, false);
    const { client } = environment;
    // This server loses runs that are started with a conflict policy, so this start has none.
    const options = startOptions(push, String(harness.env['HRFLOW_TEMPORAL_TASK_QUEUE']), [], null);
    const handle = await client.workflow.start('pushProfile', options);
    const before = await environment.currentTimeMs();
    const { cause } = await failed(handle.result());
    expect(cause).toMatchObject({
      type: 'auth',
      details: [{ result: { items: [{ outcome: 'failed' }] }, problem: {}, knowledge: {} }],
    });
    expect(await environment.currentTimeMs()).toBeGreaterThanOrEqual(before + 7 * 86_400_000);
  });
});
