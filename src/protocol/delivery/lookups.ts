import type { FailureType, WhoMustAct } from '../names';
import { createProblem } from '../problems';
import {
  asAbsent,
  asDelivered,
  asUnknown,
  type Delivery,
  type LookupKeys,
  type Problem,
  type PushState,
} from './state';

/** One applicant that a lookup found. `ref` distinguishes it from others in the same ATS. */
export interface Match {
  ref: string;
  atsId: string | null;
}

/** What a lookup answers. `not_found` is the answer to a complete, well-formed search without a match. */
export type LookupAnswer =
  | { answer: 'found'; matches: readonly Match[] }
  | { answer: 'not_found' }
  | { answer: 'inconclusive'; problem: Problem }
  | { answer: 'unavailable'; problem: Problem };

/**
 * Why a lookup is made: to settle an unknown outcome, to weigh a refusal, or before the first create (`first` for `lookupFirst`,
 * `again` to see which applicants are there already).
 */
export type LookupPurpose = 'settle' | 'refusal' | 'first' | 'again';

/** A lookup that has come back. */
export interface LookupEnd {
  readonly purpose: LookupPurpose;
  /** Every create had become visible when the lookup began. */
  readonly afterSettle: boolean;
  readonly answer: LookupAnswer;
  readonly now: number;
}

/** How long a create may stay invisible, in milliseconds. */
export function settleMs({ timing }: PushState): number {
  return timing?.settleMs ?? 0;
}

/** The moment (epoch ms) at which every create has become visible. Null while no outcome is unknown. */
export function settledAt(state: PushState): number | null {
  const { unknownSince } = state.delivery;
  return unknownSince === null ? null : unknownSince + settleMs(state);
}

/** Whether two documents name the same applicant. */
export function isSameApplicant(one: LookupKeys | null, other: LookupKeys | null): boolean {
  if (one === null || other === null) return one === other;
  const names = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...names].every((name) => one[name] === other[name]);
}

/** The state after a lookup. An answer that an update has overtaken counts only if it finds the applicant. */
export function afterLookup(state: PushState, { purpose, afterSettle, answer, now }: LookupEnd): PushState {
  if (purpose === 'again') return isPreflightDue(state) ? recordMatches(state, answer) : state;
  if (purpose === 'first') return isPreflightDue(state) ? afterFirst(state, answer) : state;
  if (state.delivery.applicant === 'there') return state;
  const [ours] = answer.answer === 'found' ? newMatches(state.delivery, answer.matches) : [];
  if (ours) {
    const delivery = asDelivered(state.delivery, 'already_there', ours.atsId);
    return { ...state, pendingRefusal: null, lastProblem: null, delivery };
  }
  if (state.delivery.applicant === 'absent') return state;
  return purpose === 'refusal' ? weighRefusal(state, answer, now) : settleUnknown(state, afterSettle, answer, now);
}

function isPreflightDue({ preflightDone, delivery }: PushState): boolean {
  return !preflightDone && delivery.applicant === 'absent';
}

function newMatches({ secondApplication }: Delivery, matches: readonly Match[]): readonly Match[] {
  if (!secondApplication) return matches;
  const { matchesBefore } = secondApplication;
  return matchesBefore === null ? [] : matches.filter(({ ref }) => !matchesBefore.includes(ref));
}

/** A refusal stands if nothing of ours is there. */
function weighRefusal(state: PushState, answer: LookupAnswer, now: number): PushState {
  const { pendingRefusal } = state;
  if (!pendingRefusal) return state;
  if (isConclusiveAnswer(answer))
    return { ...state, pendingRefusal: null, blockedBy: pendingRefusal, delivery: asAbsent(state) };
  const unknown = asUnknown(state, pendingRefusal, now);
  return { ...unknown, blockedBy: unknownOutcome(unknown, answer.problem.message, answer.problem.whoMustAct) };
}

function isConclusiveAnswer(answer: LookupAnswer): answer is Extract<LookupAnswer, { answer: 'found' | 'not_found' }> {
  return answer.answer === 'found' || answer.answer === 'not_found';
}

function settleUnknown(state: PushState, afterSettle: boolean, answer: LookupAnswer, now: number): PushState {
  if (state.pendingRefusal) return state;
  if (!afterSettle && answer.answer !== 'unavailable') return waitForNextLookup(state, now);
  switch (answer.answer) {
    case 'unavailable':
    case 'inconclusive':
      return { ...state, blockedBy: unknownOutcome(state, answer.problem.message, answer.problem.whoMustAct) };
    case 'found':
      return { ...state, blockedBy: unknownOutcome(state, whyNotOurs(state.delivery), 'user') };
    case 'not_found':
      return sendAgain(state, now);
  }
}

