import { Context } from '@temporalio/activity';
import { epochMsOf } from '../history/time';
import { StepError } from '../protocol/errors';
import { CLOCK_SKEW_MS } from '../protocol/timing';

/**
 * When the server started this attempt, in epoch ms. The activity's own information holds only the time of scheduling, so after a
 * wait in the queue the server is asked.
 *
 * @throws StepError `unavailable` (nothing was sent) if the server does not list the attempt, or clocks differ too much
 */
export async function attemptStartedAt(connectTimeoutMs: number): Promise<number> {
  const { info } = Context.current();
  const scheduledAt = info.currentAttemptScheduledTimestampMs;
  if (Date.now() - scheduledAt <= connectTimeoutMs) return notInTheFuture(scheduledAt);
  const startedAt = await askServer().catch(() => {
    throw notSent('The server could not be asked when this attempt began, so nothing was sent.');
  });
  if (startedAt === null) throw notSent('The server does not list this attempt any more, so nothing was sent.');
  return notInTheFuture(startedAt);
}

async function askServer(): Promise<number | null> {
  const { info, client } = Context.current();
  const execution = info.workflowExecution;
  if (!execution) return null;
  const description = await client.workflow.getHandle(execution.workflowId, execution.runId).describe();
  const pending = description.raw.pendingActivities?.find(
    ({ activityId, attempt }) => activityId === info.activityId && attempt === info.attempt,
  );
  return description.status.name === 'RUNNING' ? epochMsOf(pending?.lastStartedTime) : null;
}

function notInTheFuture(stamp: number): number {
  if (stamp <= Date.now() + CLOCK_SKEW_MS) return stamp;
  throw notSent('The clocks of worker and Temporal server differ by more than 5 seconds, so nothing was sent.');
}

function notSent(message: string): StepError {
  return new StepError({
    type: 'unavailable',
    message,
    whoMustAct: 'operator',
    nextStep: 'If this persists, check the clock of the worker.',
  });
}
