import { describe, expect, test } from '@jest/globals';
import {
  apply,
  decide,
  isHeld,
  initialState,
  NOTHING_SENT,
  outcomeOf,
  refuseAbandon,
  refuseResolve,
  refuseRetry,
  retryReason,
  isConclusive,
  type PushOptions,
  type AttemptVerdict,
  type Command,
  type Delivery,
  type Event,
  type LookupAnswer,
  type LookupPurpose,
  type Problem,
  type PushState,
} from '../../../src/protocol/delivery';
import { ATS_SKEW_MS, CLOCK_SKEW_MS, type Timing } from '../../../src/protocol/timing';
import { problem } from './model/world';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const TIMING: Timing = {
  connectTimeoutMs: 10_000,
  responseTimeoutMs: MINUTE,
  sendWindowMs: 130_000,
  settleMs: 5 * MINUTE,
  retryInitialMs: 1_000,
  retryMaximumMs: 5 * MINUTE,
  giveUpAfterMs: 24 * HOUR,
  repeatEnrichment: true,
};
const KEYS = { email: 'ada@example.test' };
const NOTHING: LookupAnswer = { answer: 'not_found' };
const CANNOT: LookupAnswer = { answer: 'unavailable', problem: problem('auth', 'no right to search') };
const CREATED: AttemptVerdict = { verdict: 'created', atsId: '42' };
const UNKNOWN: AttemptVerdict = { verdict: 'unknown', problem: problem('unavailable', 'the answer was 500') };
const REFUSED: AttemptVerdict = { verdict: 'refused', sent: true, problem: problem('refused', 'no such vacancy') };
const DUPLICATE: AttemptVerdict = { verdict: 'duplicate', problem: problem('refused', 'exists already') };

function ask(changes: Partial<PushOptions> = {}): PushOptions {
  const plain: PushOptions = {
    create: true,
    enrich: false,
    lookupFirst: false,
    again: false,
    onFailure: 'fail',
    holdForMs: HOUR,
  };
  return { ...plain, ...changes };
}

function after(run: PushState, ...events: Event[]): PushState {
  return events.reduce(apply, run);
}

function began(what: NonNullable<PushState['activeStep']>, now = NOW): Event {
  return { type: 'stepStarted', step: what, now };
}

const PREPARED: Extract<Event, { type: 'prepareFinished' }> = {
  type: 'prepareFinished',
  timing: TIMING,
  lookupKeys: KEYS,
  now: NOW,
};
const CANCEL: Event = { type: 'cancellationReceived' };
const RETRIED: Event = { type: 'retryAccepted', options: { enrich: false }, corrected: false };

function attempt(verdict: AttemptVerdict, now = NOW, jitter = 1): Event[] {
  return [began('push', now), { type: 'attemptFinished', verdict, now, jitter }];
}

function notSent(delayMs: number | null): AttemptVerdict {
  return { verdict: 'not_sent', delayMs, problem: problem('unavailable', 'the answer was 429') };
}

const LOST: Event = { type: 'attemptLost', problem: problem('unavailable', 'the heartbeat was lost'), now: NOW };

function looked(purpose: LookupPurpose, answer: LookupAnswer, afterSettle = true, now = NOW): Event {
  return { type: 'lookupFinished', purpose, afterSettle, answer, now };
}

function found(...refs: string[]): LookupAnswer {
  return { answer: 'found', matches: refs.map((ref) => ({ ref, atsId: `id-${ref}` })) };
}

function prepared(changes: Partial<PushOptions> = {}): PushState {
  return after(initialState(ask(changes), true), PREPARED);
}

function sent(verdict: AttemptVerdict, changes: Partial<PushOptions> = {}): PushState {
  return after(prepared(changes), ...attempt(verdict));
}

/** A further run that has learned what the push did before. */
function recalled(delivery: Partial<Delivery>, changes: Partial<PushOptions> = {}): PushState {
  const known: Delivery = { ...NOTHING_SENT, ...delivery };
  return after(initialState(ask(changes), false), { type: 'recallFinished', delivery: known, timing: TIMING });
}

function held(run: PushState): PushState {
  return after(run, { type: 'holdStarted', now: NOW });
}

/** What a run commands when every step goes well. */
function commands(run: PushState): Command['do'][] {
  const good: Partial<Record<Command['do'], Event[]>> = {
    recall: [{ type: 'recallFinished', delivery: NOTHING_SENT, timing: TIMING }],
    prepare: [PREPARED],
    push: attempt(CREATED),
    enrich: [began('enrich'), { type: 'enrichmentFinished' }],
  };
  const command = decide(run, NOW);
  const events = good[command.do];
  return events ? [command.do, ...commands(after(run, ...events))] : [command.do];
}

