/** The details of a failure, of an activity or of a run: one object with named members. Written and read here only. */
import type { AttemptVerdict, Problem } from './delivery';
import { isObject } from './json';
import { createProblem } from './problems';
import type { JsonObject, RunKnowledge, RunResult } from './messages';

/** What a step that failed says of its call to the other system. */
export interface AttemptEnd {
  readonly verdict: Exclude<AttemptVerdict['verdict'], 'created'>;
  /** Whether a request was sent: a refusal before that leaves nothing behind. */
  readonly sent: boolean;
  /** How long to wait, in milliseconds. Null if the system did not say. */
  readonly delayMs: number | null;
  /** The account's turn comes later, so the wait is not a failure. */
  readonly queued: boolean;
}

interface StepFailureDetails {
  readonly problem: Problem;
  readonly attempt?: AttemptEnd;
}

interface RunFailureDetails {
  readonly problem: Problem;
  readonly result: RunResult;
  readonly knowledge: RunKnowledge;
}

/** Returns the `details` of the failure of an activity. */
export function stepFailureDetails(problem: Problem, attempt?: AttemptEnd): [StepFailureDetails] {
  return [{ problem, ...(attempt && { attempt }) }];
}

/** Returns the `details` of the failure that ends a run. */
export function runFailureDetails(details: RunFailureDetails): [RunFailureDetails] {
  return [details];
}

/** Any failure with details: this room knows no class of the SDK. */
interface WithDetails {
  readonly details?: readonly unknown[] | null | undefined;
}

/** Returns the members of the details, unchecked. Empty if there are none. */
export function failureDetailsOf({ details }: WithDetails): JsonObject {
  const first = details?.[0];
  return isObject(first) ? first : {};
}

/** Returns the problem that a failure reports. Null if it reports none. */
export function reportedProblem(failure: WithDetails): Problem | null {
  const { problem } = failureDetailsOf(failure);
  return isProblem(problem) ? problem : null;
}

/** Returns what a failed attempt found out. Null if the failure does not tell. */
export function reportedVerdict(failure: WithDetails): AttemptVerdict | null {
  const problem = reportedProblem(failure);
  const { attempt } = failureDetailsOf(failure);
  if (!problem || !isObject(attempt)) return null;
  const { verdict, sent, queued } = attempt;
  const delayMs = typeof attempt['delayMs'] === 'number' ? attempt['delayMs'] : null;
  switch (verdict) {
    case 'not_sent':
      return { verdict, delayMs, problem, ...(queued === true && { queued }) };
    case 'refused':
      return { verdict, sent: sent !== false, problem };
    case 'duplicate':
    case 'unknown':
      return { verdict, problem };
    default:
      return null;
  }
}

/** Returns the verdict of an attempt that obeyed a cancellation. */
export function cancelledVerdict(): AttemptVerdict {
  const problem = createProblem({
    type: 'cancelled',
    reason: 'write_failure',
    stage: 'pushApplicant',
    message: 'The attempt was cancelled before anything was sent.',
  });
  return { verdict: 'not_sent', delayMs: null, problem };
}

const PROBLEM_MEMBERS = ['type', 'reason', 'stage', 'message', 'whoMustAct', 'nextStep'];

function isProblem(value: unknown): value is Problem {
  return isObject(value) && PROBLEM_MEMBERS.every((member) => typeof value[member] === 'string');
}
