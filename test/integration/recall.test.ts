import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { failed, until } from '../support/failures';
import { startHarness, type Groups, type Harness, type RunningWorker } from '../support/harness';
import { uniqueRequest } from '../support/requests';

/** What recorded runs cannot show. For the rest, see test/unit/history/recall.test.ts. */
describe('a further run', () => {
  let harness: Harness;
  let worker: RunningWorker;

  beforeAll(async () => {
    harness = await startHarness();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  const start = (asked: Groups) => harness.client.oracleORC.startPushProfile(asked as never);
  const creates = () => harness.simulators.oracleORC.requests.filter(({ operation }) => operation === 'create');

  async function terminatedWithItsCreateUnderWay(asked: Groups): Promise<WorkflowHandle> {
    const before = creates().length;
    harness.simulators.oracleORC.faults.add({
      operation: 'create',
      fault: { kind: 'delay', ms: 1_500, commit: 'before' },
    });
    const handle = await start(asked);
    await until('the create', () => creates().length > before);
    await handle.terminate('terminated by an operator');
    return handle;
  }

  async function runIdOf(handle: WorkflowHandle): Promise<string> {
    return (await handle.describe()).runId;
  }

  /** Deletes a run and waits until it can no longer be described, which takes the server half a minute. */
  async function forget(workflowId: string, runId: string): Promise<void> {
    const { workflowService, options, workflow } = harness.context.temporal;
    const workflowExecution = { workflowId, runId };
    await workflowService.deleteWorkflowExecution({ namespace: options.namespace, workflowExecution });
    const isGone = (error: unknown) => error instanceof WorkflowNotFoundError;
    const describe = () => workflow.getHandle(workflowId, runId).describe();
    while (!(await describe().then(() => false, isGone))) await sleep(500);
  }

  it('sends nothing if the run that its client read is deleted, whatever an older run reports', async () => {
    const asked = uniqueRequest(harness, 'oracleORC');
    worker = await harness.startWorker();
    const refused = { kind: 'status', status: 400, commit: 'never' } as const;
    harness.simulators.oracleORC.faults.add({ operation: 'create', fault: refused });
    await failed(harness.client.oracleORC.pushProfile(asked as never));
    const lost = await terminatedWithItsCreateUnderWay(asked);
    const lostRunId = await runIdOf(lost);
    await worker.stop();
    const sent = creates().length;

    const further = await start(asked);
    expect(await runIdOf(further)).not.toBe(lostRunId);
    await forget(further.workflowId, lostRunId);
    worker = await harness.startWorker();
    const { cause } = await failed(further.result());
    expect(cause).toMatchObject({
      type: 'unknown_outcome',
      details: [{ result: { items: [{ outcome: 'unknown' }] }, problem: {}, knowledge: {} }],
    });
    expect(creates()).toHaveLength(sent);
    expect(harness.simulators.oracleORC.candidates).toHaveLength(1);
    await worker.stop();
  });

  it('waits for a lagging list if it starts right after the previous run, many times', async () => {
    worker = await harness.startWorker();
    const pushes = Array.from({ length: 8 }, () => uniqueRequest(harness, 'oracleORC'));
    for (const asked of pushes) {
      await terminatedWithItsCreateUnderWay(asked);
      await start(asked);
    }
    for (const asked of pushes) {
      const result = await harness.client.oracleORC.pushProfile(asked as never);
      expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    }
    expect(creates()).toHaveLength(pushes.length);
    expect(harness.simulators.oracleORC.candidates).toHaveLength(pushes.length);
    await worker.stop();
  });
});
