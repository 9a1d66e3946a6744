import {
  ApplicationFailure,
  CancelledFailure,
  TerminatedFailure,
  TimeoutFailure,
  type WorkflowFailedError,
} from '@temporalio/client';
import { failureDetailsOf } from '../protocol/failure-details';
import { FAILURE_TYPES, type FailureType, type Reason, type Stage, type WhoMustAct } from '../protocol/names';
import type { Problem } from '../protocol/delivery';
import type { RunResult } from '../protocol/messages';
import { problemSchema, runResultSchema } from '../history/stored-shapes';
import { CHECKS_BEFORE_SENDING, createProblem } from '../protocol/problems';

/** A push that failed or is held. Has the members of the command line's `error`, and its `result`. */
export class PushError extends Error {
  override readonly name = 'PushError';
  readonly type: FailureType;
  readonly reason: Reason;
  readonly stage: Stage;
  readonly whoMustAct: WhoMustAct;
  readonly nextStep: string;

  constructor(
    problem: Problem,
    /** What is known of the push. Null if the input was refused. */
    readonly result: RunResult | null,
    readonly run: { readonly workflowId: string; readonly runId: string | null } | null,
    /** `held`: the run waits for an operator. */
    readonly state: 'failed' | 'held' = 'failed',
  ) {
    super(problem.message);
    this.type = problem.type;
    this.reason = problem.reason;
    this.stage = problem.stage;
    this.whoMustAct = problem.whoMustAct;
    this.nextStep = problem.nextStep;
  }

  /** Returns the `error` member of the command line's JSON. */
  toJSON(): Problem {
    const { type, reason, stage, message, whoMustAct, nextStep } = this;
    return { type, reason, stage, message, whoMustAct, nextStep };
  }
}

/** Returns the problem of a run that ended without a result, and the result as far as it is known. */
export function readFailure(error: WorkflowFailedError): { problem: Problem; result: RunResult | null } {
  const { cause } = error;
  if (cause instanceof ApplicationFailure) return readApplicationFailure(cause);
  if (cause instanceof CancelledFailure) return { problem: cancelled(), result: null };
  if (cause instanceof TerminatedFailure) return { problem: stopped('terminated'), result: null };
  return { problem: stopped(cause instanceof TimeoutFailure ? 'timed out' : 'ended'), result: null };
}

function readApplicationFailure(failure: ApplicationFailure): { problem: Problem; result: RunResult | null } {
  const details = failureDetailsOf(failure);
  const problem = problemSchema.safeParse(details['problem']).data ?? bareProblem(failure);
  return { problem, result: runResultSchema.safeParse(details['result']).data ?? null };
}

function bareProblem({ type, message }: ApplicationFailure): Problem {
  return createProblem({
    type: FAILURE_TYPES.find((known) => known === type) ?? 'internal',
    reason: 'write_failure',
    stage: 'pushApplicant',
    message,
    whoMustAct: 'operator',
    nextStep: 'Check the run in the Temporal UI.',
  });
}

function cancelled(): Problem {
  const message = 'The run was cancelled before anything was sent to the ATS.';
  return createProblem({ type: 'cancelled', reason: '', stage: 'fetchProfile', message });
}

function stopped(how: string): Problem {
  return createProblem({
    type: 'unknown_outcome',
    reason: 'write_failure',
    stage: 'pushApplicant',
    message: `The run was ${how} from outside and left no result.`,
    nextStep: CHECKS_BEFORE_SENDING,
  });
}
