import type { Stage } from '../names';
import { createProblem } from '../problems';
import { CLOCK_SKEW_MS, DEFAULT_TIMING, stragglerWindowMs, type Timing } from '../timing';
import { afterLookup, isSameApplicant, type LookupEnd } from './lookups';
import {
  asAbsent,
  asDelivered,
  asIdle,
  asUnknown,
  deliveryFor,
  type ActiveStep,
  type Delivery,
  type LookupKeys,
  type Problem,
  type PushOptions,
  type PushState,
} from './state';

/** What one attempt of `pushApplicant` found out. */
export type AttemptVerdict =
  | { verdict: 'created'; atsId: string | null }
  /** `queued`: the attempt waits for its turn at the account, which is no trouble. */
  | { verdict: 'not_sent'; delayMs: number | null; problem: Problem; queued?: boolean }
  /** `sent` is false if it was refused before anything left, for example because a secret is missing. */
  | { verdict: 'refused'; sent: boolean; problem: Problem }
  | { verdict: 'duplicate'; problem: Problem }
  | { verdict: 'unknown'; problem: Problem };

/** What happened, as the driver reports it. `now` is in epoch milliseconds. */
export type Event =
  | { type: 'stepStarted'; step: ActiveStep; now: number }
  | { type: 'recallFinished'; delivery: Delivery; timing: Timing }
  | { type: 'prepareFinished'; timing: Timing; lookupKeys: LookupKeys | null; note?: string | null; now: number }
  | { type: 'profileUnavailable'; why: NonNullable<PushState['nothingToDeliver']> }
  /** `jitter` is between 0 and 1. */
  | { type: 'attemptFinished'; verdict: AttemptVerdict; now: number; jitter: number }
  /** The attempt ended without a verdict: its worker may be alive and not know yet. */
  | { type: 'attemptLost'; problem: Problem; now: number }
  | ({ type: 'lookupFinished' } & LookupEnd)
  | { type: 'enrichmentFinished' }
  /** An enrichment that must not be retried blindly changed nothing in the ATS. */
  | { type: 'enrichmentNotSent'; delayMs: number | null; problem: Problem; now: number }
  | { type: 'stepFailed'; problem: Problem }
  /** A cancellation ended a step that changes nothing. */
  | { type: 'stepCancelled' }
  | { type: 'holdStarted'; now: number }
  | { type: 'cancellationReceived' }
  | { type: 'retryAccepted'; options: Pick<PushOptions, 'enrich'>; corrected: boolean }
  | { type: 'resolveAccepted'; delivered: boolean; atsId: string | null }
  | { type: 'abandonAccepted'; problem: Problem }
  /** The run continues in a new history: what was only in memory is gone. */
  | { type: 'historyChanged' };

type EventOf<T extends Event['type']> = Extract<Event, { type: T }>;

/** The state after an event. */
export function apply(state: PushState, event: Event): PushState {
  switch (event.type) {
    case 'stepStarted':
      return startStep(state, event.step, event.now);
    case 'recallFinished':
      return finishRecall(state, event);
    case 'prepareFinished':
      return finishPrepare(state, event);
    case 'profileUnavailable':
      return skipDelivery(state, event.why);
    case 'attemptFinished':
      return finishAttempt(asIdle(state), event);
    case 'attemptLost':
      return asUnknown(asIdle(state), event.problem, event.now + stragglerWindowMs(state.timing));
    case 'lookupFinished':
      return afterLookup({ ...asIdle(state), lookupCount: state.lookupCount + 1 }, event);
    case 'enrichmentFinished':
      return { ...asIdle(state), delivery: { ...state.delivery, enriched: true } };
    case 'enrichmentNotSent':
      return postponeEnrichment(asIdle(state), event);
    case 'stepFailed':
      return failStep(asIdle(state), event.problem);
    case 'stepCancelled':
      return asIdle(state);
    case 'historyChanged':
      return { ...state, preparedAt: null, activeStep: null };
    default:
      return applyRequest(state, event);
  }
}

