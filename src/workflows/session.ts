import { CancellationScope, isCancellation, log } from '@temporalio/workflow';
import { apply, initialState, type Event, type Problem, type PushState } from '../protocol/delivery';
import type { Action, Reason, Stage } from '../protocol/names';
import { problemOf } from './failures';
import type { FormatAnswer, RunInput } from '../protocol/messages';

/** One run of a workflow: its state, and what lives in memory only. */
export interface Session {
  readonly action: Action;
  /** The input, with what `retry` corrected. */
  input: RunInput;
  run: PushState;
  /** Made by `format`. Gone after continue-as-new. */
  documents: FormatAnswer | null;
  /** Ends the step in progress, if that does no harm. */
  interrupt: (() => void) | null;
  /** How the run ended: what the query `state` answers of a closed run. */
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

export function dispatch(session: Session, event: Event): void {
  session.run = apply(session.run, event);
}

/** Reports a cancellation request to the state machine, which decides what it means. */
export function watchCancellation(session: Session): void {
  CancellationScope.current().cancelRequested.catch(() => dispatch(session, { type: 'cancellationReceived' }));
}

/** What a failed step means, unless it was ended by a cancellation, which {@link watchCancellation} has noted. */
export function problemUnlessCancelled(error: unknown, stage: Stage, reason: Reason): Problem | null {
  if (isCancellation(error)) return null;
  const problem = problemOf(error, stage, reason);
  log.warn('a step failed', { stage: problem.stage, type: problem.type });
  return problem;
}
