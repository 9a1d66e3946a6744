import { describe, expect, it } from '@jest/globals';
import {
  apply,
  initialState,
  NOTHING_SENT,
  type PushOptions,
  type Delivery,
  type Problem,
  type PushState,
} from '../../../src/protocol/delivery';
import { type Timing } from '../../../src/protocol/timing';
import { knowledgeOf, resultOf } from '../../../src/protocol/result';
import type { RunEvents, RunResult } from '../../../src/protocol/messages';

const ASK: PushOptions = {
  create: true,
  enrich: true,
  lookupFirst: false,
  again: false,
  onFailure: 'fail',
  holdForMs: 1_000,
};
const TIMING: Timing = {
  connectTimeoutMs: 1,
  responseTimeoutMs: 1,
  sendWindowMs: 3,
  settleMs: 10,
  retryInitialMs: 1,
  retryMaximumMs: 1,
  giveUpAfterMs: 10,
  repeatEnrichment: true,
};

const problem = (stage: Problem['stage'], reason: Problem['reason'], type: Problem['type'] = 'refused'): Problem => ({
  type,
  reason,
  stage,
  message: 'in words',
  whoMustAct: 'user',
  nextStep: 'fix it',
});

const prepared = (ask: Partial<PushOptions> = {}): PushState =>
  apply(initialState({ ...ASK, ...ask }, true), {
    type: 'prepareFinished',
    timing: TIMING,
    lookupKeys: { email: 'a@b' },
    now: 0,
  });
const attempted = (run: PushState, verdict: Parameters<typeof apply>[1] & { type: 'attemptFinished' }): PushState =>
  apply(apply(run, { type: 'stepStarted', step: 'push', now: 0 }), verdict);
const created = (run: PushState): PushState =>
  attempted(run, { type: 'attemptFinished', verdict: { verdict: 'created', atsId: '7' }, now: 1, jitter: 0 });
const troubled = (run: PushState, trouble: Problem): RunResult =>
  resultOf(apply(run, { type: 'stepFailed', problem: trouble }), 'key', trouble);

function recalledUnknown(): PushState {
  const delivery: Delivery = {
    ...NOTHING_SENT,
    applicant: 'unknown',
    sent: true,
    everUnknown: true,
    unknownSince: 0,
    firstAttemptAt: 0,
  };
  return apply(initialState(ASK, false), { type: 'recallFinished', delivery, timing: TIMING });
}

function settled(): PushState {
  const answer = { answer: 'found', matches: [{ ref: '1', atsId: '7' }] } as const;
  return apply(recalledUnknown(), { type: 'lookupFinished', purpose: 'settle', afterSettle: true, answer, now: 1 });
}

/** Section 5.1 of what is known of the Python library: the status that it derives from its counters. */
function statusOfTheReference(events: RunEvents): [RunResult['status'], string] {
  const { read_success, read_failure, format_failure, logics_discard, logics_failure, write_failure } = events;
  if (read_success === 0 && read_failure === 0) return ['success', ''];
  if (read_success === 0) return ['fatal', 'read_failure'];
  if (format_failure === read_success) return ['fatal', 'format_failure'];
  if (logics_failure === read_success - format_failure) return ['fatal', 'logics_failure'];
  const written = read_success - format_failure - logics_discard - logics_failure;
  if (write_failure > 0 && write_failure === written) return ['fatal', 'write_failure'];
  const failures = read_failure + format_failure + logics_failure + write_failure + events.callback_failure;
  return [failures > 0 ? 'success_with_failures' : 'success', ''];
}

const ENDS: Record<string, RunResult> = {
  'created and enriched': resultOf(apply(created(prepared()), { type: 'enrichmentFinished' }), 'key', null),
  'created, nothing more asked': resultOf(created(prepared({ enrich: false })), 'key', null),
  'created, not enriched': troubled(created(prepared()), problem('enrich', 'callback_failure', 'enrich')),
  discarded: resultOf(apply(initialState(ASK, true), { type: 'profileUnavailable', why: 'discarded' }), 'key', null),
  'not found': resultOf(apply(initialState(ASK, true), { type: 'profileUnavailable', why: 'not_found' }), 'key', null),
  'read failed': troubled(initialState(ASK, true), problem('fetchProfile', 'read_failure')),
  'logics failed': troubled(initialState(ASK, true), problem('applyLogics', 'logics_failure', 'logics')),
  'format failed': troubled(initialState(ASK, true), problem('format', 'format_failure', 'format')),
  'signing in failed': troubled(initialState(ASK, true), problem('authenticate', 'write_failure', 'auth')),
  refused: troubled(prepared(), problem('pushApplicant', 'write_failure')),
};