/** What operators and users ask for, and the hold in which the run waits for them. */
type RequestEvent = EventOf<
  'holdStarted' | 'cancellationReceived' | 'retryAccepted' | 'resolveAccepted' | 'abandonAccepted'
>;

function applyRequest(state: PushState, event: RequestEvent): PushState {
  switch (event.type) {
    case 'holdStarted':
      return { ...state, hold: { number: state.hold.number + 1, until: event.now + state.options.holdForMs } };
    case 'cancellationReceived':
      return { ...state, cancelRequested: true };
    case 'retryAccepted':
      return retry(state, event);
    case 'resolveAccepted':
      return resolve(state, event);
    case 'abandonAccepted':
      return {
        ...state,
        blockedBy: event.problem,
        isAbandoned: true,
        options: { ...state.options, onFailure: 'fail' },
      };
  }
}

function startStep(state: PushState, step: ActiveStep, now: number): PushState {
  const started = { ...asIdle(state), activeStep: step };
  if (step === 'enrich' && !state.options.create) return { ...started, delivery: { ...state.delivery, sent: true } };
  if (step !== 'push') return started;
  const firstAttemptAt = state.delivery.firstAttemptAt ?? now - CLOCK_SKEW_MS;
  return {
    ...started,
    attempts: state.attempts + 1,
    sendingSince: state.sendingSince ?? now,
    delivery: { ...state.delivery, firstAttemptAt, lookupKeys: state.readyKeys },
  };
}

/** Does not overwrite what an operator has said meanwhile. */
function finishRecall(state: PushState, { delivery, timing }: EventOf<'recallFinished'>): PushState {
  if (state.recalled) return asIdle(state);
  return { ...asIdle(state), recalled: true, timing, delivery: deliveryFor(state.options, delivery) };
}

/** Repeats the lookup before the first create if the document now names another applicant. */
function finishPrepare(
  state: PushState,
  { timing, lookupKeys, note = null, now }: EventOf<'prepareFinished'>,
): PushState {
  const preflightDone = state.preflightDone && isSameApplicant(state.readyKeys, lookupKeys);
  return {
    ...asIdle(state),
    ...{ profileRead: true, preparedAt: now, timing, readyKeys: lookupKeys, note, preflightDone },
  };
}

/** Stages of a preparation that come after the profile was read. */
const AFTER_READ: readonly Stage[] = ['applyLogics', 'format', 'authenticate'];

function failStep(state: PushState, problem: Problem): PushState {
  const profileRead = state.profileRead || AFTER_READ.includes(problem.stage);
  return state.isAbandoned ? { ...state, profileRead } : { ...state, profileRead, blockedBy: problem };
}

function skipDelivery(state: PushState, why: 'discarded' | 'not_found'): PushState {
  const profileRead = state.profileRead || why === 'discarded';
  const skipped = { ...asIdle(state), nothingToDeliver: why, profileRead };
  if (state.isAbandoned || !state.options.create || state.delivery.applicant === 'absent') return skipped;
  const problem = createProblem({
    type: 'enrich',
    reason: 'callback_failure',
    stage: why === 'discarded' ? 'applyLogics' : 'fetchProfile',
    message:
      why === 'discarded'
        ? 'The candidate is in the ATS. The logics now discard the profile, so the candidate was not enriched.'
        : 'The candidate is in the ATS. The profile is no longer in HrFlow.ai, so the candidate was not enriched.',
    nextStep: 'Abandon the run, or make the profile available again and retry.',
  });
  return { ...skipped, blockedBy: problem };
}

