import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import type { ConnectorSettings } from '../connectors/connector';
import { FormatError } from '../protocol/format-error';
import { StepError, type ErrorFacts } from '../protocol/errors';
import { describeIssues } from '../util/zod-issues';
import { InputError } from '../push/check';
import { rememberingSecrets, scrubKnownSecrets } from '../security/secrets/scrubbing';
import type { AttemptVerdict, Problem } from '../protocol/delivery';
import type { Reason, Stage } from '../protocol/names';

/** What a step that ended without success says of its call to the other system: the second detail of its failure. */
export interface AttemptEnd {
  readonly verdict: Exclude<AttemptVerdict['verdict'], 'created'>;
  /** Whether the other system was asked: what is refused before that leaves nothing behind. */
  readonly sent: boolean;
  /** How long to wait, in milliseconds, where somebody asked for it. */
  readonly delayMs: number | null;
  /** The account's turn comes later: the wait is no trouble. */
  readonly queued: boolean;
}

/** Where a step belongs, and how its repeats go. */
export interface StepOptions {
  readonly stage: Stage;
  readonly reason: Reason;
  /** Pauses and the end of repeats; absent: the activity is not repeated. */
  readonly retry?: ConnectorSettings['retry'];
}

/**
 * Runs the body of an activity: heartbeats while it works, and turns whatever it throws into an `ApplicationFailure` that
 * carries a {@link Problem} and nothing else. No failure repeats a secret that the body used.
 */
export function runStep<T>(options: StepOptions, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return rememberingSecrets(() => runRemembering(options, body));
}

async function runRemembering<T>(options: StepOptions, body: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const context = Context.current();
  const stop = startHeartbeat(context);
  try {
    return await body(context.cancellationSignal);
  } catch (error) {
    throw toFailure(error, options, context);
  } finally {
    stop();
  }
}

/** The problem that an error stands for. */
export function toProblem(error: unknown, { stage, reason }: Pick<StepOptions, 'stage' | 'reason'>): Problem {
  const { type, message, whoMustAct, nextStep } = factsOf(error);
  return { type, stage, reason: error instanceof InputError ? error.reason : reason, message, whoMustAct, nextStep };
}

/**
 * The facts of an error; of one that is not ours only that it happened, since its text may hold anything. Every text that
 * leaves an activity passes here, so here secrets are hidden.
 */
export function factsOf(error: unknown): ErrorFacts {
  const facts = ownFacts(error);
  return { ...facts, message: scrubKnownSecrets(facts.message) };
}

function ownFacts(error: unknown): ErrorFacts {
  if (error instanceof StepError) return error.facts;
  if (error instanceof FormatError) return formatFacts(error.message);
  if (error instanceof z.ZodError) return formatFacts(describeIssues(error));
  return {
    type: 'internal',
    message: `An unexpected ${error instanceof Error ? error.name : typeof error} was thrown.`,
    whoMustAct: 'operator',
    nextStep: 'Look at the log of the worker, report it, and retry when it is mended.',
    retryable: false,
  };
}

function formatFacts(message: string): ErrorFacts {
  const nextStep = 'Correct the profile in HrFlow.ai or use a format of your own, then retry.';
  return { type: 'format', message, whoMustAct: 'user', nextStep, retryable: false };
}

/** First after a third of the time-out: a short call then costs no heartbeat, and a dead worker is noticed within seconds. */
function startHeartbeat(context: Context): () => void {
  const { heartbeatTimeoutMs } = context.info;
  if (!heartbeatTimeoutMs || context.info.isLocal) return () => undefined;
  const timer = setInterval(() => context.heartbeat(), Math.max(Math.floor(heartbeatTimeoutMs / 3), 50));
  return () => clearInterval(timer);
}

function toFailure(error: unknown, options: StepOptions, context: Context): Error {
  if (error instanceof ApplicationFailure) return error;
  if (context.cancellationSignal.aborted && !(error instanceof InputError)) return stopped(context, options);
  const facts = factsOf(error);
  if (facts.type === 'internal') context.log.error('unexpected error', { stage: options.stage, error: nameOf(error) });
  const delayMs = facts.retryable ? nextDelay(facts, options.retry, context) : null;
  return ApplicationFailure.create({
    message: facts.message,
    type: facts.type,
    nonRetryable: delayMs === null,
    details: [toProblem(error, options), ...(facts.retryable && facts.nothingHappened ? [notSent(facts)] : [])],
    ...(delayMs !== null && { nextRetryDelay: delayMs }),
    ...(facts.benign && { category: ApplicationFailureCategory.BENIGN }),
  });
}

/** Names a step over all its attempts: a run does one step of a kind at a time. */
export function stepName(): string {
  const { workflowExecution, activityType } = Context.current().info;
  return `${workflowExecution?.workflowId ?? ''}/${activityType}`;
}

/** For steps that the workflow repeats by itself, since Temporal would also repeat them after the loss of a worker. */
function notSent({ delayMs = null, queued = false }: ErrorFacts): AttemptEnd {
  return { verdict: 'not_sent', sent: false, delayMs, queued };
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

/** Attempts at what is probably permanent. */
const MAX_DOUBTFUL_ATTEMPTS = 5;

/** The pause before the next attempt, or null where there is none: the policy of the settings, jittered. */
function nextDelay(facts: ErrorFacts, retry: StepOptions['retry'], { info }: Context): number | null {
  if (!retry || (facts.doubtful && info.attempt >= MAX_DOUBTFUL_ATTEMPTS)) return null;
  const exponential = Math.min(retry.initialMs * 2 ** Math.min(info.attempt - 1, 30), retry.maximumMs);
  const delayMs = facts.delayMs ?? Math.round(exponential * (0.5 + Math.random() / 2));
  // A step that waits for its turn at the account is not in trouble, however long the queue is.
  const givesUpAt = facts.queued ? Infinity : info.scheduledTimestampMs + retry.giveUpAfterMs;
  return Date.now() + delayMs > givesUpAt ? null : Math.max(delayMs, 1);
}

/** Cancelled on request: that. Stopped because the worker shuts down: another worker shall do it at once. */
function stopped(context: Context, options: StepOptions): Error {
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
    details: [toProblem(failure, options)],
  });
}

/** What a step says that ended because its worker shuts down. */
export function workerStopped(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'The worker was shut down before the step was done.',
    whoMustAct: 'operator',
    nextStep: 'Nothing to do: another worker goes on.',
    retryable: true,
    benign: true,
  });
}
