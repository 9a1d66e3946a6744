/**
 * The state machine that makes "one candidate, once" true: pure, one serialisable object, no clock of its own.
 *
 * A driver asks {@link decide} what to do next, does it, and hands what happened to {@link apply}. The workflow is one
 * driver, `recall` replays the history of an earlier run through the same functions, continue-as-new carries the object
 * over, and the tests walk every sequence of events over it. `docs/delivery.md` tells the protocol in words.
 */
import type { FailureType, Outcome, Reason, Stage, WhoMustAct } from './names';

/** How far the clocks of worker and Temporal server may differ, in milliseconds. */
export const CLOCK_SKEW_MS = 5_000;
/** How far the clock of an ATS may differ from ours, in milliseconds. */
export const ATS_SKEW_MS = 300_000;
/** Documents that are older are made anew before a create: links to attachments are signed and expire. In milliseconds. */
const FRESH_FOR_MS = 600_000;

/** What a lookup needs to know of the document that was sent: made by the connector, opaque here. Personal data. */
export type LookupKeys = Readonly<Record<string, string>>;

/** The worker's settings that a run depends on. All in milliseconds, but `enrichRepeatable`. */
export interface Timing {
  connectTimeoutMs: number;
  responseTimeoutMs: number;
  /** An attempt may put its first byte on the wire only this long after it was started. */
  sendWindowMs: number;
  /** How long a create may stay invisible to a lookup. */
  settleMs: number;
  retryInitialMs: number;
  retryMaximumMs: number;
  giveUpAfterMs: number;
  /** False where a vendor appends instead of setting: then an enrichment of unknown outcome waits for a person. */
  repeatEnrichment: boolean;
}

/** Why something did not work, for whom, and what to do. Never holds a secret or, outside `message`, personal data. */
export interface Problem {
  type: FailureType;
  reason: Reason;
  stage: Stage;
  message: string;
  whoMustAct: WhoMustAct;
  nextStep: string;
}

/** What is known of the applicant in the ATS. It belongs to the push, not to one run: recall and continue-as-new carry it. */
export interface Delivery {
  applicant: 'absent' | 'there' | 'unknown';
  deliveredAs: 'created' | 'already_there' | null;
  atsId: string | null;
  enriched: boolean;
  /** A create of this push may have left a worker. */
  sent: boolean;
  /** Some create of this push had an unknown outcome once; a later refusal then needs one more lookup. */
  everUnknown: boolean;
  /** While unknown: the moment (epoch ms) from which `settleMs` counts. */
  unknownSince: number | null;
  /** The moment from which `settleMs` counts for the latest attempt, whatever became of it. */
  attemptedAt: number | null;
  /** Time of the first attempt: an applicant created before `firstAttemptAt - ATS_SKEW_MS` is not ours. */
  firstAttemptAt: number | null;
  lookupKeys: LookupKeys | null;
  /** A deliberate second application: what was in the ATS before it (null: could not be seen), and the push's state then. */
  secondApplication: { seen: readonly string[] | null; earlier: Delivery } | null;
}

/** What is asked of this run. `retry` may correct it. */
export interface PushOptions {
  /** False for `enrichProfile`, which has no create. */
  create: boolean;
  enrich: boolean;
  lookupFirst: boolean;
  again: boolean;
  onFailure: 'fail' | 'hold';
  holdForMs: number;
}

