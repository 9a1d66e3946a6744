import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/workflow';
import type { AttemptVerdict, Problem } from '../protocol/delivery';
import { cancelledVerdict, reportedProblem, reportedVerdict } from '../protocol/failure-details';
import type { Reason, Stage } from '../protocol/names';
import { createProblem } from '../protocol/problems';

/** Returns the problem that a failed activity reports. If it reports none, as after a timeout, describes the failure itself. */
export function problemOf(error: unknown, stage: Stage, reason: Reason): Problem {
  const cause = causeOf(error);
  if (cause instanceof ApplicationFailure)
    return reportedProblem(cause) ?? internal(stage, reason, cause.type ?? 'failure');
  if (cause instanceof TimeoutFailure) return timedOut(stage, reason);
  return internal(stage, reason, 'failure');
}

/** Maps each step of a preparation to the reason that the Python reference gives for its failure. */
const PREPARATION = new Map<string, { readonly stage: Stage; readonly reason: Reason }>([
  ['applyLogics', { stage: 'applyLogics', reason: 'logics_failure' }],
  ['format', { stage: 'format', reason: 'format_failure' }],
  ['authenticate', { stage: 'authenticate', reason: 'write_failure' }],
]);

/** Returns the step of a preparation that failed. If an activity timed out, only its type tells. */
export function stepOfPreparation(error: unknown): { readonly stage: Stage; readonly reason: Reason } {
  const step = error instanceof ActivityFailure ? PREPARATION.get(error.activityType) : undefined;
  return step ?? { stage: 'fetchProfile', reason: 'read_failure' };
}

/** Returns the verdict of a failed attempt of `pushApplicant`. Null if it reported none (dead worker, timeout). */
export function verdictOf(error: unknown): AttemptVerdict | null {
  const cause = causeOf(error);
  if (cause instanceof CancelledFailure) return cancelledVerdict();
  return cause instanceof ApplicationFailure ? reportedVerdict(cause) : null;
}

/** Returns how long to wait after an enrichment that changed nothing in the ATS. Null for every other failure. */
export function notSentDelayOf(error: unknown): { readonly delayMs: number | null } | null {
  const verdict = verdictOf(error);
  return verdict?.verdict === 'not_sent' ? { delayMs: verdict.delayMs } : null;
}

function causeOf(error: unknown): unknown {
  return error instanceof ActivityFailure ? error.cause : error;
}

function timedOut(stage: Stage, reason: Reason): Problem {
  return createProblem({
    type: 'unavailable',
    reason,
    stage,
    message: `The worker running ${stage} stopped responding, or ${stage} took too long.`,
    whoMustAct: 'operator',
    nextStep: 'Check that workers are running, then retry.',
  });
}

function internal(stage: Stage, reason: Reason, kind: string): Problem {
  const message = `${stage} failed without further details (${kind}).`;
  return createProblem({ type: 'internal', reason, stage, message });
}
