import { isGrpcServiceError, NamespaceNotFoundError, ServiceError } from '@temporalio/client';
import { PushError } from '../../client/errors';
import { grpcWords, isRefused } from '../../client/reach';
import { isTransient } from '../../client/reconnect';
import type { PushEnd } from '../../client/wait';
import { InputError } from '../../protocol/errors';
import { PayloadDecryptionError } from '../../security/encryption/payload-codec';
import type { Problem } from '../../protocol/delivery';
import { emptyEvents } from '../../protocol/result';
import type { RunResult } from '../../protocol/messages';
import { CHECKS_BEFORE_SENDING, createProblem } from '../../protocol/problems';

/** What is said of one push: the JSON document of the contract. */
export interface PushReport {
  /** The line of the input at which the push begins, from 1. Absent if there is no input. */
  readonly line?: number;
  /** Null if the input was refused before it was clear which push it is. */
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly state: 'completed' | 'failed' | 'held' | 'started';
  /** What is known; null if the input was refused or the run is still open. */
  readonly result: RunResult | null;
  readonly error: Problem | null;
}

/** Which push a report is about, as far as that is known. */
export interface Subject {
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly profileKey: string | null;
}

export function completed({ workflowId, runId, result }: PushEnd): PushReport {
  return { workflowId, runId, state: 'completed', result, error: null };
}

export function started(workflowId: string, runId: string): PushReport {
  return { workflowId, runId, state: 'started', result: null, error: null };
}

/** The report of a push that ended with an error, whatever that is. */
export function failed(error: unknown, subject: Subject): PushReport {
  const { workflowId, runId } = subject;
  if (error instanceof PushError) return fromPushError(error, subject);
  if (error instanceof InputError) {
    const { type, reason, stage, message, whoMustAct, nextStep } = error;
    return {
      workflowId,
      runId,
      state: 'failed',
      result: null,
      error: { type, reason, stage, message, whoMustAct, nextStep },
    };
  }
  const problem = problemOf(error, runId);
  if (runId !== null && isTemporalTrouble(error)) {
    return { workflowId, runId, state: 'started', result: null, error: problem };
  }
  return { workflowId, runId, state: 'failed', result: littleKnown(problem, subject.profileKey ?? ''), error: problem };
}

function fromPushError(error: PushError, subject: Subject): PushReport {
  const problem = error.toJSON();
  const refused = problem.type === 'workflow_id_taken' || problem.type === 'input';
  return {
    workflowId: error.run?.workflowId ?? subject.workflowId,
    runId: error.run?.runId ?? subject.runId,
    state: error.state,
    result: error.result ?? (refused ? null : littleKnown(problem, subject.profileKey ?? '')),
    error: problem,
  };
}

/** The result of a push of which nothing can be read: its run was ended from outside, or Temporal does not tell. */
function littleKnown({ type, reason, stage, message }: Problem, key: string): RunResult {
  const nothingSent = type === 'cancelled';
  return {
    status: 'fatal',
    reason: reason || 'write_failure',
    read_from: null,
    events: { ...emptyEvents(), write_failure: 1 },
    items: [{ key, outcome: nothingSent ? 'failed' : 'unknown', enriched: null, stage, ats_id: null, message }],
  };
}

/** Whether it is Temporal, and not this program, that has trouble. */
export function isTemporalTrouble(error: unknown): boolean {
  return error instanceof ServiceError || error instanceof NamespaceNotFoundError || isGrpcServiceError(error);
}

/** What Temporal or Node said of an error that has no better words. Never called with the words of an ATS. */
export function wordsOf(error: unknown): string {
  const cause: unknown = error instanceof ServiceError ? (error.cause ?? error) : error;
  if (cause instanceof NamespaceNotFoundError)
    return `Temporal does not know the namespace "${cause.namespace}": set TEMPORAL_NAMESPACE to one that it has.`;
  if (isGrpcServiceError(cause)) return `Temporal answered: ${grpcWords(cause)}`;
  return error instanceof Error ? `${error.name}: ${error.message}` : 'something was thrown that is no error';
}

const LOST = createProblem({
  type: 'unavailable',
  reason: '',
  stage: 'fetchProfile',
  message: 'Temporal stopped responding during the run; the run continues.',
  whoMustAct: 'operator',
  nextStep: 'Start the same push again when Temporal responds: it joins the run.',
});

const MAYBE_STARTED: Problem = {
  ...LOST,
  message: 'Temporal stopped answering before it was known whether it had accepted the run.',
  nextStep: 'Start the same push again when Temporal answers: it joins the run if there is one.',
};

/** What is said of an error that is no end of a run. */
function problemOf(error: unknown, runId: string | null): Problem {
  if (isTransient(error)) return runId === null ? MAYBE_STARTED : LOST;
  const problem = createProblem({
    type: 'internal',
    reason: '',
    stage: 'fetchProfile',
    message: wordsOf(error),
    nextStep: CHECKS_BEFORE_SENDING,
  });
  if (error instanceof PayloadDecryptionError) {
    const nextStep = 'Give this client the encryption keys of the workers, then start the same push again.';
    return { ...problem, message: error.message, nextStep };
  }
  if (isRefused(error)) {
    const nextStep = 'Give this client what Temporal asks for, then start the same push again.';
    return { ...problem, type: 'auth', nextStep };
  }
  return error instanceof NamespaceNotFoundError ? { ...problem, type: 'unavailable' } : problem;
}