/** Answers every lookup until the run does something else; the times at which a lookup was started. */
function lookups(
  run: PushState,
  answer: LookupAnswer,
): { times: number[]; lasts: boolean[]; end: PushState; now: number } {
  const [times, lasts] = [new Array<number>(), new Array<boolean>()];
  let [end, now] = [run, NOW];
  for (;;) {
    const command = decide(end, now);
    if (command.do === 'wait') now = command.until;
    else if (command.do !== 'lookup') return { times, lasts, end, now };
    else {
      times.push(now);
      lasts.push(command.afterSettle);
      end = after(end, began('lookup', now), looked(command.purpose, answer, command.afterSettle, now));
    }
  }
}

describe('when nothing goes wrong', () => {
  test('a push is prepared, sent and done', () => {
    expect(commands(initialState(ask(), true))).toEqual(['prepare', 'push', 'end']);
    const run = sent(CREATED);
    expect(decide(run, NOW)).toEqual({ do: 'end', as: 'done' });
    expect(outcomeOf(run)).toBe('created');
    expect(run.delivery).toMatchObject({ atsId: '42', sent: true, lookupKeys: null });
  });

  test('the enrichment follows the create', () => {
    expect(commands(initialState(ask({ enrich: true }), true))).toEqual(['prepare', 'push', 'enrich', 'end']);
  });

  test('a further run recalls first', () => {
    expect(commands(initialState(ask(), false))).toEqual(['recall', 'prepare', 'push', 'end']);
  });

  test('enrichProfile never creates', () => {
    const run = initialState(ask({ create: false, enrich: true }), true);
    expect(commands(run)).toEqual(['prepare', 'enrich', 'end']);
    expect(outcomeOf(after(run, PREPARED, began('enrich'), { type: 'enrichmentFinished' }))).toBe('enriched');
    expect(outcomeOf(initialState(ask({ create: false, enrich: true }), false))).toBe('unknown');
  });
});