export interface PushState {
  options: PushOptions;
  delivery: Delivery;
  /** False until a run that is not the first knows what earlier runs did. */
  recalled: boolean;
  timing: Timing | null;
  /** This run has read the profile. */
  read: boolean;
  /** When the profile was read, filtered and formatted and the credentials proved (epoch ms); null: not yet, or to be done anew. */
  preparedAt: number | null;
  /** Keys of the document that is ready to be sent. */
  readyKeys: LookupKeys | null;
  /** What was left out of the profile on its way, for people. Holds no personal data. */
  note: string | null;
  /** The lookup before the first create (`lookupFirst`, `again`) is done. */
  preflightDone: boolean;
  /** Without its end in sight: what is under way. */
  underWay: 'recall' | 'prepare' | 'push' | 'find' | 'enrich' | null;
  /** `why` is one of a few fixed texts: it is shown in the UI, where nobody's own words belong. */
  wait: { until: number; why: string } | null;
  /** What the latest attempt ended with that has to be repeated, or whose outcome is unknown. */
  lastProblem: Problem | null;
  /** A refusal that counts only when a lookup finds nothing. */
  refusal: Problem | null;
  sendingSince: number | null;
  attempts: number;
  lookups: number;
  /** Ends or holds the run. */
  blockedBy: Problem | null;
  /** Nothing to deliver: the profile is not in HrFlow, or the logics dropped it. */
  nothingToDeliver: 'discarded' | 'not_found' | null;
  hold: { number: number; until: number | null };
  cancelAsked: boolean;
  abandoned: boolean;
}

export const NOTHING_SENT: Delivery = {
  applicant: 'absent',
  deliveredAs: null,
  atsId: null,
  enriched: false,
  sent: false,
  everUnknown: false,
  unknownSince: null,
  attemptedAt: null,
  firstAttemptAt: null,
  lookupKeys: null,
  secondApplication: null,
};

/** A run at its start. `first` is false for a further run of the same push, which begins with `recall`. */
export function newRun(options: PushOptions, first: boolean): PushState {
  return {
    options,
    delivery: recalledDelivery(options, NOTHING_SENT),
    recalled: first,
    timing: null,
    read: false,
    preparedAt: null,
    readyKeys: null,
    note: null,
    preflightDone: false,
    underWay: null,
    wait: null,
    lastProblem: null,
    refusal: null,
    sendingSince: null,
    attempts: 0,
    lookups: 0,
    blockedBy: null,
    nothingToDeliver: null,
    hold: { number: 0, until: null },
    cancelAsked: false,
    abandoned: false,
  };
}

/** What one attempt of `pushApplicant` found out. */
export type AttemptVerdict =
  | { verdict: 'created'; atsId: string | null }
  /** `queued`: the turn of its account comes later, which is no trouble. */
  | { verdict: 'not_sent'; delayMs: number | null; problem: Problem; queued?: boolean }
  /** `sent` is false where it was refused before anything left: a secret that resolves nowhere, for example. */
  | { verdict: 'refused'; sent: boolean; problem: Problem }
  | { verdict: 'duplicate'; problem: Problem }
  | { verdict: 'unknown'; problem: Problem };

/** One applicant that a lookup found; `ref` tells it from others in the same ATS. */
export interface Match {
  ref: string;
  atsId: string | null;
}

/** What a lookup found out. `nothing` is the answer to a complete, well-formed search without a hit. */
export type LookupAnswer =
  | { answer: 'found'; matches: readonly Match[] }
  | { answer: 'not_found' }
  | { answer: 'inconclusive'; problem: Problem }
  | { answer: 'unavailable'; problem: Problem };

/**
 * Why a lookup is made: to settle an unknown outcome, to weigh a refusal, or before the first create
 * (`first` for `lookupFirst`, `again` to see what is there already).
 */
export type LookupPurpose = 'settle' | 'refusal' | 'first' | 'again';

export type Command =
  | { do: 'recall' }
  | { do: 'prepare' }
  | { do: 'push' }
  | { do: 'find'; purpose: LookupPurpose; afterSettle: boolean }
  | { do: 'enrich' }
  | { do: 'wait'; until: number; why: string }
  | { do: 'hold'; problem: Problem }
  | { do: 'end'; how: 'done' }
  | { do: 'end'; how: 'failed'; problem: Problem }
  | { do: 'end'; how: 'cancelled' };