function whyNotOurs({ secondApplication }: Delivery): string {
  if (secondApplication?.matchesBefore !== null) return 'the lookup finds only applicants that were there before.';
  return 'the lookup finds applicants, and which of them were there before is not known.';
}

function sendAgain(state: PushState, now: number): PushState {
  const absent = { ...state, lookupCount: 0, delivery: asAbsent(state) };
  const { sendingSince, timing, lastProblem } = state;
  const givesUp = sendingSince !== null && now > sendingSince + (timing?.giveUpAfterMs ?? 0);
  return givesUp && lastProblem ? { ...absent, blockedBy: { ...lastProblem, type: 'unavailable' } } : absent;
}

/** Waits for the next lookup: briefly at first, then longer and longer, and at most until every create has become visible. */
function waitForNextLookup(state: PushState, now: number): PushState {
  const pauseMs = Math.max(settleMs(state) / 64, 100) * 2 ** Math.min(state.lookupCount - 1, 30);
  const until = Math.min(now + Math.round(pauseMs), Math.max(settledAt(state) ?? now, now + 1));
  return { ...state, wait: { until, why: 'checking whether the applicant appears' } };
}

/** The problem of an outcome that stays unknown: what the attempt ended with, and why the lookup does not settle it. */
function unknownOutcome({ lastProblem, options }: PushState, why: string, whoMustAct: WhoMustAct): Problem {
  const attempt = lastProblem ? `${lastProblem.message} ` : '';
  return createProblem({
    type: 'unknown_outcome',
    reason: 'write_failure',
    stage: 'findApplicant',
    message: `${attempt}Whether the applicant was created is unknown: ${why}`,
    whoMustAct,
    ...(options.onFailure === 'fail' && {
      nextStep:
        'Check the ATS, start the same push again with onFailure "hold", then resolve it as delivered or not delivered.',
    }),
  });
}

function afterFirst(state: PushState, answer: LookupAnswer): PushState {
  if (!isConclusiveAnswer(answer)) return { ...state, blockedBy: preflightFailed(state, answer.problem) };
  if (answer.answer === 'not_found') return { ...state, preflightDone: true };
  const delivery = asDelivered(state.delivery, 'already_there', answer.matches[0]?.atsId ?? null);
  return { ...state, preflightDone: true, delivery };
}

/** Problems that somebody can fix, so that the lookup succeeds after a retry. */
const FIXABLE: readonly FailureType[] = ['auth', 'quota', 'input', 'internal'];

/** The run stops before the create that it was to be careful about: nothing was sent, and there is nothing to resolve. */
function preflightFailed({ options }: PushState, problem: Problem): Problem {
  const restart = `${options.onFailure === 'hold' ? 'abandon this run and ' : ''}start the push again without lookupFirst.`;
  return {
    ...problem,
    type: problem.type === 'unknown_outcome' ? 'refused' : problem.type,
    message: `Nothing was sent, because the lookup could not tell whether the applicant is in the ATS already: ${problem.message}`,
    nextStep: FIXABLE.includes(problem.type)
      ? problem.nextStep
      : `Check the ATS. If the applicant is not there, ${restart}`,
  };
}

/** Records which applicants are there before the create of a second application. */
function recordMatches(state: PushState, answer: LookupAnswer): PushState {
  const { secondApplication } = state.delivery;
  if (!secondApplication) return { ...state, preflightDone: true };
  const matches = answer.answer === 'found' ? answer.matches.map(({ ref }) => ref) : [];
  const next = isConclusiveAnswer(answer)
    ? { matchesBefore: matches, earlier: settleEarlier(state, secondApplication.earlier, answer) }
    : { matchesBefore: null, earlier: secondApplication.earlier };
  return { ...state, preflightDone: true, delivery: { ...state.delivery, secondApplication: next } };
}

/**
 * Settles an earlier application only if nothing is there for the same lookup keys. A match does not prove that the earlier attempt
 * created it, and a miss proves nothing if the lookup keys have changed since.
 */
function settleEarlier({ options, readyKeys }: PushState, earlier: Delivery, answer: LookupAnswer): Delivery {
  const settles =
    earlier.applicant === 'unknown' && answer.answer === 'not_found' && isSameApplicant(readyKeys, earlier.lookupKeys);
  return settles ? asAbsent({ options, delivery: earlier }) : earlier;
}
