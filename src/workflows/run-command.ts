import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { AttemptVerdict, Command, LookupAnswer, Problem } from '../protocol/delivery';
import { notSentDelayOf, problemOf, stepOfPreparation, verdictOf } from './failures';
import { dispatch, problemUnlessCancelled, type Session } from './session';
import { withDefaultTiming } from '../protocol/timing';
import { stepsFor, type Steps } from './steps';
import { hold, wait } from './waits';
import { createProblem } from '../protocol/problems';

type CommandOf<T extends Command['do']> = Extract<Command, { do: T }>;

/** Runs a command and reports the outcome to the state machine. */
export async function runCommand(session: Session, command: Exclude<Command, { do: 'end' }>): Promise<void> {
  const steps = stepsFor(withDefaultTiming(session.run.timing));
  switch (command.do) {
    case 'recall':
      return interruptible(session, () => recall(session, steps));
    case 'prepare':
      return interruptible(session, () => prepare(session, steps));
    case 'push':
      return inOwnScope(() => push(session, steps));
    case 'lookup':
      return interruptible(session, () => lookUp(session, steps, command));
    case 'enrich':
      return interruptible(session, () => enrich(session, steps));
    case 'wait':
      return wait(session, command);
    case 'hold':
      return hold(session, command);
  }
}

/** Runs a step that an update may cancel, because its result is no longer needed then. An attempt to create is never such a step. */
async function interruptible(session: Session, step: () => Promise<void>): Promise<void> {
  try {
    await inOwnScope(step, (cancel) => (session.interrupt = cancel));
  } finally {
    session.interrupt = null;
  }
}

/**
 * Runs a step in its own cancellation scope, and cancels the scope once the step has ended. The SDK keeps the arguments of an activity
 * until the scope that scheduled it is cancelled, and every scope until the run ends. Without this, a held run would keep the profile
 * of each round in memory.
 */
async function inOwnScope(step: () => Promise<void>, onStart?: (cancel: () => void) => void): Promise<void> {
  const scope = new CancellationScope();
  onStart?.(() => scope.cancel());
  try {
    await scope.run(step);
  } finally {
    scope.cancel();
  }
}

function begin(session: Session, step: 'recall' | 'prepare' | 'push' | 'lookup' | 'enrich'): void {
  dispatch(session, { type: 'stepStarted', step, now: Date.now() });
}

/** Reports that a step failed, or that a cancellation ended it (null). */
function stepFailed(session: Session, problem: Problem | null): void {
  dispatch(session, problem ? { type: 'stepFailed', problem } : { type: 'stepCancelled' });
}

async function recall(session: Session, { untimed }: Steps): Promise<void> {
  const { identity, previousRun, connector } = session.input;
  begin(session, 'recall');
  try {
    const { delivery, timing } = await untimed.recall.executeWithOptions(
      { summary: 'read what earlier runs of this push delivered' },
      [{ identity, connector, previousRunId: previousRun?.runId ?? null, options: session.run.options }],
    );
    dispatch(session, { type: 'recallFinished', delivery, timing: withDefaultTiming(timing) });
  } catch (error) {
    stepFailed(session, problemUnlessCancelled(error, 'recall', 'write_failure'));
  }
}

/** Fetches, filters and formats the profile, and authenticates. Pure steps are local activities, which save a round trip. */
async function prepare(session: Session, { untimed, local, retried }: Steps): Promise<void> {
  const { action, input } = session;
  const { connector, title, actionParameters, originParameters, targetParameters } = input;
  const target = { connector, action, targetParameters };
  begin(session, 'prepare');
  try {
    const fetched = await untimed.fetchProfile.executeWithOptions({ summary: 'read the profile from HrFlow.ai' }, [
      { ...target, actionParameters, originParameters },
    ]);
    const recorded = fetched.profile !== null && !fetched.filtered && actionParameters.logics.length > 0;
    const profile = recorded
      ? await local.applyLogics({ logics: actionParameters.logics, profile: fetched.profile })
      : fetched.profile;
    if (!profile) {
      dispatch(session, { type: 'profileUnavailable', why: recorded || fetched.filtered ? 'discarded' : 'not_found' });
      return;
    }
    const documents = await local.format({ ...target, format: actionParameters.format, profile, recorded });
    if (fetched.networkAuth) {
      await retried.authenticate.executeWithOptions({ summary: `sign in to ${title}` }, [target]);
    } else {
      await local.authenticate(target);
    }
    session.documents = documents;
    const { lookupKeys } = documents;
    const { note } = fetched;
    dispatch(session, {
      type: 'prepareFinished',
      timing: withDefaultTiming(fetched.timing),
      lookupKeys,
      note,
      now: Date.now(),
    });
  } catch (error) {
    const { stage, reason } = stepOfPreparation(error);
    stepFailed(session, problemUnlessCancelled(error, stage, reason));
  }
}

