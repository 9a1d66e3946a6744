import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { type Delivery } from '../../../src/protocol/delivery';
import { sendWindowMs, stragglerWindowMs } from '../../../src/protocol/timing';
import {
  atOf,
  endOf,
  eventOf,
  GrpcFailure,
  OWN_RUN_ID,
  RECORDINGS,
  RecordedServer,
  recording,
  makeUnreadable,
  runIdOf,
  runOf,
  type Recording,
} from '../../support/recorded-runs';
import { RECALL_SCENARIOS } from '../../support/recall-scenarios';
import { quickSettings } from '../../support/settings';
import { OWN_NUMBERS, recall, recallEnvironment, type Asked } from './recall-support';
import { failureOf } from '../activities/support';

/** How long an attempt of the recorded runs may still be at work after its loss was seen. */
const quick = quickSettings().connectors.oracleORC;
const STRAGGLE_MS = stragglerWindowMs({
  ...OWN_NUMBERS,
  sendWindowMs: sendWindowMs(quick),
  responseTimeoutMs: quick.responseTimeoutMs,
});
/** The clock of a run is that of its workflow tasks, and the reader's is that of events. */
const BETWEEN_CLOCKS_MS = 5_000;

async function recalled(name: string, asked: Asked = {}): Promise<Delivery> {
  const recorded = recording(name);
  return (await recall(new RecordedServer(recorded), recorded, asked)).delivery;
}

const KEYS = { email: expect.any(String), lastName: expect.any(String) };

/** As after an attempt that was lost at the moment of asking: for how long it may be at work nobody knows better. */
function expectUnknownFromNow(delivery: Delivery, before: number): void {
  const since = expect.any(Number);
  expect(delivery).toMatchObject({
    applicant: 'unknown',
    sent: true,
    everUnknown: true,
    unknownSince: since,
    lookupKeys: null,
  });
  const straggle = stragglerWindowMs(OWN_NUMBERS);
  expect(delivery.unknownSince).toBeGreaterThanOrEqual(before + straggle);
  expect(delivery.unknownSince).toBeLessThanOrEqual(Date.now() + straggle);
  expect(delivery.attemptedAt).toBe(delivery.unknownSince);
}

