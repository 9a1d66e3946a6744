import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { ActivityCancellationDetails } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { attemptStartedAt } from '../../../src/activities/attempt-start';
import { StepError } from '../../../src/protocol/errors';
import {
  GrpcFailure,
  RecordedServer,
  recording,
  runIdOf,
  runOf,
  type PendingActivity,
} from '../../support/recorded-runs';
import {
  CONNECTORS,
  environment,
  failureOf,
  run,
  runIn,
  startBench,
  until,
  type Bench,
  type ConnectorName,
} from './support';

const CONNECT_TIMEOUT_MS = 10_000;
const ACTIVITY_ID = '4';
/** Half a second before "now", as a worker sees an attempt that was given to it at once. */
const AT_ONCE_MS = 500;
const IN_THE_QUEUE_MS = 60_000;

describe('the time at which an attempt began', () => {
  const now = Date.now();
  let server: RecordedServer;

  beforeEach(() => {
    jest.spyOn(Date, 'now').mockReturnValue(now);
    server = openServer();
  });
  afterEach(() => {
    jest.restoreAllMocks();
  });

  /** A run that is under way, whose attempt began three seconds ago. */
  function openServer(changes: Partial<PendingActivity> = {}): RecordedServer {
    const recorded = recording('created');
    const opened = runOf(recorded, 0);
    opened.info.status = temporal.api.enums.v1.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_RUNNING;
    opened.pendingActivities = [
      { activityId: '3', attempt: 1, lastStartedTime: stamp(now - 50_000) },
      { activityId: ACTIVITY_ID, attempt: 1, lastStartedTime: stamp(now - 3_000), ...changes },
    ];
    return new RecordedServer(recorded);
  }

  function startedAt(waitedMs: number, attempt = 1): Promise<number> {
    const recorded = recording('created');
    const info = {
      attempt,
      activityId: ACTIVITY_ID,
      workflowExecution: { workflowId: recorded.workflowId, runId: runIdOf(runOf(recorded, 0)) },
      currentAttemptScheduledTimestampMs: now - waitedMs,
    };
    const logger = new DefaultLogger('ERROR', () => undefined);
    const env = new MockActivityEnvironment(info, { client: server.client, logger });
    return env.run<[], number, () => Promise<number>>(() => attemptStartedAt(CONNECT_TIMEOUT_MS));
  }

  async function expectNotSent(waitedMs: number): Promise<void> {
    const thrown: unknown = await startedAt(waitedMs).catch((error: unknown) => error);
    if (!(thrown instanceof StepError)) throw new Error('the attempt was not refused');
    expect(thrown.facts).toMatchObject({
      type: 'unavailable',
      retryable: true,
      message: expect.stringContaining('nothing was sent'),
    });
  }

  it.each([0, AT_ONCE_MS, CONNECT_TIMEOUT_MS])(
    'is that of its scheduling after %d ms, without asking',
    async (waitedMs) => {
      expect(await startedAt(waitedMs)).toBe(now - waitedMs);
      expect(server.calls).toEqual([]);
    },
  );

  it.each([CONNECT_TIMEOUT_MS + 1, IN_THE_QUEUE_MS])("is the server's after %d ms in the queue", async (waitedMs) => {
    expect(await startedAt(waitedMs)).toBe(now - 3_000);
  });

  it('is not known, so nothing is sent, where the server does not list the attempt any more', async () => {
    server = openServer({ activityId: '5' });
    await expectNotSent(IN_THE_QUEUE_MS);
  });

  it('is not known, so nothing is sent, where the server lists it as not begun', async () => {
    server = openServer({ lastStartedTime: null });
    await expectNotSent(IN_THE_QUEUE_MS);
  });

  it('is not known, so nothing is sent, where another attempt has taken its place', async () => {
    server = openServer({ attempt: 2 });
    await expectNotSent(IN_THE_QUEUE_MS);
  });

  it('is not known, so nothing is sent, where the run is closed', async () => {
    for (const each of server.runs.values()) {
      each.info.status = temporal.api.enums.v1.WorkflowExecutionStatus.WORKFLOW_EXECUTION_STATUS_TERMINATED;
    }
    await expectNotSent(IN_THE_QUEUE_MS);
  });

  it('is not known, so nothing is sent, where the run is gone', async () => {
    server.runs.clear();
    await expectNotSent(IN_THE_QUEUE_MS);
  });

  it('is not known, so nothing is sent, where the server does not answer', async () => {
    server.before = () => {
      throw new GrpcFailure(14, 'not now');
    };
    await expectNotSent(IN_THE_QUEUE_MS);
  });

  it('may lie in the future by the skew of the clocks, and not by more', async () => {
    expect(await startedAt(-5_000)).toBe(now + 5_000);
    await expectNotSent(-5_001);
    server = openServer({ lastStartedTime: stamp(now + 5_000) });
    expect(await startedAt(IN_THE_QUEUE_MS)).toBe(now + 5_000);
    server = openServer({ lastStartedTime: stamp(now + 5_001) });
    await expectNotSent(IN_THE_QUEUE_MS);
  });
});