export type Event =
  | { type: 'began'; what: NonNullable<PushState['underWay']>; now: number }
  | { type: 'recalled'; delivery: Delivery; timing: Timing }
  | { type: 'prepared'; timing: Timing; lookupKeys: LookupKeys | null; note?: string | null; now: number }
  | { type: 'nothingToDeliver'; why: 'discarded' | 'not_found' }
  | { type: 'attempted'; verdict: AttemptVerdict; now: number; jitter: number }
  /** The attempt ended without a verdict: its worker may be alive and not know yet. */
  | { type: 'attemptLost'; problem: Problem; now: number }
  | { type: 'lookedUp'; purpose: LookupPurpose; afterSettle: boolean; answer: LookupAnswer; now: number }
  | { type: 'enriched' }
  /** An enrichment that must not be repeated blindly changed nothing over there. */
  | { type: 'enrichmentNotSent'; delayMs: number | null; problem: Problem; now: number }
  | { type: 'troubled'; problem: Problem }
  /** A step that changes nothing was ended by a cancellation. */
  | { type: 'stopped' }
  | { type: 'held'; now: number }
  | { type: 'cancelAsked' }
  | { type: 'retried'; options: Pick<PushOptions, 'enrich'>; corrected: boolean }
  | { type: 'resolved'; delivered: boolean; atsId: string | null }
  | { type: 'abandoned'; problem: Problem }
  /** The run goes on in a new history: what was only in memory is gone. */
  | { type: 'continued' };

/** What to do next. */
export function decide(run: PushState, now: number): Command {
  if (isFinished(run)) return { do: 'end', how: 'done' };
  if (run.cancelAsked) return cancelled(run);
  if (run.blockedBy) return stopOrHold(run, run.blockedBy, now);
  if (!run.recalled) return { do: 'recall' };
  if (run.wait && run.wait.until > now) return { do: 'wait', ...run.wait };
  if (!run.options.create || run.delivery.applicant === 'there')
    return run.preparedAt === null ? { do: 'prepare' } : { do: 'enrich' };
  if (run.refusal) return { do: 'find', purpose: 'refusal', afterSettle: false };
  if (run.delivery.applicant === 'unknown') return settle(run, now);
  if (run.preparedAt === null || now > run.preparedAt + FRESH_FOR_MS) return { do: 'prepare' };
  return run.preflightDone ? { do: 'push' } : lookBefore(run, now);
}

/** The run after `event`. */
export function apply(run: PushState, event: Event): PushState {
  switch (event.type) {
    case 'began':
      return began(run, event.what, event.now);
    case 'recalled':
      return recalled(run, event.delivery, event.timing);
    case 'prepared':
      return prepared(run, event);
    case 'nothingToDeliver':
      return profileGone(run, event.why);
    case 'attempted':
      return attempted(idle(run), event);
    case 'attemptLost':
      return unknownSince(idle(run), event.problem, event.now + stragglerWindowMs(run.timing));
    case 'lookedUp':
      return lookedUp({ ...idle(run), lookups: run.lookups + 1 }, event);
    case 'enriched':
      return { ...idle(run), delivery: { ...run.delivery, enriched: true } };
    case 'enrichmentNotSent':
      return enrichmentNotSent(idle(run), event);
    case 'troubled':
      return troubled(idle(run), event.problem);
    case 'stopped':
      return idle(run);
    case 'held':
      return { ...run, hold: { number: run.hold.number + 1, until: event.now + run.options.holdForMs } };
    case 'cancelAsked':
      return { ...run, cancelAsked: true };
    case 'retried':
      return retried(run, event.options, event.corrected);
    case 'resolved':
      return resolved(run, event.delivered, event.atsId);
    case 'abandoned':
      return { ...run, blockedBy: event.problem, abandoned: true, options: { ...run.options, onFailure: 'fail' } };
    case 'continued':
      return { ...run, preparedAt: null, underWay: null };
  }
}

/** What became of the profile so far. */
export function outcomeOf(run: PushState): Outcome {
  if (!run.recalled) return 'unknown';
  if (!run.options.create) return enrichmentOutcome(run);
  const { delivery } = run;
  if (delivery.applicant === 'unknown') return 'unknown';
  if (delivery.applicant === 'there') return delivery.deliveredAs ?? 'already_there';
  return run.blockedBy || run.cancelAsked ? 'failed' : (run.nothingToDeliver ?? 'failed');
}

/** Whether a later run may rely on what this one knows: not if it never learned what earlier runs did, nor if it did nothing. */
export function saysSomething(run: PushState): boolean {
  return run.recalled && !(run.options.again && !run.delivery.sent);
}