function finishAttempt(state: PushState, { verdict, now, jitter }: EventOf<'attemptFinished'>): PushState {
  if (verdict.verdict === 'not_sent' && verdict.queued) return waitForTurn(state, verdict.delayMs ?? 0, now);
  if (verdict.verdict === 'not_sent') return waitForRetry(state, verdict.delayMs, verdict.problem, now, jitter);
  if (verdict.verdict === 'unknown') return asUnknown(state, verdict.problem, now);
  if (verdict.verdict === 'refused' && !verdict.sent) return { ...state, blockedBy: verdict.problem };
  const delivery = { ...state.delivery, sent: true, attemptedAt: now };
  if (verdict.verdict === 'created')
    return { ...state, lastProblem: null, delivery: asDelivered(delivery, 'created', verdict.atsId) };
  const needsLookup = verdict.verdict === 'duplicate' || delivery.everUnknown;
  if (!needsLookup) return { ...state, delivery, blockedBy: verdict.problem };
  return {
    ...state,
    delivery: { ...delivery, applicant: 'unknown', unknownSince: now },
    pendingRefusal: verdict.problem,
  };
}

/** The queue of the account does not count towards `giveUpAfterMs`. */
function waitForTurn(state: PushState, delayMs: number, now: number): PushState {
  const sendingSince = (state.sendingSince ?? now) + delayMs;
  const wait = { until: now + delayMs, why: 'for its turn: other calls to the account come first' };
  return { ...state, attempts: state.attempts - 1, sendingSince, wait };
}

function waitForRetry(
  state: PushState,
  delayMs: number | null,
  problem: Problem,
  now: number,
  jitter: number,
): PushState {
  const { retryInitialMs, retryMaximumMs, giveUpAfterMs } = retryPolicy(state);
  const exponential = Math.min(retryInitialMs * 2 ** Math.min(state.attempts - 1, 30), retryMaximumMs);
  const until = now + (delayMs ?? Math.round(exponential * (0.5 + jitter / 2)));
  if (until > (state.sendingSince ?? now) + giveUpAfterMs) return { ...state, blockedBy: problem };
  return { ...state, lastProblem: problem, wait: { until, why: 'before the next attempt' } };
}

/** Waits as long as the ATS asked for, else as long as the longest pause between attempts: enrichments are not counted. */
function postponeEnrichment(state: PushState, { delayMs, problem, now }: EventOf<'enrichmentNotSent'>): PushState {
  const { retryMaximumMs, giveUpAfterMs } = retryPolicy(state);
  const until = now + (delayMs ?? retryMaximumMs);
  const sendingSince = state.sendingSince ?? now;
  if (until > sendingSince + giveUpAfterMs) return { ...state, blockedBy: problem };
  return { ...state, sendingSince, lastProblem: problem, wait: { until, why: 'before the next enrichment' } };
}

function retryPolicy({ timing }: PushState): Pick<Timing, 'retryInitialMs' | 'retryMaximumMs' | 'giveUpAfterMs'> {
  return timing ?? { ...DEFAULT_TIMING, giveUpAfterMs: 0 };
}

function retry(state: PushState, { options, corrected }: EventOf<'retryAccepted'>): PushState {
  const keepsDocuments = !corrected && state.delivery.applicant === 'there';
  return {
    ...resetForRetry(state),
    lastProblem: state.delivery.applicant === 'unknown' ? state.lastProblem : null,
    options: { ...state.options, enrich: options.enrich },
    nothingToDeliver: null,
    preparedAt: keepsDocuments ? state.preparedAt : null,
  };
}

function resolve(state: PushState, { delivered, atsId }: EventOf<'resolveAccepted'>): PushState {
  const delivery = delivered ? asDelivered(state.delivery, 'already_there', atsId) : asAbsent(state);
  const preparedAt = delivered ? state.preparedAt : null;
  return { ...resetForRetry(state), recalled: true, pendingRefusal: null, preparedAt, delivery };
}

/** Starts a new round of attempts after an operator has acted. */
function resetForRetry(state: PushState): PushState {
  const hold = { ...state.hold, until: null };
  return {
    ...state,
    ...{ blockedBy: null, lastProblem: null, wait: null, hold, lookupCount: 0, attempts: 0, sendingSince: null },
  };
}
