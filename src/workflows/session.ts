import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import { apply, initialState, type Event, type Problem, type PushState } from '../protocol/delivery';
import type { Action, Reason, Stage } from '../protocol/names';
import { problemOf } from './failures';
import type { FormatAnswer, RunInput } from '../protocol/messages';

/** One run of a workflow: its state, and what it keeps only in memory. */
export interface Session {
  readonly action: Action;
  /** The input, including the corrections of `retry`. */
  input: RunInput;
  run: PushState;
  /** Made by `format`. Null after continue-as-new. */
  documents: FormatAnswer | null;
  /** Cancels the step in progress. Null if there is none, or if it must not be interrupted. */
  interrupt: (() => void) | null;
  /** How the run ended, for the query `state` of a closed run. Null while it is open. */
  ended: 'done' | 'failed' | null;
}

/** Starts a session, or continues one after continue-as-new. */
export function openSession(action: Action, input: RunInput): Session {
  const { actionParameters, holdForMs, enrich, previousRun, again } = input;
  const options = {
    create: action === 'pushProfile',
    enrich: enrich || action === 'enrichProfile',
    lookupFirst: actionParameters.lookupFirst,
    again,
    onFailure: actionParameters.onFailure,
    holdForMs,
  };
  const run = input.continued ?? initialState(options, previousRun === null);
  return { action, input, run, documents: null, interrupt: null, ended: null };
}

/** Applies an event to the state of the run. */
export function dispatch(session: Session, event: Event): void {
  session.run = apply(session.run, event);
}

/** Reports a cancellation request to the state machine, which decides what it means. */
export function watchCancellation(session: Session): void {
  CancellationScope.current().cancelRequested.catch(() => dispatch(session, { type: 'cancellationReceived' }));
}

/** Returns the problem of a failed step. Null if a cancellation ended it: {@link watchCancellation} reports that. */
export function problemUnlessCancelled(error: unknown, stage: Stage, reason: Reason): Problem | null {
  if (isCancellation(error)) return null;
  const problem = problemOf(error, stage, reason);
  log.warn('a step failed', { stage: problem.stage, type: problem.type });
  return problem;
}