/**
 * Whether the run may leave its history before `command`. Not between documents and their use: what is prepared lives in memory
 * only, so a profile that alone makes a history long would be prepared again in every new one and never sent.
 */
export function mayContinueAsNew(run: PushState, command: Command): boolean {
  switch (command.do) {
    case 'prepare':
    case 'hold':
      return true;
    case 'wait':
      return run.wait !== null;
    case 'find':
      return command.purpose === 'settle' || command.purpose === 'refusal';
    default:
      return false;
  }
}

/** Why `retry` cannot be taken now, or null. */
export function refuseRetry(run: PushState): string | null {
  return isHeld(run) ? null : `only a held run can be retried, and this one is ${describePhase(run)}`;
}

/** Why `resolve` cannot be taken now, or null. */
export function refuseResolve(run: PushState, delivered: boolean, now: number): string | null {
  const busy = refuseAbandon(run);
  if (busy !== null) return busy;
  if (!run.options.create) return 'an enrichment creates no applicant, so there is nothing to resolve';
  if (run.recalled && run.delivery.applicant !== 'unknown') {
    return `the outcome is not unknown: the applicant is ${run.delivery.applicant}`;
  }
  const settled = settledAt(run);
  if (!delivered && settled === null) return 'what earlier runs did is not known yet: retry first';
  if (!delivered && settled !== null && now < settled) {
    return `a create may still appear: look in the ATS again after ${new Date(settled).toISOString()}`;
  }
  return null;
}

/** Why `abandon` cannot be taken now, or null. */
export function refuseAbandon(run: PushState): string | null {
  if (run.abandoned) return 'the run was abandoned and is about to end';
  return run.underWay === 'push' ? 'an attempt to create is under way: try again in a moment' : null;
}

/** Why a run that nobody has to do anything for is not done yet: what its latest attempt ended with; null where nothing is repeated. */
export function repeatsFor(run: PushState): Problem | null {
  return run.blockedBy === null && !isFinished(run) ? run.lastProblem : null;
}

export function isHeld(run: PushState): boolean {
  return run.hold.until !== null && run.blockedBy !== null && !run.abandoned;
}

function describePhase(run: PushState): string {
  if (run.abandoned) return 'abandoned';
  if (run.underWay) return `busy with ${run.underWay}`;
  return run.wait ? `waiting (${run.wait.why})` : 'running';
}

function isFinished(run: PushState): boolean {
  if (run.underWay !== null || run.abandoned) return false;
  if (run.nothingToDeliver && run.recalled && !run.blockedBy)
    return run.delivery.applicant === 'absent' || !run.options.create;
  if (!run.recalled) return false;
  if (!run.options.create) return run.delivery.enriched;
  return run.delivery.applicant === 'there' && (!run.options.enrich || run.delivery.enriched);
}

function enrichmentOutcome(run: PushState): Outcome {
  if (run.delivery.enriched) return 'enriched';
  return run.blockedBy || run.cancelAsked ? 'failed' : (run.nothingToDeliver ?? 'failed');
}

function cancelled(run: PushState): Command {
  const nothingSent = run.recalled && !run.delivery.sent && run.delivery.applicant === 'absent';
  if (nothingSent) return { do: 'end', how: 'cancelled' };
  const enriching = !run.options.create || run.delivery.applicant === 'there';
  const problem: Problem = {
    type: 'cancelled',
    reason: run.options.create && enriching ? 'callback_failure' : 'write_failure',
    stage: enriching ? 'enrich' : 'pushApplicant',
    message: 'The run was cancelled after something had been sent to the ATS.',
    whoMustAct: 'user',
    nextStep: 'Start the same push again: it finds out what is in the ATS before it sends anything.',
  };
  return { do: 'end', how: 'failed', problem };
}

function stopOrHold(run: PushState, problem: Problem, now: number): Command {
  if (run.options.onFailure === 'fail') return { do: 'end', how: 'failed', problem };
  if (run.hold.until !== null && now >= run.hold.until) return { do: 'end', how: 'failed', problem };
  return { do: 'hold', problem };
}