function stamp(ms: number) {
  return temporal.api.workflow.v1.PendingActivityInfo.fromObject({
    lastStartedTime: { seconds: Math.floor(ms / 1_000), nanos: (ms % 1_000) * 1_000_000 },
  }).lastStartedTime;
}

describe.each(CONNECTORS)('an attempt at %s', (connector) => {
  let bench: Bench;

  beforeAll(async () => {
    bench = await startBench();
  });
  afterEach(() => {
    jest.restoreAllMocks();
    bench.reset();
  });
  afterAll(() => bench.close());

  async function attempt() {
    const target = bench.target(connector);
    const { document } = await bench.documents(target);
    if (!document) throw new Error('there is no document');
    return () => bench.activities.pushApplicant({ ...target, document, timing: bench.timing(connector) });
  }

  const creates = (name: ConnectorName) =>
    bench.simulators[name].requests.filter(({ operation }) => operation === 'create');

  it.each([
    ['is set back by more than the skew', -6_000],
    ['is set forward beyond its window', 6_000],
  ])('whose clock %s while its attachment is fetched sends nothing', async (_name, stepMs) => {
    bench.simulators.files.faults.add({ fault: { kind: 'delay', ms: 100 } });
    const running = run(await attempt());
    await until(() => bench.simulators.files.requests.length > 0);
    const realNow = Date.now.bind(Date);
    jest.spyOn(Date, 'now').mockImplementation(() => realNow() + stepMs);
    const { end, problem } = await failureOf(running);
    expect(end.verdict).toBe('not_sent');
    expect(problem).toMatchObject({ type: 'unavailable', whoMustAct: 'operator' });
    expect(creates(connector)).toEqual([]);
  });

  it.each([
    ['reset', { reset: true }],
    ['paused', { paused: true }],
  ])('that is %s before its first byte is not sent, and not cancelled', async (_name, details) => {
    bench.simulators.files.faults.add({ fault: { kind: 'delay', ms: 5_000 } });
    const env = environment();
    const running = runIn(env, await attempt());
    await until(() => bench.simulators.files.requests.length > 0);
    env.cancel('CANCELLED', new ActivityCancellationDetails(details));
    expect((await failureOf(running)).end).toMatchObject({ verdict: 'not_sent', sent: false });
    expect(creates(connector)).toEqual([]);
  });

  it('that was repeated from outside sends nothing and is unknown', async () => {
    const { end, problem } = await failureOf(run(await attempt(), { attempt: 2 }));
    expect(end).toMatchObject({ verdict: 'unknown', sent: true });
    expect(problem.message).toContain('restarted from outside');
    expect(creates(connector)).toEqual([]);
  });
});
