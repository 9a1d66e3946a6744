import { proxyActivities, proxyLocalActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../protocol/messages';
import { CLOCK_SKEW_MS, type Timing } from '../protocol/timing';

/** How long it takes at most to notice a dead worker, and to deliver a cancellation. */
const HEARTBEAT_TIMEOUT_MS = 10_000;
/** Timeout of the steps that run before the timing of the worker is known. */
const UNTIMED_STEP_MS = 600_000;

/**
 * Returns the activities with their timeouts. Each timeout is longer than the limit of the activity itself, so that the activity fails
 * first and reports why. Activities schedule their own retries (`nextRetryDelay`) and give up by themselves. The retry policy here
 * covers dead workers only.
 */
export function stepsFor(timing: Timing) {
  const call = timing.connectTimeoutMs + timing.responseTimeoutMs;
  /** Limits one attempt, and all attempts together in case the activity never gets to give up by itself. */
  const within = (attemptMs: number) => ({
    startToCloseTimeout: attemptMs + CLOCK_SKEW_MS,
    scheduleToCloseTimeout: timing.giveUpAfterMs + attemptMs + 2 * CLOCK_SKEW_MS,
  });
  const withRetries: ActivityOptions = {
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    cancellationType: 'TRY_CANCEL',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
  };
  return {
    untimed: proxyActivities<Activities>({ ...withRetries, startToCloseTimeout: UNTIMED_STEP_MS }),
    retried: proxyActivities<Activities>({ ...withRetries, ...within(4 * call) }),
    lookup: proxyActivities<Activities>({ ...withRetries, ...within(20 * call) }),
    singleAttempt: proxyActivities<Activities>({
      heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
      startToCloseTimeout: timing.sendWindowMs + timing.responseTimeoutMs + 2 * CLOCK_SKEW_MS,
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      retry: { maximumAttempts: 1 },
    }),
    local: proxyLocalActivities<Activities>({
      startToCloseTimeout: '1 minute',
      retry: { maximumAttempts: 1 },
    }),
  };
}

/** The activities by how they may be retried. */
export type Steps = ReturnType<typeof stepsFor>;