describe('an attempt that was not sent', () => {
  test('is retried when the ATS says so', () => {
    const run = sent(notSent(90_000));
    expect(decide(run, NOW)).toEqual({ do: 'wait', until: NOW + 90_000, why: expect.any(String) });
    expect(decide(run, NOW + 90_000)).toEqual({ do: 'push' });
    expect(run.delivery).toMatchObject({ applicant: 'absent', sent: false, everUnknown: false });
  });

  test('is retried after pauses that double up to the maximum, with random jitter between half and full length', () => {
    const pauses = (jitter: number) => {
      let run = prepared();
      return Array.from({ length: 12 }, () => {
        run = after(run, ...attempt(notSent(null), NOW, jitter));
        return (run.wait?.until ?? 0) - NOW;
      });
    };
    expect(pauses(1).slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(pauses(0).slice(0, 3)).toEqual([500, 1_000, 2_000]);
    expect(pauses(1).at(-1)).toBe(TIMING.retryMaximumMs);
  });

  test('ends the run if the next one would start after giveUpAfterMs', () => {
    const run = sent(notSent(TIMING.giveUpAfterMs + 1));
    expect(decide(run, NOW)).toMatchObject({ do: 'end', as: 'failed', problem: { type: 'unavailable' } });
    expect(outcomeOf(run)).toBe('failed');
    expect(decide(sent(notSent(TIMING.giveUpAfterMs)), NOW)).toMatchObject({ do: 'wait' });
  });

  test('are limited', () => {
    let [run, now, attempts] = [prepared(), NOW, 0];
    for (let command = decide(run, now); command.do !== 'end'; command = decide(run, now)) {
      if (command.do === 'wait') now = command.until;
      else run = after(run, ...attempt(notSent(null), now, 0));
      attempts += command.do === 'push' ? 1 : 0;
    }
    expect(now - NOW).toBeLessThanOrEqual(TIMING.giveUpAfterMs);
    expect(attempts).toBeLessThan(1_000);
  });
});

describe('documents that are too old', () => {
  const LATER = NOW + 10 * MINUTE + 1;

  test('are prepared again before a create, because links to attachments expire', () => {
    expect(decide(prepared(), LATER - 1)).toEqual({ do: 'push' });
    expect(decide(prepared(), LATER)).toEqual({ do: 'prepare' });
    const outage = after(sent(notSent(4 * MINUTE)), ...attempt(notSent(4 * MINUTE), NOW + 4 * MINUTE));
    expect(decide(after(outage, ...attempt(notSent(4 * MINUTE), NOW + 8 * MINUTE)), NOW + 12 * MINUTE)).toEqual({
      do: 'prepare',
    });
  });

  test('serve an enrichment, which has no attachments', () => {
    expect(decide(sent(CREATED, { enrich: true }), LATER)).toEqual({ do: 'enrich' });
  });
});

describe('why a run retries', () => {
  const BUSY = { message: 'the answer was 429' };

  test('is what its latest attempt ended with, until the applicant is there or an operator is asked', () => {
    const waiting = sent(notSent(90_000));
    expect(retryReason(prepared())).toBeNull();
    expect(retryReason(waiting)).toMatchObject(BUSY);
    expect(retryReason(after(waiting, began('push')))).toMatchObject(BUSY);
    expect(retryReason(after(waiting, { type: 'historyChanged' }))).toMatchObject(BUSY);
    expect(retryReason(after(waiting, ...attempt(CREATED)))).toBeNull();
    expect(retryReason(after(waiting, ...attempt(REFUSED)))).toBeNull();
    expect(retryReason(after(sent(UNKNOWN), looked('settle', NOTHING, false)))).toMatchObject({
      message: 'the answer was 500',
    });
    expect(retryReason(after(sent(UNKNOWN), looked('settle', found('7'), false)))).toBeNull();
  });

  test('is never an attempt from before an operator acted, unless its outcome is still unknown', () => {
    const refused = held(after(sent(notSent(90_000), { onFailure: 'hold' }), ...attempt(REFUSED)));
    expect(retryReason(after(refused, RETRIED))).toBeNull();
    const unknown = held(after(sent(UNKNOWN, { onFailure: 'hold' }), looked('settle', CANNOT)));
    expect(retryReason(after(unknown, RETRIED))).toMatchObject({ message: 'the answer was 500' });
    expect(retryReason(after(unknown, { type: 'resolveAccepted', delivered: false, atsId: null }))).toBeNull();
  });
});

describe('an enrichment that must not be retried blindly', () => {
  const enrichment = (delayMs: number | null, now = NOW): Event => {
    return { type: 'enrichmentNotSent', delayMs, problem: problem('enrich', 'busy'), now };
  };
  const created = () => after(sent(CREATED, { enrich: true }), began('enrich'));

  test('waits, if the ATS did nothing, as long as it was told or as long as between attempts', () => {
    expect(decide(after(created(), enrichment(7_000)), NOW)).toMatchObject({ do: 'wait', until: NOW + 7_000 });
    const usual = after(created(), enrichment(null));
    expect(decide(usual, NOW)).toMatchObject({ do: 'wait', until: NOW + TIMING.retryMaximumMs });
    expect(decide(usual, NOW + TIMING.retryMaximumMs)).toEqual({ do: 'enrich' });
  });

  test('gives up in the end', () => {
    const late = NOW + TIMING.giveUpAfterMs;
    const end = after(created(), enrichment(7_000), began('enrich', late), enrichment(7_000, late));
    expect(decide(end, late)).toMatchObject({ do: 'end', as: 'failed', problem: { message: 'busy' } });
    expect(outcomeOf(end)).toBe('created');
  });
});

describe('an unknown outcome', () => {
  test('is looked up with growing pauses, and once more when settleMs has passed', () => {
    const { times, lasts, end } = lookups(sent(UNKNOWN), NOTHING);
    const pauses = times.slice(1).map((time, index) => time - times[index]!);
    expect(times[0]).toBe(NOW);
    expect(pauses.slice(0, -1)).toEqual([...pauses.slice(0, -1)].sort((a, b) => a - b));
    expect(times.at(-1)).toBe(NOW + TIMING.settleMs);
    expect(lasts).toEqual(times.map((_, index) => index === times.length - 1));
    expect(decide(end, NOW + TIMING.settleMs)).toEqual({ do: 'push' });
    expect(end.delivery).toMatchObject({ applicant: 'absent', everUnknown: true, sent: true });
  });

  test('needs another lookup if one began before settleMs had passed and ended after it', () => {
    const late = NOW + TIMING.settleMs + 1;
    const run = after(sent(UNKNOWN), looked('settle', NOTHING, false, late));
    expect(run.delivery.applicant).toBe('unknown');
    expect(decide(run, late + 1)).toEqual({ do: 'lookup', purpose: 'settle', afterSettle: true });
  });

  test('settles as soon as the applicant is found', () => {
    const run = after(sent(UNKNOWN), looked('settle', found('7'), false));
    expect(decide(run, NOW)).toEqual({ do: 'end', as: 'done' });
    expect(outcomeOf(run)).toBe('already_there');
    expect(run.delivery.atsId).toBe('id-7');
  });

  test('counts from the end of the send window if the worker may still be alive', () => {
    const straggle = TIMING.sendWindowMs + TIMING.responseTimeoutMs + CLOCK_SKEW_MS;
    const { times } = lookups(after(prepared(), began('push'), LOST), NOTHING);
    expect(times.at(-1)).toBe(NOW + straggle + TIMING.settleMs);
  });

  test('that cannot be looked up stays unknown and is left to an operator', () => {
    const run = after(sent(UNKNOWN), looked('settle', CANNOT, false));
    const end = decide(run, NOW);
    expect(end).toMatchObject({
      do: 'end',
      as: 'failed',
      problem: { type: 'unknown_outcome', stage: 'findApplicant' },
    });
    expect(end).toHaveProperty('problem.message', expect.stringContaining('500'));
    expect(end).toHaveProperty('problem.nextStep', expect.stringContaining('onFailure "hold"'));
    expect(outcomeOf(run)).toBe('unknown');
    expect(decide(after(sent(UNKNOWN, { onFailure: 'hold' }), looked('settle', CANNOT)), NOW)).toMatchObject({
      do: 'hold',
    });
  });

  test('that every lookup leaves inconclusive is left to an operator after the last one', () => {
    const unsure: LookupAnswer = {
      answer: 'inconclusive',
      problem: problem('unknown_outcome', 'an older one is there'),
    };
    const { times, end } = lookups(sent(UNKNOWN), unsure);
    expect(times.length).toBeGreaterThan(3);
    expect(outcomeOf(end)).toBe('unknown');
    expect(end.blockedBy?.type).toBe('unknown_outcome');
  });

  test('settled as absent after giveUpAfterMs is not sent again', () => {
    const late = NOW + TIMING.giveUpAfterMs + 1;
    const run = after(sent(UNKNOWN), looked('settle', NOTHING, true, late));
    expect(decide(run, late)).toMatchObject({ do: 'end', as: 'failed', problem: { type: 'unavailable' } });
    expect(outcomeOf(run)).toBe('failed');
  });

  test('keeps firstAttemptAt of the first attempt and the keys of the document that was sent', () => {
    const changed: Event = {
      type: 'prepareFinished',
      timing: TIMING,
      lookupKeys: { email: 'new@example.test' },
      now: NOW,
    };
    const again = after(sent(UNKNOWN), looked('settle', NOTHING), changed);
    expect(again.delivery.firstAttemptAt).toBe(NOW - CLOCK_SKEW_MS);
    const later = after(again, ...attempt(UNKNOWN, NOW + HOUR));
    expect(later.delivery).toMatchObject({
      firstAttemptAt: NOW - CLOCK_SKEW_MS,
      lookupKeys: { email: 'new@example.test' },
    });
    expect(sent(UNKNOWN).delivery.lookupKeys).toEqual(KEYS);
    expect(ATS_SKEW_MS).toBe(5 * MINUTE);
  });
});

describe('a refusal', () => {
  const doubted = () => after(sent(UNKNOWN), looked('settle', NOTHING), ...attempt(REFUSED));

  test('before anything was sent leaves nothing behind', () => {
    const unresolved: AttemptVerdict = { verdict: 'refused', sent: false, problem: problem('auth', 'no such secret') };
    const run = sent(unresolved, { onFailure: 'hold' });
    expect(run.delivery).toMatchObject({ applicant: 'absent', sent: false, attemptedAt: null });
    expect(decide(after(held(run), CANCEL), NOW)).toEqual({ do: 'end', as: 'cancelled' });
    const doubtful = after(sent(UNKNOWN), looked('settle', NOTHING), ...attempt(unresolved));
    expect(decide(doubtful, NOW)).toMatchObject({ do: 'end', as: 'failed', problem: { type: 'auth' } });
  });

  test('leaves the outcome unknown until it is weighed, even if the run is cut off meanwhile', () => {
    expect(outcomeOf(sent(DUPLICATE))).toBe('unknown');
    expect(decide(after(sent(DUPLICATE), CANCEL), NOW)).toMatchObject({
      as: 'failed',
      problem: { type: 'cancelled' },
    });
    expect(after(sent(DUPLICATE), looked('refusal', NOTHING)).delivery).toMatchObject({
      applicant: 'absent',
      everUnknown: false,
    });
  });

  test('ends the run if nothing was in doubt', () => {
    const run = sent(REFUSED);
    expect(decide(run, NOW)).toMatchObject({ do: 'end', as: 'failed', problem: { message: 'no such vacancy' } });
    expect(outcomeOf(run)).toBe('failed');
  });

  test('after an unknown outcome counts only when one more lookup finds nothing', () => {
    expect(decide(doubted(), NOW)).toEqual({ do: 'lookup', purpose: 'refusal', afterSettle: false });
    expect(after(doubted(), looked('refusal', NOTHING)).blockedBy).toMatchObject({ type: 'refused' });
    expect(outcomeOf(after(doubted(), looked('refusal', found('7'))))).toBe('already_there');
    expect(outcomeOf(after(doubted(), looked('refusal', CANNOT)))).toBe('unknown');
  });

  test('as a duplicate is looked up: there, refused, or unknown', () => {
    const duplicate = sent(DUPLICATE);
    expect(decide(duplicate, NOW)).toEqual({ do: 'lookup', purpose: 'refusal', afterSettle: false });
    expect(outcomeOf(after(duplicate, looked('refusal', found('7'))))).toBe('already_there');
    expect(after(duplicate, looked('refusal', NOTHING)).blockedBy).toMatchObject({ message: 'exists already' });
    const unclear = after(duplicate, looked('refusal', CANNOT));
    expect(unclear.delivery).toMatchObject({ applicant: 'unknown', unknownSince: NOW });
    expect(unclear.blockedBy).toMatchObject({
      type: 'unknown_outcome',
      message: expect.stringContaining('exists already'),
    });
  });
});

describe('lookupFirst', () => {
  const run = () => prepared({ lookupFirst: true });

  test('looks before it sends, once', () => {
    expect(decide(run(), NOW)).toEqual({ do: 'lookup', purpose: 'first', afterSettle: false });
    expect(decide(after(run(), looked('first', NOTHING, false)), NOW)).toEqual({ do: 'push' });
  });

  test('sends nothing if the applicant is there', () => {
    const there = after(run(), looked('first', found('7'), false));
    expect(decide(there, NOW)).toEqual({ do: 'end', as: 'done' });
    expect(outcomeOf(there)).toBe('already_there');
    expect(there.delivery.sent).toBe(false);
  });

  test('sends nothing if it cannot look up', () => {
    const run2 = after(run(), looked('first', CANNOT, false));
    expect(decide(run2, NOW)).toMatchObject({ do: 'end', as: 'failed', problem: { type: 'auth' } });
    expect(outcomeOf(run2)).toBe('failed');
  });

  test.each<[string, LookupAnswer['answer'] & ('inconclusive' | 'unavailable'), Problem['type'], Problem['type']]>([
    ['it cannot tell', 'inconclusive', 'unknown_outcome', 'refused'],
    ['there is nothing to look for', 'unavailable', 'unknown_outcome', 'refused'],
    ['the ATS has too many', 'unavailable', 'unavailable', 'unavailable'],
  ])('where %s, says that nothing was sent, and the step that can be taken', (_, answer, seen, type) => {
    const stuck = (onFailure: PushOptions['onFailure']) =>
      after(
        prepared({ lookupFirst: true, onFailure }),
        looked('first', { answer, problem: problem(seen, 'so it is.') }),
      );
    expect(stuck('fail').blockedBy).toMatchObject({
      type,
      message: expect.stringMatching(/^Nothing was sent.+so it is\.$/),
      nextStep: 'Check the ATS. If the applicant is not there, start the push again without lookupFirst.',
    });
    expect(stuck('hold').blockedBy?.nextStep).toMatch(/abandon this run and start the push again without lookupFirst/);
    expect(refuseAbandon(held(stuck('hold')))).toBeNull();
    expect(outcomeOf(stuck('fail'))).toBe('failed');
  });

  test('keeps the step of a problem that a retry can fix', () => {
    expect(after(run(), looked('first', CANNOT)).blockedBy).toMatchObject({ type: 'auth', nextStep: 'look' });
  });
});

describe('again', () => {
  const created: Partial<Delivery> = {
    applicant: 'there',
    deliveredAs: 'created',
    sent: true,
    attemptedAt: NOW,
    firstAttemptAt: NOW,
  };
  const looking = (delivery: Partial<Delivery> = created, changes: Partial<PushOptions> = {}) =>
    after(recalled(delivery, { again: true, ...changes }), PREPARED);
  const unclear = (answer: LookupAnswer) => after(looking(), looked('again', answer), ...attempt(UNKNOWN));

  test('looks only when every earlier attempt must have become visible, then sends', () => {
    const settled = NOW + TIMING.settleMs;
    expect(decide(looking(), NOW)).toMatchObject({ do: 'wait', until: settled });
    expect(decide(looking(), settled)).toEqual({ do: 'lookup', purpose: 'again', afterSettle: true });
    expect(decide(after(looking(), looked('again', found('1'))), settled)).toEqual({ do: 'push' });
    expect(outcomeOf(looking())).toBe('failed');
  });

  test('counts only an applicant that was not seen before as its own', () => {
    const own = after(unclear(found('1')), looked('settle', found('1', '2'), false));
    expect(own.delivery).toMatchObject({ applicant: 'there', deliveredAs: 'already_there', atsId: 'id-2' });
    expect(outcomeOf(after(unclear(found('1')), looked('settle', found('1'))))).toBe('unknown');
    expect(outcomeOf(after(unclear(CANNOT), looked('settle', found('1'))))).toBe('unknown');
  });

  test('settles an earlier unknown only if nothing at all is there', () => {
    const unknown = {
      applicant: 'unknown',
      sent: true,
      unknownSince: NOW,
      attemptedAt: NOW,
      lookupKeys: KEYS,
    } as const;
    const earlier = (answer: LookupAnswer, lookupKeys: Delivery['lookupKeys'] = KEYS) =>
      after(looking({ ...unknown, lookupKeys }), looked('again', answer)).delivery.secondApplication?.earlier.applicant;
    expect(earlier(NOTHING)).toBe('absent');
    expect(earlier(found('1'))).toBe('unknown');
    expect(earlier(CANNOT)).toBe('unknown');
    expect(earlier(NOTHING, { email: 'before@example.test' })).toBe('unknown');
    expect(earlier(NOTHING, null)).toBe('unknown');
  });

  test('of a push that was never started before also remembers what was seen', () => {
    const first = after(prepared({ again: true }), looked('again', found('1')), ...attempt(UNKNOWN));
    expect(outcomeOf(after(first, looked('settle', found('1'))))).toBe('unknown');
    expect(outcomeOf(after(first, looked('settle', found('1', '2'))))).toBe('already_there');
  });

  test('looks up again if the profile meanwhile names another applicant', () => {
    const before = after(looking(), looked('again', found('1')));
    const renamed: Event = {
      type: 'prepareFinished',
      timing: TIMING,
      lookupKeys: { email: 'new@example.test' },
      now: NOW,
    };
    expect(decide(after(before, PREPARED), NOW)).toEqual({ do: 'push' });
    expect(decide(after(before, renamed), NOW + TIMING.settleMs)).toMatchObject({ do: 'lookup', purpose: 'again' });
  });

  test('that sent nothing says nothing to later runs', () => {
    expect(isConclusive(looking())).toBe(false);
    expect(isConclusive(after(looking(), looked('again', found('1')), ...attempt(CREATED)))).toBe(true);
    expect(isConclusive(initialState(ask(), false))).toBe(false);
    expect(isConclusive(initialState(ask(), true))).toBe(true);
  });

  test('a plain run after one that ended absent is about the first application', () => {
    const refused = after(looking(), looked('again', found('1')), ...attempt(REFUSED)).delivery;
    expect(decide(recalled(refused), NOW)).toEqual({ do: 'end', as: 'done' });
    const settled = after(recalled(unclear(found('1')).delivery), looked('settle', NOTHING));
    expect(decide(settled, NOW)).toEqual({ do: 'end', as: 'done' });
    expect(outcomeOf(settled)).toBe('created');
  });
});

describe('a further run', () => {
  test('sends nothing before it knows, and its outcome is unknown until then', () => {
    const run = initialState(ask(), false);
    expect(decide(run, NOW)).toEqual({ do: 'recall' });
    expect(outcomeOf(run)).toBe('unknown');
  });

  test('reports what is there', () => {
    const run = recalled({ applicant: 'there', deliveredAs: 'created', atsId: '42' });
    expect(decide(run, NOW)).toEqual({ do: 'end', as: 'done' });
    expect(outcomeOf(run)).toBe('created');
    expect(commands(recalled({ applicant: 'there', deliveredAs: 'created' }, { enrich: true }))).toEqual([
      'prepare',
      'enrich',
      'end',
    ]);
  });

  test('settles what earlier runs left unknown, and only then prepares and sends', () => {
    const run = recalled({ applicant: 'unknown', unknownSince: NOW - TIMING.settleMs, lookupKeys: KEYS, sent: true });
    expect(decide(run, NOW)).toEqual({ do: 'lookup', purpose: 'settle', afterSettle: true });
    expect(commands(after(run, looked('settle', NOTHING)))).toEqual(['prepare', 'push', 'end']);
  });

  test('whose recall failed is held, and a retry recalls', () => {
    const failed = after(initialState(ask({ onFailure: 'hold' }), false), {
      type: 'stepFailed',
      problem: problem('internal'),
    });
    expect(decide(failed, NOW)).toMatchObject({ do: 'hold' });
    expect(decide(after(held(failed), RETRIED), NOW)).toEqual({ do: 'recall' });
  });
});

describe('a held run', () => {
  const refused = () => held(sent(REFUSED, { onFailure: 'hold' }));
  const unclear = () => held(after(sent(UNKNOWN, { onFailure: 'hold' }), looked('settle', CANNOT)));

  test('fails when holdFor is over', () => {
    expect(isHeld(refused())).toBe(true);
    expect(decide(refused(), NOW + HOUR - 1)).toMatchObject({ do: 'hold' });
    expect(decide(refused(), NOW + HOUR)).toMatchObject({ do: 'end', as: 'failed', problem: { type: 'refused' } });
  });

  test('reads, filters and formats again on retry, and may be held again', () => {
    const run = after(refused(), RETRIED);
    expect(isHeld(run)).toBe(false);
    expect(decide(run, NOW)).toEqual({ do: 'prepare' });
    const second = held(after(run, PREPARED, ...attempt(REFUSED)));
    expect(second.hold).toEqual({ number: 2, until: NOW + HOUR });
  });

  test('settles a pending unknown before anything else on retry', () => {
    expect(decide(after(unclear(), RETRIED), NOW)).toMatchObject({ do: 'lookup', purpose: 'settle' });
  });

  test('looks up the document that was really sent after a refusal and a retry with another e-mail', () => {
    const other = { email: 'grace@example.test' };
    const refused = held(sent(REFUSED, { onFailure: 'hold' }));
    const sentAnew = after(refused, RETRIED, { ...PREPARED, lookupKeys: other }, ...attempt(UNKNOWN));
    expect(sentAnew.delivery).toMatchObject({ applicant: 'unknown', lookupKeys: other });
    expect(
      after(refused, RETRIED, { ...PREPARED, lookupKeys: null }, ...attempt(UNKNOWN)).delivery.lookupKeys,
    ).toBeNull();
  });

  test('keeps its documents on retry if only the enrichment is left, unless something was corrected', () => {
    const enriching: Event = { type: 'retryAccepted', options: { enrich: true }, corrected: false };
    const failed: Event[] = [began('enrich'), { type: 'stepFailed', problem: problem('enrich') }];
    const run = held(after(sent(CREATED, { onFailure: 'hold', enrich: true }), ...failed));
    expect(outcomeOf(run)).toBe('created');
    expect(decide(after(run, enriching), NOW)).toEqual({ do: 'enrich' });
    expect(decide(after(run, { ...enriching, corrected: true }), NOW)).toEqual({ do: 'prepare' });
    expect(decide(after(run, RETRIED), NOW)).toEqual({ do: 'end', as: 'done' });
  });

  test('can be retried only while it is held', () => {
    expect(refuseRetry(refused())).toBeNull();
    expect(refuseRetry(sent(notSent(1_000)))).toContain('is waiting');
    expect(refuseRetry(after(prepared(), began('push')))).toContain('busy with push');
  });

  test('resolved as delivered continues as if found', () => {
    const event: Event = { type: 'resolveAccepted', delivered: true, atsId: '9' };
    expect(decide(after(unclear(), event), NOW)).toEqual({ do: 'end', as: 'done' });
    expect(after(unclear(), event).delivery).toMatchObject({ deliveredAs: 'already_there', atsId: '9' });
  });

  test('resolved as not delivered sends again, with its full time for retries', () => {
    const late = NOW + TIMING.giveUpAfterMs + HOUR;
    const run = after(unclear(), { type: 'resolveAccepted', delivered: false, atsId: null });
    expect(decide(run, late)).toEqual({ do: 'prepare' });
    expect(decide(after(run, ...attempt(notSent(null), late)), late)).toMatchObject({
      do: 'wait',
      until: late + 1_000,
    });
  });

  test('is resolved only while the outcome is unknown and no attempt is under way', () => {
    const settled = NOW + TIMING.settleMs;
    expect(refuseResolve(unclear(), true, NOW)).toBeNull();
    expect(refuseResolve(unclear(), false, settled - 1)).toContain(new Date(settled).toISOString());
    expect(refuseResolve(unclear(), false, settled)).toBeNull();
    expect(refuseResolve(refused(), true, NOW)).toContain('not unknown');
    expect(refuseResolve(after(unclear(), began('lookup')), true, NOW)).toBeNull();
    expect(refuseResolve(after(prepared(), began('push')), true, NOW)).toContain('in progress');
    expect(refuseResolve(initialState(ask({ create: false }), false), true, NOW)).toContain('nothing to resolve');
    expect(refuseResolve(initialState(ask(), false), false, NOW)).toContain('retry first');
  });

  test('abandoned ends failed with what is known', () => {
    const run = after(unclear(), { type: 'abandonAccepted', problem: problem('abandoned') });
    expect(decide(run, NOW)).toMatchObject({ do: 'end', as: 'failed', problem: { type: 'abandoned' } });
    expect(outcomeOf(run)).toBe('unknown');
    expect(refuseAbandon(unclear())).toBeNull();
    expect(refuseAbandon(after(prepared(), began('push')))).toContain('in progress');
    expect(refuseAbandon(after(prepared(), began('prepare')))).toBeNull();
  });

  test('that was abandoned accepts nothing more and ends abandoned whatever its last step found', () => {
    const run = after(refused(), { type: 'abandonAccepted', problem: problem('abandoned') });
    expect(refuseRetry(run)).toContain('abandoned');
    expect(refuseResolve(run, true, NOW)).toContain('abandoned');
    expect(refuseAbandon(run)).toContain('abandoned');
    const ending = after(run, { type: 'stepFailed', problem: problem('auth') }, { type: 'stepCancelled' });
    expect(decide(ending, NOW)).toMatchObject({ do: 'end', as: 'failed', problem: { type: 'abandoned' } });
  });

  test('does not undo what an operator said when an overtaken lookup returns', () => {
    const delivered: Event = { type: 'resolveAccepted', delivered: true, atsId: '9' };
    const notDelivered: Event = { type: 'resolveAccepted', delivered: false, atsId: null };
    const looking = after(unclear(), began('lookup'));
    expect(after(looking, delivered, looked('settle', NOTHING)).delivery).toMatchObject({ applicant: 'there' });
    expect(after(looking, delivered, looked('settle', CANNOT)).blockedBy).toBeNull();
    expect(after(looking, notDelivered, looked('settle', CANNOT)).blockedBy).toBeNull();
    expect(outcomeOf(after(looking, notDelivered, looked('settle', found('7'))))).toBe('already_there');
    const recalling = after(initialState(ask(), false), began('recall'), delivered);
    const late: Event = { type: 'recallFinished', delivery: NOTHING_SENT, timing: TIMING };
    expect(after(recalling, late).delivery).toMatchObject({ applicant: 'there', atsId: '9' });
  });
});

describe('cancellation', () => {
  test('ends as cancelled if nothing was sent', () => {
    expect(decide(after(prepared(), CANCEL), NOW)).toEqual({ do: 'end', as: 'cancelled' });
    const waiting = after(sent(notSent(HOUR)), CANCEL);
    expect(decide(waiting, NOW)).toEqual({ do: 'end', as: 'cancelled' });
    expect(decide(after(prepared(), began('prepare'), CANCEL, { type: 'stepCancelled' }), NOW)).toMatchObject({
      as: 'cancelled',
    });
  });

  test('ends as failed with what is known if something was sent, even by earlier runs', () => {
    const failed = { do: 'end', as: 'failed', problem: { type: 'cancelled' } };
    const unclear = after(sent(UNKNOWN), CANCEL);
    expect(decide(unclear, NOW)).toMatchObject(failed);
    expect(outcomeOf(unclear)).toBe('unknown');
    expect(decide(after(initialState(ask(), false), CANCEL), NOW)).toMatchObject(failed);
    expect(decide(after(recalled({ sent: true }), CANCEL), NOW)).toMatchObject(failed);
    const refused = sent(
      { verdict: 'refused', sent: true, problem: problem('auth', '401 twice') },
      { onFailure: 'hold' },
    );
    expect(decide(after(held(refused), CANCEL), NOW)).toMatchObject(failed);
    const created = after(sent(CREATED, { enrich: true }), CANCEL);
    expect(decide(created, NOW)).toMatchObject({ ...failed, problem: { stage: 'enrich' } });
    expect(outcomeOf(created)).toBe('created');
  });

  test('does not undo a push that is done', () => {
    expect(decide(after(sent(CREATED), CANCEL), NOW)).toEqual({ do: 'end', as: 'done' });
  });

  test('of enrichProfile names the enrichment', () => {
    const run = after(prepared({ create: false, enrich: true }), began('enrich'), CANCEL, { type: 'stepCancelled' });
    expect(decide(run, NOW)).toMatchObject({ as: 'failed', problem: { type: 'cancelled', stage: 'enrich' } });
  });
});

describe('nothing to deliver', () => {
  const discarded: Event = { type: 'profileUnavailable', why: 'discarded' };

  test('is a result', () => {
    const run = after(initialState(ask(), true), discarded);
    expect(decide(run, NOW)).toEqual({ do: 'end', as: 'done' });
    expect(outcomeOf(run)).toBe('discarded');
    expect(outcomeOf(after(initialState(ask(), true), { ...discarded, why: 'not_found' }))).toBe('not_found');
  });

  test.each(['created', 'already_there'] as const)('never replaces %s', (how) => {
    const run = after(recalled({ applicant: 'there', deliveredAs: how, sent: true }, { enrich: true }), discarded);
    expect(outcomeOf(run)).toBe(how);
    expect(decide(run, NOW)).toMatchObject({ do: 'end', as: 'failed', problem: { type: 'enrich' } });
  });

  test('never replaces unknown', () => {
    const run = after(recalled({ applicant: 'unknown', unknownSince: NOW, sent: true }), discarded);
    expect(outcomeOf(run)).toBe('unknown');
    expect(decide(run, NOW)).toMatchObject({ do: 'end', as: 'failed' });
  });
});

describe('continue-as-new', () => {
  test('keeps what is known and prepares again', () => {
    const run = after(sent(UNKNOWN), { type: 'historyChanged' });
    expect(run.delivery).toEqual(sent(UNKNOWN).delivery);
    expect(decide(run, NOW)).toMatchObject({ do: 'lookup', purpose: 'settle' });
    expect(commands(after(run, looked('settle', NOTHING)))).toEqual(['prepare', 'push', 'end']);
  });

  test('keeps a hold and its end', () => {
    const run = after(held(sent(REFUSED, { onFailure: 'hold' })), { type: 'historyChanged' });
    expect(isHeld(run)).toBe(true);
    expect(decide(run, NOW + HOUR)).toMatchObject({ do: 'end', as: 'failed' });
  });

  test('carries the whole run as JSON', () => {
    const run = held(after(sent(UNKNOWN, { onFailure: 'hold' }), looked('settle', CANNOT)));
    expect(JSON.parse(JSON.stringify(run))).toEqual(run);
  });
});

describe('an attempt that has to wait for its turn at the account', () => {
  const queued = (delayMs: number): AttemptVerdict => ({
    verdict: 'not_sent',
    delayMs,
    problem: problem('unavailable', 'others come first'),
    queued: true,
  });

  test('waits exactly as it was told, and is no attempt', () => {
    const run = sent(queued(HOUR));
    expect(decide(run, NOW)).toMatchObject({ do: 'wait', until: NOW + HOUR });
    expect(run.attempts).toBe(0);
    expect(run.blockedBy).toBeNull();
  });

  test('does not use up the retries meant for an ATS that is down', () => {
    let [run, now] = [prepared(), NOW];
    for (let waits = 0; waits < 48; waits += 1, now += HOUR) run = after(run, ...attempt(queued(HOUR), now));
    expect(run.blockedBy).toBeNull();
    run = after(run, ...attempt(notSent(1_000), now));
    expect(run.blockedBy).toBeNull();
    expect(decide(run, now)).toMatchObject({ do: 'wait', until: now + 1_000 });
  });
});