async function push(session: Session, { singleAttempt }: Steps): Promise<void> {
  const { action, input, documents, run } = session;
  if (!documents?.document) {
    missingDocument(session, 'create');
    return;
  }
  const attempt = run.attempts === 0 ? '' : ` (attempt ${run.attempts + 1})`;
  begin(session, 'push');
  try {
    const { atsId } = await singleAttempt.pushApplicant.executeWithOptions(
      { summary: `create the applicant in ${input.title}${attempt}` },
      [
        {
          connector: input.connector,
          action,
          targetParameters: input.targetParameters,
          document: documents.document,
          files: documents.files,
          timing: withDefaultTiming(run.timing),
        },
      ],
    );
    attemptFinished(session, { verdict: 'created', atsId });
  } catch (error) {
    const verdict = verdictOf(error);
    if (verdict) {
      attemptFinished(session, verdict);
      return;
    }
    const problem = problemOf(error, 'pushApplicant', 'write_failure');
    dispatch(session, { type: 'attemptLost', problem, now: Date.now() });
  }
}

function attemptFinished(session: Session, verdict: AttemptVerdict): void {
  dispatch(session, { type: 'attemptFinished', verdict, now: Date.now(), jitter: Math.random() });
}

async function lookUp(
  session: Session,
  { lookup }: Steps,
  { purpose, afterSettle }: CommandOf<'lookup'>,
): Promise<void> {
  const { action, input, run } = session;
  const { connector, title, targetParameters } = input;
  begin(session, 'lookup');
  try {
    // After an attempt, uses the keys of the document that was sent: the current document may name another person.
    const lookupKeys = purpose === 'first' || purpose === 'again' ? run.readyKeys : run.delivery.lookupKeys;
    const answer = await lookup.findApplicant.executeWithOptions(
      { summary: `check whether the applicant is in ${title}` },
      [
        {
          connector,
          action,
          targetParameters,
          purpose,
          afterSettle,
          lookupKeys,
          firstAttemptAt: run.delivery.firstAttemptAt,
        },
      ],
    );
    lookupFinished(session, { purpose, afterSettle }, answer);
  } catch (error) {
    if (isCancellation(error)) {
      dispatch(session, { type: 'stepCancelled' });
      return;
    }
    const problem = problemOf(error, 'findApplicant', 'write_failure');
    lookupFinished(session, { purpose, afterSettle }, { answer: 'unavailable', problem });
  }
}

function lookupFinished(
  session: Session,
  asked: Pick<CommandOf<'lookup'>, 'purpose' | 'afterSettle'>,
  answer: LookupAnswer,
): void {
  dispatch(session, { type: 'lookupFinished', ...asked, answer, now: Date.now() });
}

async function enrich(session: Session, { retried }: Steps): Promise<void> {
  const { action, input, documents, run } = session;
  if (!documents?.enrichment) {
    missingDocument(session, 'enrichment');
    return;
  }
  const { connector, targetParameters } = input;
  const timing = withDefaultTiming(run.timing);
  const created = run.delivery.attemptedAt;
  begin(session, 'enrich');
  try {
    await retried.enrich.executeWithOptions(
      {
        summary: `enrich the candidate in ${input.title}`,
        ...(!timing.repeatEnrichment && { retry: { maximumAttempts: 1 } }),
      },
      [
        {
          connector,
          action,
          targetParameters,
          document: documents.enrichment,
          timing,
          retryNotFoundUntil: created === null ? null : created + timing.settleMs,
        },
      ],
    );
    dispatch(session, { type: 'enrichmentFinished' });
  } catch (error) {
    const problem = problemUnlessCancelled(error, 'enrich', input.enrich ? 'callback_failure' : 'write_failure');
    const notSent = timing.repeatEnrichment ? null : notSentDelayOf(error);
    if (problem && notSent) dispatch(session, { type: 'enrichmentNotSent', ...notSent, problem, now: Date.now() });
    else stepFailed(session, problem);
  }
}

/** Prepares again if continue-as-new dropped the documents. Otherwise reports that the parameters do not ask for this one. */
function missingDocument(session: Session, what: string): void {
  if (!session.documents) {
    dispatch(session, { type: 'historyChanged' });
    return;
  }
  const problem = createProblem({
    type: 'input',
    reason: 'bad_target_parameters',
    stage: 'format',
    message: `The target parameters do not describe the ${what} that was requested.`,
    nextStep: 'Retry with complete target parameters, or abandon the run.',
  });
  dispatch(session, { type: 'stepFailed', problem });
}
