import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { startDeafWorker } from '../support/recall-scenarios';
import { uniqueRequest } from '../support/requests';
import { quickSettings } from '../support/settings';

/** Returns how the attempts of a run ended, by the event types of its history. */
async function attemptsOf(handle: WorkflowHandle) {
  const { events } = await handle.fetchHistory();
  const all = events ?? [];
  const pushes = all.filter(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === 'pushApplicant',
  );
  const ids = pushes.map(({ eventId }) => String(eventId));
  const ofPushes = (attributes: { scheduledEventId?: unknown } | null | undefined) =>
    ids.includes(String(attributes?.scheduledEventId));
  const started = all.filter((event) => ofPushes(event.activityTaskStartedEventAttributes));
  return {
    numbers: started.map(({ activityTaskStartedEventAttributes: attributes }) => attributes?.attempt),
    failed: all.filter((event) => ofPushes(event.activityTaskFailedEventAttributes)).length,
    inQueueMs: atOf(started[0]) - atOf(pushes[0]),
    mayBeRepeated: pushes.some(
      ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.retryPolicy?.maximumAttempts !== 1,
    ),
  };
}

function atOf(event: temporal.api.history.v1.IHistoryEvent | undefined): number {
  return Number(event?.eventTime?.seconds) * 1_000 + (event?.eventTime?.nanos ?? 0) / 1_000_000;
}

describe('an attempt', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness({ encryption: 'off', settings: quickSettings({ responseTimeoutMs: 10_000 }) });
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  const operations = () => harness.simulators.oracleORC.requests.map(({ operation }) => operation);
  const creates = () => operations().filter((operation) => operation === 'create');
  const start = () => harness.client.oracleORC.startPushProfile(uniqueRequest(harness, 'oracleORC') as never);

  /** Returns the id of the attempt in progress. */
  async function pendingAttempt(handle: WorkflowHandle) {
    const { workflowService, options } = harness.context.temporal;
    const [pending] = (await handle.describe()).raw.pendingActivities ?? [];
    const { namespace } = options;
    return {
      workflowService,
      attempt: { namespace, execution: { workflowId: handle.workflowId }, id: pending?.activityId ?? '' },
    };
  }

  async function reset(handle: WorkflowHandle): Promise<void> {
    const { workflowService, attempt } = await pendingAttempt(handle);
    await workflowService.resetActivity(attempt);
  }

  it('that an operator resets in Temporal before its first byte is not sent, and the next one delivers', async () => {
    const worker = await harness.startWorker();
    const { files, oracleORC } = harness.simulators;
    files.faults.add({ fault: { kind: 'delay', ms: 60_000 } });
    const handle = await start();
    await until('the attachment', () => files.requests.length > 0);
    await reset(handle);
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created' }] });
    expect(operations()).toEqual(['create']);
    expect(oracleORC.candidates).toHaveLength(1);
    expect(await attemptsOf(handle)).toMatchObject({ failed: 1, numbers: [1, 1], mayBeRepeated: false });
    await worker.stop();
  });

  it('that an operator resets in Temporal after its first byte finishes its create', async () => {
    const worker = await harness.startWorker();
    const { oracleORC } = harness.simulators;
    oracleORC.faults.add({ operation: 'create', fault: { kind: 'delay', ms: 6_000, commit: 'after' } });
    const handle = await start();
    await until('the create', () => creates().length === 1);
    await reset(handle);
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created' }] });
    expect(oracleORC.candidates).toHaveLength(1);
    expect(await attemptsOf(handle)).toMatchObject({ failed: 0, numbers: [1] });
    await worker.stop();
  });

  it('that Temporal is made to retry sends nothing before a lookup', async () => {
    const deaf = await startDeafWorker(harness);
    const handle = await start();
    await until('the attempt', async () => {
      const { raw } = await handle.describe();
      return raw.pendingActivities?.some(({ activityType }) => activityType?.name === 'pushApplicant') ?? false;
    });
    const { workflowService, attempt } = await pendingAttempt(handle);
    await workflowService.updateActivityOptions({
      ...attempt,
      activityOptions: { retryPolicy: { maximumAttempts: 3 } },
      updateMask: { paths: ['retryPolicy.maximumAttempts'] },
    });
    await deaf.stop();
    const worker = await harness.startWorker();
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created' }] });
    expect(operations()[0]).toBe('search');
    expect(creates()).toHaveLength(1);
    expect(await attemptsOf(handle)).toMatchObject({ failed: 1, numbers: [2, 1] });
    await worker.stop();
  });
});

describe('an attempt that waits in the queue longer than its window', () => {
  const WINDOW_MS = 3_000;
  let harness: Harness;

  beforeAll(async () => {
    const quick = quickSettings({ connectTimeoutMs: 1_000, responseTimeoutMs: 1_000 });
    const { hrflow } = quickSettings({ responseTimeoutMs: 60_000 }).connectors;
    harness = await startHarness({ settings: { connectors: { ...quick.connectors, hrflow } } });
    await harness.startWorker({ worker: { maxConcurrentActivityTaskExecutions: 1 } });
  });
  afterAll(() => harness.close());

  it('is sent anyway, since its window starts when the server starts it', async () => {
    const { hrflow, oracleORC } = harness.simulators;
    const first = await harness.client.oracleORC.startPushProfile(uniqueRequest(harness, 'oracleORC') as never);
    hrflow.faults.add({ operation: 'read', times: 3, fault: { kind: 'delay', ms: WINDOW_MS } });
    const others = [];
    for (let count = 0; count < 4; count += 1) {
      others.push(await harness.client.oracleORC.startPushProfile(uniqueRequest(harness, 'oracleORC') as never));
    }
    const handles = [first, ...others];
    for (const handle of handles) expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created' }] });
    expect(oracleORC.candidates).toHaveLength(handles.length);
    const attempts = await Promise.all(handles.map(attemptsOf));
    expect(Math.max(...attempts.map(({ inQueueMs }) => inQueueMs))).toBeGreaterThan(WINDOW_MS);
    for (const attempt of attempts) expect(attempt).toMatchObject({ failed: 0, numbers: [1] });
  });
});