function settle(run: PushState, now: number): Command {
  const settled = settledAt(run);
  return { do: 'find', purpose: 'settle', afterSettle: settled !== null && now >= settled };
}

/** The lookup before the first create: for `again` not before every earlier attempt has become visible. */
function lookBefore(run: PushState, now: number): Command {
  if (!run.options.again)
    return run.options.lookupFirst ? { do: 'find', purpose: 'first', afterSettle: false } : { do: 'push' };
  const settled = (run.delivery.attemptedAt ?? 0) + settleMs(run);
  if (now < settled) return { do: 'wait', until: settled, why: 'an earlier create may still appear' };
  return { do: 'find', purpose: 'again', afterSettle: true };
}

function settleMs(run: PushState): number {
  return run.timing?.settleMs ?? 0;
}

function settledAt(run: PushState): number | null {
  return run.delivery.unknownSince === null ? null : run.delivery.unknownSince + settleMs(run);
}

/** How long after its loss was noticed an attempt may still be at work. Its window is checked on the connected socket. */
export function stragglerWindowMs(timing: Timing | null): number {
  return (timing?.sendWindowMs ?? 0) + (timing?.responseTimeoutMs ?? 0) + CLOCK_SKEW_MS;
}

function idle(run: PushState): PushState {
  return { ...run, underWay: null, wait: null };
}

function began(run: PushState, what: NonNullable<PushState['underWay']>, now: number): PushState {
  if (what === 'enrich' && !run.options.create)
    return { ...run, underWay: what, delivery: { ...run.delivery, sent: true } };
  if (what !== 'push') return { ...run, underWay: what };
  const firstAttemptAt = run.delivery.firstAttemptAt ?? now - CLOCK_SKEW_MS;
  return {
    ...run,
    underWay: 'push',
    attempts: run.attempts + 1,
    sendingSince: run.sendingSince ?? now,
    delivery: { ...run.delivery, firstAttemptAt, lookupKeys: run.readyKeys },
  };
}

function recalledDelivery(options: PushOptions, known: Delivery): Delivery {
  if (options.again) {
    return { ...NOTHING_SENT, attemptedAt: known.attemptedAt, secondApplication: { seen: null, earlier: known } };
  }
  return known.applicant === 'absent' && known.secondApplication
    ? recalledDelivery(options, known.secondApplication.earlier)
    : known;
}

/** Unless a person has said meanwhile what is there. */
function recalled(run: PushState, known: Delivery, timing: Timing): PushState {
  if (run.recalled) return idle(run);
  return { ...idle(run), recalled: true, timing, delivery: recalledDelivery(run.options, known) };
}

/** What was looked for before the first create has to be looked for again where the document now names somebody else. */
function prepared(
  run: PushState,
  { timing, lookupKeys, note = null, now }: Extract<Event, { type: 'prepared' }>,
): PushState {
  const preflightDone = run.preflightDone && sameKeys(run.readyKeys, lookupKeys);
  return { ...idle(run), read: true, preparedAt: now, timing, readyKeys: lookupKeys, note, preflightDone };
}

