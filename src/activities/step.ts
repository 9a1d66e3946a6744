import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { ConnectorSettings } from '../connectors/connector';
import { type ErrorFacts, InputError } from '../protocol/errors';
import type { Stage } from '../protocol/names';
import { stepFailureDetails, type AttemptEnd } from '../protocol/failure-details';
import { workerStopped } from '../push/attempt';
import { factsOf, nameOfError, toProblem, type StepLabel } from '../push/facts';
import { createScope, type StepScope } from '../push/scope';

/** The labels of the activities whose failures always have the same reason. */
export const LABELS = {
  fetchProfile: { stage: 'fetchProfile', reason: 'read_failure' },
  applyLogics: { stage: 'applyLogics', reason: 'logics_failure' },
  format: { stage: 'format', reason: 'format_failure' },
  authenticate: { stage: 'authenticate', reason: 'write_failure' },
  pushApplicant: { stage: 'pushApplicant', reason: 'write_failure' },
  findApplicant: { stage: 'findApplicant', reason: 'write_failure' },
  recall: { stage: 'recall', reason: 'write_failure' },
} as const satisfies Partial<Record<Stage, StepLabel>>;

/** How an activity is labeled and retried. */
export interface StepOptions extends StepLabel {
  /** Pauses between retries, and when they end. If absent, the activity is not retried. */
  readonly retry?: ConnectorSettings['retry'];
}

/**
 * Runs the body of an activity: sends heartbeats while it works, and turns whatever it throws into an `ApplicationFailure` that
 * carries a problem and nothing else. No failure repeats a secret that the body used.
 */
export async function runStep<T>(options: StepOptions, body: (scope: StepScope) => Promise<T>): Promise<T> {
  const context = Context.current();
  const scope = createScope({ signal: context.cancellationSignal, queueKey: queueKeyOf(context) });
  const stop = startHeartbeat(context);
  try {
    return await body(scope);
  } catch (error) {
    throw toFailure(error, options, context, scope);
  } finally {
    stop();
  }
}

/** Beats every third of the timeout: a short call costs no heartbeat, and a dead worker is noticed within seconds. */
function startHeartbeat(context: Context): () => void {
  const { heartbeatTimeoutMs } = context.info;
  if (!heartbeatTimeoutMs || context.info.isLocal) return () => undefined;
  const timer = setInterval(() => context.heartbeat(), Math.max(Math.floor(heartbeatTimeoutMs / 3), 50));
  return () => clearInterval(timer);
}

function toFailure(error: unknown, options: StepOptions, context: Context, scope: StepScope): Error {
  if (error instanceof ApplicationFailure) return error;
  if (context.cancellationSignal.aborted && !(error instanceof InputError)) return stopped(context, options, scope);
  const facts = factsOf(error, scope.scrubber);
  if (facts.type === 'internal')
    context.log.error('unexpected error', { stage: options.stage, error: nameOfError(error) });
  const delayMs = facts.retryable ? nextDelay(facts, options.retry, context) : null;
  return ApplicationFailure.create({
    message: facts.message,
    type: facts.type,
    nonRetryable: delayMs === null,
    details: stepFailureDetails(
      toProblem(error, options, scope.scrubber),
      facts.retryable && facts.nothingHappened ? notSent(facts) : undefined,
    ),
    ...(delayMs !== null && { nextRetryDelay: delayMs }),
    ...(facts.benign && { category: ApplicationFailureCategory.BENIGN }),
  });
}

/** A run does one step of a kind at a time. */
function queueKeyOf({ info }: Context): string {
  return `${info.workflowExecution?.workflowId ?? ''}/${info.activityType}`;
}

/** For steps that the workflow repeats by itself, since Temporal would also repeat them after the loss of a worker. */
function notSent({ delayMs = null, queued = false }: ErrorFacts): AttemptEnd {
  return { verdict: 'not_sent', sent: false, delayMs, queued };
}

/** Attempts at what is probably permanent. */
const MAX_DOUBTFUL_ATTEMPTS = 5;

/** Returns the pause before the next attempt, with jitter, or null if there is no next attempt. */
function nextDelay(facts: ErrorFacts, retry: StepOptions['retry'], { info }: Context): number | null {
  if (!retry || (facts.doubtful && info.attempt >= MAX_DOUBTFUL_ATTEMPTS)) return null;
  const exponential = Math.min(retry.initialMs * 2 ** Math.min(info.attempt - 1, 30), retry.maximumMs);
  const delayMs = facts.delayMs ?? Math.round(exponential * (0.5 + Math.random() / 2));
  // A step that waits for its turn at the account is not in trouble, however long the queue is.
  const givesUpAt = facts.queued ? Infinity : info.scheduledTimestampMs + retry.giveUpAfterMs;
  return Date.now() + delayMs > givesUpAt ? null : Math.max(delayMs, 1);
}

/** Returns the cancellation if one was requested. After a shutdown, another worker takes the step over at once. */
function stopped(context: Context, options: StepOptions, { scrubber }: StepScope): Error {
  const { cancellationSignal, cancellationDetails } = context;
  if (!cancellationDetails?.workerShutdown) {
    const reason: unknown = cancellationSignal.reason;
    return reason instanceof CancelledFailure ? reason : new CancelledFailure('cancelled');
  }
  const failure = workerStopped();
  return ApplicationFailure.create({
    message: failure.message,
    type: failure.facts.type,
    nonRetryable: false,
    category: ApplicationFailureCategory.BENIGN,
    details: stepFailureDetails(toProblem(failure, options, scrubber)),
  });
}
