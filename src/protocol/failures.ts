import { ActivityFailure, ApplicationFailure, CancelledFailure, TimeoutFailure } from '@temporalio/common';
import type { AttemptVerdict, Problem } from './delivery';
import type { Reason, Stage } from './names';
import { isObject } from './json';

/** The problem that a failed activity reports. A failure of another kind (a time-out, for example) is put into words here. */
export function problemOf(error: unknown, stage: Stage, reason: Reason): Problem {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof ApplicationFailure) return reported(cause) ?? internal(stage, reason, cause.type ?? 'failure');
  if (cause instanceof TimeoutFailure) return timedOut(stage, reason);
  return internal(stage, reason, 'failure');
}

/** Steps of a preparation, and how the Python reference calls their failure. */
const PREPARATION = new Map<string, { readonly stage: Stage; readonly reason: Reason }>([
  ['applyLogics', { stage: 'applyLogics', reason: 'logics_failure' }],
  ['format', { stage: 'format', reason: 'format_failure' }],
  ['authenticate', { stage: 'authenticate', reason: 'write_failure' }],
]);

/** Which step of a preparation failed: an activity that timed out says it nowhere else. */
export function stepOfPreparation(error: unknown): { readonly stage: Stage; readonly reason: Reason } {
  const step = error instanceof ActivityFailure ? PREPARATION.get(error.activityType) : undefined;
  return step ?? { stage: 'fetchProfile', reason: 'read_failure' };
}

/** What an attempt of `pushApplicant` that ended with a failure found out; null where it says nothing (dead worker, time-out). */
export function verdictOf(error: unknown): AttemptVerdict | null {
  const cause = error instanceof ActivityFailure ? error.cause : error;
  if (cause instanceof CancelledFailure) return { verdict: 'not_sent', delayMs: null, problem: stoppedInTime() };
  if (!(cause instanceof ApplicationFailure)) return null;
  const problem = reported(cause);
  const end: unknown = cause.details?.[1];
  if (!problem || !isObject(end)) return null;
  const delayMs = typeof end['delayMs'] === 'number' ? end['delayMs'] : null;
  switch (end['verdict']) {
    case 'not_sent':
      return { verdict: 'not_sent', delayMs, problem, ...(end['queued'] === true && { queued: true }) };
    case 'refused':
      return { verdict: 'refused', sent: end['sent'] !== false, problem };
    case 'duplicate':
    case 'unknown':
      return { verdict: end['verdict'], problem };
    default:
      return null;
  }
}

/** Of a failed enrichment that changed nothing over there: how long to wait, where somebody asked for it. Null for others. */
export function notSentDelayOf(error: unknown): { readonly delayMs: number | null } | null {
  const verdict = verdictOf(error);
  return verdict?.verdict === 'not_sent' ? { delayMs: verdict.delayMs } : null;
}

function reported(failure: ApplicationFailure): Problem | null {
  const detail: unknown = failure.details?.[0];
  return isProblem(detail) ? detail : null;
}

function isProblem(value: unknown): value is Problem {
  const members = ['type', 'reason', 'stage', 'message', 'whoMustAct', 'nextStep'];
  return isObject(value) && members.every((member) => typeof value[member] === 'string');
}

function timedOut(stage: Stage, reason: Reason): Problem {
  return {
    type: 'unavailable',
    reason,
    stage,
    message: `The worker running ${stage} stopped responding, or ${stage} took too long.`,
    whoMustAct: 'operator',
    nextStep: 'Check that workers are running, then retry.',
  };
}

function internal(stage: Stage, reason: Reason, kind: string): Problem {
  return {
    type: 'internal',
    reason,
    stage,
    message: `${stage} ended with a ${kind} that says nothing more.`,
    whoMustAct: 'operator',
    nextStep: 'Look at the log of the worker, then retry.',
  };
}

function stoppedInTime(): Problem {
  return {
    type: 'cancelled',
    reason: 'write_failure',
    stage: 'pushApplicant',
    message: 'The attempt was cancelled before anything was sent.',
    whoMustAct: 'user',
    nextStep: 'Start the push again if it is wanted.',
  };
}