function sameKeys(one: LookupKeys | null, other: LookupKeys | null): boolean {
  if (one === null || other === null) return one === other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

/** Steps of a preparation that come after the read. */
const AFTER_THE_READ: readonly Stage[] = ['applyLogics', 'format', 'authenticate'];

function troubled(run: PushState, problem: Problem): PushState {
  const read = run.read || AFTER_THE_READ.includes(problem.stage);
  return run.abandoned ? { ...run, read } : { ...run, read, blockedBy: problem };
}

function profileGone(run: PushState, why: 'discarded' | 'not_found'): PushState {
  const idled = { ...idle(run), nothingToDeliver: why, read: run.read || why === 'discarded' };
  if (run.abandoned || !run.options.create || run.delivery.applicant === 'absent') return idled;
  const problem: Problem = {
    type: 'enrich',
    reason: 'callback_failure',
    stage: why === 'discarded' ? 'applyLogics' : 'fetchProfile',
    message:
      why === 'discarded'
        ? 'The candidate is in the ATS, and the logics now discard the profile, so it was not enriched.'
        : 'The candidate is in the ATS, and the profile is no longer in HrFlow, so it was not enriched.',
    whoMustAct: 'user',
    nextStep: 'Abandon the run, or make the profile available again and retry.',
  };
  return { ...idled, blockedBy: problem };
}

function attempted(run: PushState, { verdict, now, jitter }: Extract<Event, { type: 'attempted' }>): PushState {
  if (verdict.verdict === 'not_sent' && verdict.queued) return queued(run, verdict.delayMs ?? 0, now);
  if (verdict.verdict === 'not_sent') return notSent(run, verdict.delayMs, verdict.problem, now, jitter);
  if (verdict.verdict === 'unknown') return unknownSince(run, verdict.problem, now);
  if (verdict.verdict === 'refused' && !verdict.sent) return { ...run, blockedBy: verdict.problem };
  const delivery = { ...run.delivery, sent: true, attemptedAt: now };
  if (verdict.verdict === 'created') {
    return { ...run, lastProblem: null, delivery: there(delivery, 'created', verdict.atsId) };
  }
  const weighs = verdict.verdict === 'duplicate' || delivery.everUnknown;
  if (!weighs) return { ...run, delivery, blockedBy: verdict.problem };
  return { ...run, delivery: { ...delivery, applicant: 'unknown', unknownSince: now }, refusal: verdict.problem };
}

function there(delivery: Delivery, deliveredAs: 'created' | 'already_there', atsId: string | null): Delivery {
  return { ...delivery, applicant: 'there', deliveredAs, atsId, unknownSince: null, lookupKeys: null };
}

/** Waits for its turn. The account's queue does not use up the patience for an ATS that is down. */
function queued(run: PushState, delayMs: number, now: number): PushState {
  const sendingSince = (run.sendingSince ?? now) + delayMs;
  const wait = { until: now + delayMs, why: 'for its turn: other calls to the account come first' };
  return { ...run, attempts: run.attempts - 1, sendingSince, wait };
}

function notSent(run: PushState, delayMs: number | null, problem: Problem, now: number, jitter: number): PushState {
  const { retryInitialMs = 1_000, retryMaximumMs = 300_000, giveUpAfterMs = 0 } = run.timing ?? {};
  const exponential = Math.min(retryInitialMs * 2 ** Math.min(run.attempts - 1, 30), retryMaximumMs);
  const until = now + (delayMs ?? Math.round(exponential * (0.5 + jitter / 2)));
  if (until > (run.sendingSince ?? now) + giveUpAfterMs) return { ...run, blockedBy: problem };
  return { ...run, lastProblem: problem, wait: { until, why: 'before the next attempt' } };
}

/** Waits as told, or as long as between attempts at the most: nobody counts enrichments, so pauses do not grow. */
function enrichmentNotSent(
  run: PushState,
  { delayMs, problem, now }: Extract<Event, { type: 'enrichmentNotSent' }>,
): PushState {
  const { retryMaximumMs = 300_000, giveUpAfterMs = 0 } = run.timing ?? {};
  const until = now + (delayMs ?? retryMaximumMs);
  const sendingSince = run.sendingSince ?? now;
  if (until > sendingSince + giveUpAfterMs) return { ...run, blockedBy: problem };
  return { ...run, sendingSince, lastProblem: problem, wait: { until, why: 'before the next enrichment' } };
}

function unknownSince(run: PushState, problem: Problem, since: number): PushState {
  const delivery: Delivery = {
    ...run.delivery,
    applicant: 'unknown',
    deliveredAs: null,
    sent: true,
    everUnknown: true,
    unknownSince: since,
    attemptedAt: since,
  };
  return { ...run, delivery, lookups: 0, refusal: null, lastProblem: problem };
}

/** The outcome stays unknown for a person: what was seen of the attempt, and why a lookup cannot tell. */
function stuckUnknown(run: PushState, why: string, whoMustAct: WhoMustAct): Problem {
  const seen = run.lastProblem ? `${run.lastProblem.message} ` : '';
  return {
    type: 'unknown_outcome',
    reason: 'write_failure',
    stage: 'findApplicant',
    message: `${seen}Whether the applicant was created is unknown: ${why}`,
    whoMustAct,
    nextStep:
      run.options.onFailure === 'hold'
        ? 'Look in the ATS, then resolve the run as delivered or not delivered.'
        : 'Look in the ATS, start the same push again with onFailure "hold", then resolve it as delivered or not delivered.',
  };
}

/** An answer that a person's hand has overtaken counts only where it finds the applicant. */
function lookedUp(
  run: PushState,
  { purpose, afterSettle, answer, now }: Extract<Event, { type: 'lookedUp' }>,
): PushState {
  if (purpose === 'again') return isBefore(run) ? sawBefore(run, answer) : run;
  if (purpose === 'first') return isBefore(run) ? lookedFirst(run, answer) : run;
  if (run.delivery.applicant === 'there') return run;
  const ours = answer.answer === 'found' ? unseen(run.delivery, answer.matches) : [];
  if (ours[0]) {
    const { atsId } = ours[0];
    return { ...run, refusal: null, lastProblem: null, delivery: there(run.delivery, 'already_there', atsId) };
  }
  if (run.delivery.applicant === 'absent') return run;
  return purpose === 'refusal' ? weighed(run, answer, now) : settled(run, afterSettle, answer, now);
}

/** Whether the lookup before the first create is still to be made. */
function isBefore({ preflightDone, delivery }: PushState): boolean {
  return !preflightDone && delivery.applicant === 'absent';
}

function unseen(delivery: Delivery, matches: readonly Match[]): readonly Match[] {
  if (!delivery.secondApplication) return matches;
  const { seen } = delivery.secondApplication;
  return seen === null ? [] : matches.filter((match) => !seen.includes(match.ref));
}

/** A refusal after its lookup: it stands when nothing of ours is there. */
function weighed(run: PushState, answer: LookupAnswer, now: number): PushState {
  if (!run.refusal) return run;
  const stands = answer.answer === 'not_found' || answer.answer === 'found';
  if (stands) return { ...run, refusal: null, blockedBy: run.refusal, delivery: absent(run) };
  const unknown = unknownSince(run, run.refusal, now);
  return { ...unknown, blockedBy: stuckUnknown(unknown, answer.problem.message, answer.problem.whoMustAct) };
}

function settled(run: PushState, afterSettle: boolean, answer: LookupAnswer, now: number): PushState {
  if (run.refusal) return run;
  switch (answer.answer) {
    case 'unavailable':
      return { ...run, blockedBy: stuckUnknown(run, answer.problem.message, answer.problem.whoMustAct) };
    case 'inconclusive':
      return afterSettle
        ? { ...run, blockedBy: stuckUnknown(run, answer.problem.message, answer.problem.whoMustAct) }
        : pause(run, now);
    case 'found':
      return afterSettle ? { ...run, blockedBy: stuckUnknown(run, notOurs(run.delivery), 'user') } : pause(run, now);
    case 'not_found':
      return afterSettle ? sendAgain(run, now) : pause(run, now);
  }
}

function notOurs({ secondApplication }: Delivery): string {
  if (secondApplication?.seen !== null) return 'only applicants that were there before are found.';
  return 'applicants are found, and which of them were there before is not known.';
}

/** Nothing of the latest application is there. A run that was not asked for it is about the one before it again. */
function absent({ options, delivery }: Pick<PushState, 'options' | 'delivery'>): Delivery {
  const gone: Delivery = { ...delivery, applicant: 'absent', unknownSince: null, lookupKeys: null };
  return options.again ? gone : recalledDelivery(options, gone);
}

function sendAgain(run: PushState, now: number): PushState {
  const found = { ...run, lookups: 0, delivery: absent(run) };
  const { sendingSince, timing, lastProblem } = run;
  const givesUp = sendingSince !== null && now > sendingSince + (timing?.giveUpAfterMs ?? 0);
  if (!givesUp || !lastProblem) return found;
  return { ...found, blockedBy: { ...lastProblem, type: 'unavailable' } };
}

/** The next lookup: soon at first, then ever later, and in any case at the moment when every create has become visible. */
function pause(run: PushState, now: number): PushState {
  const growing = Math.max(settleMs(run) / 64, 100) * 2 ** Math.min(run.lookups - 1, 30);
  const until = Math.min(now + Math.round(growing), Math.max(settledAt(run) ?? now, now + 1));
  return { ...run, wait: { until, why: 'looking whether the applicant appears' } };
}

function lookedFirst(run: PushState, answer: LookupAnswer): PushState {
  if (answer.answer === 'found') {
    return {
      ...run,
      preflightDone: true,
      delivery: there(run.delivery, 'already_there', answer.matches[0]?.atsId ?? null),
    };
  }
  if (answer.answer === 'not_found') return { ...run, preflightDone: true };
  return { ...run, blockedBy: undecided(run, answer.problem) };
}

/** What somebody can put right, so that the lookup can be made after a retry. */
const RETRIABLE_LOOKUPS: readonly FailureType[] = ['auth', 'quota', 'input', 'internal'];

/** Nothing was sent and nothing is to be resolved: the run stops before the create that it was to be careful about. */
function undecided({ options }: PushState, problem: Problem): Problem {
  const restart = `${options.onFailure === 'hold' ? 'abandon this run and ' : ''}start the push again without lookupFirst.`;
  return {
    ...problem,
    type: problem.type === 'unknown_outcome' ? 'refused' : problem.type,
    message: `Nothing was sent, since whether the applicant is in the ATS already cannot be told: ${problem.message}`,
    nextStep: RETRIABLE_LOOKUPS.includes(problem.type)
      ? problem.nextStep
      : `Look in the ATS. If the applicant is not there, ${restart}`,
  };
}

function sawBefore(run: PushState, answer: LookupAnswer): PushState {
  const { secondApplication } = run.delivery;
  if (!secondApplication) return { ...run, preflightDone: true };
  const seen = answer.answer === 'found' ? answer.matches.map((match) => match.ref) : [];
  const certain = answer.answer === 'found' || answer.answer === 'not_found';
  const earlier = certain ? settledEarlier(run, secondApplication.earlier, answer) : secondApplication.earlier;
  return {
    ...run,
    preflightDone: true,
    delivery: { ...run.delivery, secondApplication: { seen: certain ? seen : null, earlier } },
  };
}

/**
 * That something is there does not tell whether it is of the earlier attempt: its own lookup, by date, tells that. Nor does it
 * tell anything when nothing is there of somebody else, since the profile has been changed.
 */
function settledEarlier({ options, readyKeys }: PushState, earlier: Delivery, answer: LookupAnswer): Delivery {
  const settles =
    earlier.applicant === 'unknown' && answer.answer === 'not_found' && sameKeys(readyKeys, earlier.lookupKeys);
  return settles ? absent({ options, delivery: earlier }) : earlier;
}

function retried(run: PushState, { enrich }: Pick<PushOptions, 'enrich'>, corrected: boolean): PushState {
  const keepsDocuments = !corrected && run.delivery.applicant === 'there';
  return {
    ...resetForRetry(run),
    lastProblem: run.delivery.applicant === 'unknown' ? run.lastProblem : null,
    options: { ...run.options, enrich },
    nothingToDeliver: null,
    preparedAt: keepsDocuments ? run.preparedAt : null,
  };
}

function resolved(run: PushState, delivered: boolean, atsId: string | null): PushState {
  const delivery = delivered ? there(run.delivery, 'already_there', atsId) : absent(run);
  return {
    ...resetForRetry(run),
    recalled: true,
    refusal: null,
    preparedAt: delivered ? run.preparedAt : null,
    delivery,
  };
}

/** A person has acted: trouble, holding and the patience for one round of sending begin anew. */
function resetForRetry(run: PushState): PushState {
  const hold = { ...run.hold, until: null };
  return { ...run, blockedBy: null, lastProblem: null, wait: null, hold, lookups: 0, attempts: 0, sendingSince: null };
}
