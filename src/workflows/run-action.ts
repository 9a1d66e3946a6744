import {
  allHandlersFinished,
  ApplicationFailure,
  CancelledFailure,
  condition,
  continueAsNew,
  workflowInfo,
} from '@temporalio/workflow';
import { decide, mayContinueAsNew, outcomeOf, type Command, type Problem } from '../protocol/delivery';
import { runFailureDetails } from '../protocol/failure-details';
import { installHandlers } from './handlers';
import type { Action } from '../protocol/names';
import { runCommand } from './run-command';
import { knowledgeOf, resultOf } from '../protocol/result';
import { dispatch, openSession, watchCancellation, type Session } from './session';
import type { RunInput, RunOutcome } from '../protocol/messages';
import { showDetails, showState } from './visibility';

/** Drives the state machine until the run ends: decides on a command, runs it, and reports the event. */
export async function runAction(action: Action, input: RunInput): Promise<RunOutcome> {
  assertInput(input);
  const session = openSession(action, input);
  installHandlers(session);
  watchCancellation(session);
  if (input.continued) showDetails(session);
  for (;;) {
    const command = decide(session.run, Date.now());
    if (command.do === 'end') return end(session, command);
    if (workflowInfo().continueAsNewSuggested && mayContinueAsNew(session.run, command))
      await continueInNewHistory(session);
    await runCommand(session, command);
    showDetails(session);
  }
}

/** Fails a run whose input is malformed. Without this check, Temporal would retry the workflow task forever. */
function assertInput(input: unknown): asserts input is RunInput {
  const members = typeof input === 'object' && input !== null ? new Map<string, unknown>(Object.entries(input)) : null;
  const groups = ['actionParameters', 'originParameters', 'targetParameters'].map((name) => members?.get(name));
  const texts = ['connector', 'title', 'profileKey', 'identity'].map((name) => members?.get(name));
  const lists = ['identityParameters', 'searchAttributes'].map((name) => members?.get(name));
  const usable =
    groups.every((group) => typeof group === 'object' && group !== null) &&
    texts.every((text) => typeof text === 'string') &&
    lists.every((list) => Array.isArray(list)) &&
    typeof members?.get('holdForMs') === 'number';
  if (usable) return;
  throw ApplicationFailure.nonRetryable(
    'The input of the run is malformed: start pushes with the client of hrflow-temporal.',
    'input',
  );
}

/** Returns the result of the run, or throws a failure that carries it: the run is then red in the UI, and the client throws. */
function end(session: Session, command: Extract<Command, { do: 'end' }>): RunOutcome {
  session.ended = command.as === 'done' ? 'done' : 'failed';
  if (command.as === 'cancelled') {
    showState(session, 'failed');
    throw new CancelledFailure('cancelled before anything was sent');
  }
  const problem = command.as === 'failed' ? command.problem : null;
  showState(session, problem ? 'failed' : 'done');
  showDetails(session, `${problem ? `failed (${problem.type})` : 'done'}: ${outcomeOf(session.run)}`);
  if (problem) throw failureOf(session, problem);
  return { ...resultOf(session.run, session.input.profileKey, null), knowledge: knowledgeOf(session.run) };
}

function failureOf({ run, input }: Session, problem: Problem): ApplicationFailure {
  return ApplicationFailure.create({
    message: problem.message,
    type: problem.type,
    nonRetryable: true,
    details: runFailureDetails({
      problem,
      result: resultOf(run, input.profileKey, problem),
      knowledge: knowledgeOf(run),
    }),
  });
}

async function continueInNewHistory(session: Session): Promise<never> {
  await condition(allHandlersFinished);
  dispatch(session, { type: 'historyChanged' });
  return continueAsNew<(input: RunInput) => Promise<RunOutcome>>({ ...session.input, continued: session.run });
}