describe('recall reads', () => {
  it('a recording of every scenario', () => {
    expect([...RECORDINGS].sort()).toEqual(RECALL_SCENARIOS.map(({ name }) => name).sort());
  });

  it.each<[string, Partial<Record<keyof Delivery, unknown>>]>([
    ['created', { applicant: 'there', deliveredAs: 'created', sent: true, atsId: expect.any(String) }],
    ['refused', { applicant: 'absent', sent: true, everUnknown: false }],
    ['failed-unknown', { applicant: 'unknown', sent: true, everUnknown: true, lookupKeys: expect.anything() }],
    ['cancelled-with-the-create-under-way', { applicant: 'there', deliveredAs: 'created', enriched: false }],
    ['terminated-before-anything-was-sent', { applicant: 'absent', sent: false, everUnknown: false }],
    ['cancelled-before-anything-was-sent', { applicant: 'absent', sent: false, everUnknown: false }],
    ['terminated-with-the-create-under-way', { applicant: 'unknown', sent: true, everUnknown: true, lookupKeys: KEYS }],
    ['timed-out-with-the-create-under-way', { applicant: 'unknown', sent: true, everUnknown: true, lookupKeys: KEYS }],
    [
      'terminated-after-the-heartbeat-was-lost',
      { applicant: 'unknown', sent: true, everUnknown: true, lookupKeys: KEYS },
    ],
    ['terminated-while-unknown', { applicant: 'unknown', sent: true, everUnknown: true, lookupKeys: KEYS }],
    [
      'terminated-after-a-lookup-found-nothing',
      { applicant: 'absent', sent: true, everUnknown: true, unknownSince: null },
    ],
    ['terminated-while-enriching', { applicant: 'there', deliveredAs: 'created', enriched: false }],
    [
      'terminated-while-enriching-whom-a-lookup-found',
      { applicant: 'there', deliveredAs: 'already_there', everUnknown: true },
    ],
    [
      'terminated-after-it-was-resolved-as-delivered',
      { applicant: 'there', deliveredAs: 'already_there', atsId: '300000123', sent: true },
    ],
    ['terminated-after-it-was-resolved-as-not-delivered', { applicant: 'absent', sent: true, everUnknown: true }],
    ['continued-while-unknown', { applicant: 'unknown', sent: true, everUnknown: true, lookupKeys: KEYS }],
    ['continued-after-a-lookup-found-nothing', { applicant: 'absent', sent: true, everUnknown: true }],
    ['refused-then-terminated-with-the-create-under-way', { applicant: 'unknown', sent: true, lookupKeys: KEYS }],
    ['unknown-then-terminated-after-its-recall', { applicant: 'unknown', sent: true, lookupKeys: KEYS }],
    ['terminated-before-its-recall', { applicant: 'unknown', sent: true, lookupKeys: KEYS }],
    ['created-then-again-that-sent-nothing', { applicant: 'there', deliveredAs: 'created', secondApplication: null }],
    [
      'created-then-again-that-is-unknown',
      {
        applicant: 'unknown',
        lookupKeys: KEYS,
        secondApplication: {
          matchesBefore: [expect.any(String)],
          earlier: expect.objectContaining({ applicant: 'there', deliveredAs: 'created' }),
        },
      },
    ],
    ['another-push-under-the-same-name', { applicant: 'there', deliveredAs: 'created' }],
  ])('%s', async (name, known) => {
    expect(await recalled(name)).toMatchObject(known);
  });

  it('with the timing of its own worker', async () => {
    const recorded = recording('created');
    const { timing } = await recall(new RecordedServer(recorded), recorded);
    expect(timing).toEqual(OWN_NUMBERS);
  });

  it.each(['terminated-with-the-create-under-way', 'timed-out-with-the-create-under-way'])(
    'an attempt that has not ended as unknown from the end of its run, its window and its answer on: %s',
    async (name) => {
      const run = runOf(recording(name), 0);
      const { unknownSince, attemptedAt } = await recalled(name);
      expect(unknownSince).toBe(endOf(run) + STRAGGLE_MS);
      expect(attemptedAt).toBe(unknownSince);
    },
  );

  it('an attempt whose heartbeat was lost as unknown from that moment, its window and its answer on', async () => {
    const name = 'terminated-after-the-heartbeat-was-lost';
    const lost = eventOf(runOf(recording(name), 0), 'activityTaskTimedOutEventAttributes');
    expect((await recalled(name)).unknownSince).toBe(atOf(lost) + STRAGGLE_MS);
  });

  it('an attempt that ended unknown as such from its end on', async () => {
    const name = 'terminated-while-unknown';
    const failed = eventOf(runOf(recording(name), 0), 'activityTaskFailedEventAttributes');
    expect((await recalled(name)).unknownSince).toBe(atOf(failed));
  });

  it('the moment of the first attempt', async () => {
    const name = 'terminated-with-the-create-under-way';
    const run = runOf(recording(name), 0);
    const { firstAttemptAt } = await recalled(name);
    expect(firstAttemptAt).toBeGreaterThan(endOf(run) - 60_000);
    expect(firstAttemptAt).toBeLessThan(endOf(run));
  });

  it('what a run carried into a new history, times and keys included', async () => {
    const recorded = recording('continued-while-unknown');
    const first = runOf(recorded, 0);
    const { unknownSince } = await recalled('continued-while-unknown');
    const failed = eventOf(first, 'activityTaskFailedEventAttributes');
    expect(Math.abs((unknownSince ?? 0) - atOf(failed))).toBeLessThan(BETWEEN_CLOCKS_MS);
    expect(unknownSince).toBeLessThan(endOf(first));
    const started = eventOf(runOf(recorded, -1), 'workflowExecutionStartedEventAttributes');
    expect(started.workflowExecutionStartedEventAttributes?.continuedExecutionRunId).not.toBe('');
  });

  it.each(['unknown-then-terminated-after-its-recall', 'terminated-before-its-recall'])(
    'in the newest run what it had recalled itself, else the run before it: %s',
    async (name) => {
      const first = runOf(recording(name), 0);
      expect((await recalled(name)).unknownSince).toBe(endOf(first) + STRAGGLE_MS);
    },
  );

  it('of two pushes under one name only its own', async () => {
    const recorded = recording('another-push-under-the-same-name');
    const server = new RecordedServer(recorded);
    const identity = await otherIdentity(server, recorded);
    const [ours, theirs] = [await recall(server, recorded), await recall(server, recorded, { identity })];
    expect(ours.delivery.atsId).not.toBe(theirs.delivery.atsId);
    expect(theirs.delivery.applicant).toBe('there');
    const nobody = await recall(server, recorded, { identity: 'f'.repeat(64) });
    expect(nobody.delivery.applicant).toBe('unknown');
  });

  async function otherIdentity(server: RecordedServer, recorded: Recording): Promise<string> {
    const { workflowId } = recorded;
    const { memo } = await server.client.workflow.getHandle(workflowId, runIdOf(runOf(recorded, -1))).describe();
    return String(memo?.['identity']);
  }
});

