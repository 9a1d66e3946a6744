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

/** A push that did not end as wanted: with the fields of `error` and the `result` of the contract. */
export class PushError extends Error {
  override readonly name = 'PushError';
  readonly type: FailureType;
  readonly reason: Reason;
  readonly stage: Stage;
  readonly whoMustAct: WhoMustAct;
  readonly nextStep: string;

  constructor(
    problem: Problem,
    /** What is known of the push; null where the input was refused. */
    readonly result: RunResult | null,
    readonly run: { readonly workflowId: string; readonly runId: string | null } | null,
    /** `held`: the run waits for a person. */
    readonly state: 'failed' | 'held' = 'failed',
  ) {
    super(problem.message);
    this.type = problem.type;
    this.reason = problem.reason;
    this.stage = problem.stage;
    this.whoMustAct = problem.whoMustAct;
    this.nextStep = problem.nextStep;
  }

  /** The `error` member of the command line's JSON. */
  toJSON(): Problem {
    const { type, reason, stage, message, whoMustAct, nextStep } = this;
    return { type, reason, stage, message, whoMustAct, nextStep };
  }
}

/** What a run that ended without a result says. */
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
  return {
    type: FAILURE_TYPES.find((known) => known === type) ?? 'internal',
    reason: 'write_failure',
    stage: 'pushApplicant',
    message,
    whoMustAct: 'operator',
    nextStep: 'Look at the run in the Temporal UI.',
  };
}

function cancelled(): Problem {
  return {
    type: 'cancelled',
    reason: '',
    stage: 'fetchProfile',
    message: 'The run was cancelled before anything was sent to the ATS.',
    whoMustAct: 'user',
    nextStep: 'Start the push again if it is wanted.',
  };
}

function stopped(how: string): Problem {
  return {
    type: 'unknown_outcome',
    reason: 'write_failure',
    stage: 'pushApplicant',
    message: `The run was ${how} by somebody, and says nothing of the applicant.`,
    whoMustAct: 'user',
    nextStep: 'Start the same push again: it finds out what is in the ATS before it sends anything.',
  };
}