describe('the result of a run', () => {
  it.each(Object.entries(ENDS))(
    '"%s" has the status that the Python library derives from its counters',
    (_, result) => {
      expect([result.status, result.reason]).toEqual(statusOfTheReference(result.events));
    },
  );

  it('says both for a candidate that was created and not enriched', () => {
    expect(ENDS['created, not enriched']).toMatchObject({
      status: 'success_with_failures',
      events: { callback_executed: 1, callback_failure: 1 },
      items: [{ outcome: 'created', enriched: false, stage: 'enrich', ats_id: '7' }],
    });
  });

  it('leaves enriched empty only if no enrichment was requested', () => {
    expect(ENDS['created, nothing more asked']?.items[0]).toMatchObject({ enriched: null, stage: 'pushApplicant' });
    expect(ENDS['discarded']?.items[0]).toMatchObject({ enriched: false, outcome: 'discarded' });
  });

  it('counts nothing if the input was refused', () => {
    const refused = troubled(initialState(ASK, true), problem('fetchProfile', 'bad_action_parameters', 'input'));
    expect(refused).toMatchObject({ status: 'fatal', reason: 'bad_action_parameters' });
    expect(Object.values(refused.events)).toEqual(Array.from({ length: 9 }, () => 0));
  });

  it.each<[string, PushState]>([
    [
      'held before it knew what earlier runs did',
      apply(initialState(ASK, false), { type: 'stepFailed', problem: problem('recall', 'write_failure') }),
    ],
    ['cancelled before it began', apply(initialState(ASK, true), { type: 'cancellationReceived' })],
    ['settled by a lookup of what an earlier run had sent', settled()],
    ['resolved by an operator', apply(recalledUnknown(), { type: 'resolveAccepted', delivered: true, atsId: null })],
  ])('counts no read where the profile was not read: a run %s', (_, run) => {
    expect(resultOf(run, 'key', run.blockedBy).events).toMatchObject({ read_success: 0, read_failure: 0 });
  });

  it('counts a read once, across new histories and retries', () => {
    const refused = apply(prepared(), { type: 'stepFailed', problem: problem('pushApplicant', 'write_failure') });
    const retried = apply(refused, { type: 'retryAccepted', options: { enrich: true }, corrected: true });
    const events = [
      refused,
      apply(refused, { type: 'historyChanged' }),
      retried,
      apply(retried, { type: 'historyChanged' }),
    ].map((run) => resultOf(run, 'key', run.blockedBy).events.read_success);
    expect(events).toEqual([1, 1, 1, 1]);
  });

  it('calls an enrichment alone enriched, and never created', () => {
    const run = apply(prepared({ create: false }), { type: 'enrichmentFinished' });
    expect(resultOf(run, 'key', null).items[0]).toMatchObject({ outcome: 'enriched', enriched: true });
  });
});

describe('what a run leaves behind for a later one', () => {
  it('holds the keys of a lookup only while one may be needed', () => {
    const unknown = attempted(prepared(), {
      type: 'attemptFinished',
      verdict: { verdict: 'unknown', problem: problem('pushApplicant', 'write_failure', 'unavailable') },
      now: 1,
      jitter: 0,
    });
    expect(knowledgeOf(unknown).delivery.lookupKeys).toEqual({ email: 'a@b' });
    expect(knowledgeOf(created(prepared())).delivery.lookupKeys).toBeNull();
  });

  it('says nothing before it knows what earlier runs did', () => {
    expect(knowledgeOf(initialState(ASK, false)).conclusive).toBe(false);
  });
});