describe('recall and the list of runs', () => {
  let recorded: Recording;
  let server: RecordedServer;

  beforeEach(() => open('refused-then-terminated-with-the-create-under-way'));
  afterEach(() => expect(server.calls.every(({ name }) => !name.startsWith('Start'))).toBe(true));

  function open(name: string): void {
    recorded = recording(name);
    server = new RecordedServer(recorded);
  }

  const lists = () => server.calls.filter(({ name }) => name === 'ListWorkflowExecutions').length;
  const unlisted = (runId: string) => {
    const all = server.listed;
    server.listed = all.filter(({ execution }) => execution?.runId !== runId);
    server.before = () => {
      if (lists() === 3) server.listed = all;
    };
  };

  it('reads the newest run, and no other where that one has something to say', async () => {
    await recall(server, recorded);
    const read = new Set(server.calls.flatMap(({ runId }) => runId ?? []));
    expect([...read]).toEqual([runIdOf(runOf(recorded, 1))]);
  });

  it('takes the order of starting for newest, not that of the list', async () => {
    server.listed.reverse();
    expect((await recall(server, recorded)).delivery.applicant).toBe('unknown');
  });

  it('waits until its own run is listed', async () => {
    unlisted(OWN_RUN_ID);
    expect((await recall(server, recorded)).delivery.unknownSince).toBe(endOf(runOf(recorded, 1)) + STRAGGLE_MS);
    expect(lists()).toBe(3);
  });

  it('waits until the run that the client read is listed', async () => {
    unlisted(runIdOf(runOf(recorded, 1)));
    expect((await recall(server, recorded)).delivery.unknownSince).toBe(endOf(runOf(recorded, 1)) + STRAGGLE_MS);
    expect(lists()).toBe(3);
  });

  it('waits for none where the client read none', async () => {
    expect((await recall(server, recorded, { previousRunId: null })).delivery.applicant).toBe('unknown');
    expect(lists()).toBe(1);
  });

  it('is cancelled while it waits', async () => {
    unlisted(OWN_RUN_ID);
    const env = recallEnvironment(server, recorded);
    const running = recall(server, recorded, {}, env);
    env.cancel();
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
  });

  it('takes runs whatever status the list shows', async () => {
    const { WORKFLOW_EXECUTION_STATUS_RUNNING, WORKFLOW_EXECUTION_STATUS_COMPLETED } =
      temporal.api.enums.v1.WorkflowExecutionStatus;
    for (const status of [WORKFLOW_EXECUTION_STATUS_RUNNING, WORKFLOW_EXECUTION_STATUS_COMPLETED]) {
      server.listed = server.listed.map((each) => ({ ...each, status }));
      expect((await recall(server, recorded)).delivery.applicant).toBe('unknown');
    }
  });

  it('reads no run that was started after its own', async () => {
    const [own, ...earlier] = server.listed;
    server.listed = [{ ...own, startTime: earlier.at(-1)?.startTime ?? null }, ...earlier];
    runOf(recorded, 0).info.startTime = runOf(recorded, 1).info.startTime ?? null;
    const before = Date.now();
    expectUnknownFromNow((await recall(server, recorded)).delivery, before);
    expect(server.calls.every(({ runId }) => runId === null)).toBe(true);
  });

  it('reads lists and histories page by page', async () => {
    server.pageSize = 1;
    expect((await recall(server, recorded)).delivery.unknownSince).toBe(endOf(runOf(recorded, 1)) + STRAGGLE_MS);
  });

  it('knows nothing where the newest run is deleted, whatever an older one says', async () => {
    server.runs.delete(runIdOf(runOf(recorded, 1)));
    const before = Date.now();
    expectUnknownFromNow((await recall(server, recorded)).delivery, before);
  });

  it('does not wait for the run that the client read where that one is deleted', async () => {
    server.listed = server.listed.filter(({ execution }) => execution?.runId !== runIdOf(runOf(recorded, 1)));
    server.runs.delete(runIdOf(runOf(recorded, 1)));
    const before = Date.now();
    expectUnknownFromNow((await recall(server, recorded)).delivery, before);
    expect(lists()).toBe(1);
  });

  it('knows nothing where no run is left', async () => {
    server.listed = server.listed.slice(0, 1);
    const before = Date.now();
    expectUnknownFromNow((await recall(server, recorded, { previousRunId: null })).delivery, before);
  });

  it('knows nothing where the newest run cannot be decoded', async () => {
    const started = eventOf(runOf(recorded, 1), 'workflowExecutionStartedEventAttributes');
    makeUnreadable(started.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]);
    const before = Date.now();
    expectUnknownFromNow((await recall(server, recorded)).delivery, before);
  });

  it('is not hindered by an older run whose memo cannot be decoded', async () => {
    makeUnreadable(runOf(recorded, 0).info.memo?.fields?.['identity']);
    expect((await recall(server, recorded)).delivery.unknownSince).toBe(endOf(runOf(recorded, 1)) + STRAGGLE_MS);
  });

  it.each(['ListWorkflowExecutions', 'DescribeWorkflowExecution', 'GetWorkflowExecutionHistory'])(
    'asks again where the server does not answer %s, and believes nothing meanwhile',
    async (name) => {
      for (const code of [4, 8, 13, 14]) {
        server.before = (call) => {
          if (call.name === name) throw new GrpcFailure(code, 'not now');
        };
        const { failure, problem } = await failureOf(recall(server, recorded));
        expect(failure.nonRetryable).toBe(false);
        expect(problem).toMatchObject({ type: 'unavailable', stage: 'recall', whoMustAct: 'operator' });
      }
      server.before = () => undefined;
      expect((await recall(server, recorded)).delivery.unknownSince).toBe(endOf(runOf(recorded, 1)) + STRAGGLE_MS);
    },
  );

  it('does not ask again where the worker may not ask, and says what it needs', async () => {
    server.before = () => {
      throw new GrpcFailure(7, 'no');
    };
    const { failure, problem } = await failureOf(recall(server, recorded));
    expect(failure.nonRetryable).toBe(true);
    expect(problem.nextStep).toContain('Allow the worker');
  });

  describe('of a chain of new histories', () => {
    beforeEach(() => open('continued-while-unknown'));

    it('reads the newest link only', async () => {
      await recall(server, recorded);
      expect(new Set(server.calls.flatMap(({ runId }) => runId ?? []))).toEqual(
        new Set([runIdOf(runOf(recorded, -1))]),
      );
    });

    it.each([
      ['is not listed yet', () => server.listed.splice(1, 1)],
      [
        'is told by a server that does not name the first run',
        () => server.listed.forEach((each) => (each.firstRunId = '')),
      ],
    ])('reads the newest link where it %s', async (_name, change) => {
      change();
      const { delivery } = await recall(server, recorded, { previousRunId: runIdOf(runOf(recorded, 0)) });
      expect(delivery).toMatchObject({ applicant: 'unknown', lookupKeys: KEYS });
      expect(server.calls.at(-1)?.runId).toBe(runIdOf(runOf(recorded, -1)));
    });

    it('knows nothing where the newest link is deleted', async () => {
      server.listed.splice(1, 1);
      server.runs.delete(runIdOf(runOf(recorded, -1)));
      const before = Date.now();
      expectUnknownFromNow((await recall(server, recorded, { previousRunId: null })).delivery, before);
    });

    it('leaves out the links of its own chain', async () => {
      for (const each of server.listed) each.firstRunId = runIdOf(runOf(recorded, 0));
      const before = Date.now();
      expectUnknownFromNow((await recall(server, recorded)).delivery, before);
    });
  });
});
