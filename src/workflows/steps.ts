import { proxyActivities, proxyLocalActivities, type ActivityOptions } from '@temporalio/workflow';
import type { Activities } from '../protocol/messages';
import { CLOCK_SKEW_MS, type Timing } from '../protocol/timing';

/** How soon a dead worker is noticed, and a cancellation heard. */
const HEARTBEAT_TIMEOUT_MS = 10_000;
/** For steps that come before the timing of the worker is known. */
const UNTIMED_STEP_MS = 600_000;

/**
 * Returns the activities with their timeouts. Each is longer than the activity itself may take, so that the activity fails first and
 * says why. The activity asks for its retries (`nextRetryDelay`, and a final failure once it gives up). The policy here is for dead workers.
 */
export function stepsFor(timing: Timing) {
  const call = timing.connectTimeoutMs + timing.responseTimeoutMs;
  /** One attempt, and all of them: the activity gives up by itself, unless it never gets so far. */
  const within = (attemptMs: number) => ({
    startToCloseTimeout: attemptMs + CLOCK_SKEW_MS,
    scheduleToCloseTimeout: timing.giveUpAfterMs + attemptMs + 2 * CLOCK_SKEW_MS,
  });
  const repeated: ActivityOptions = {
    heartbeatTimeout: HEARTBEAT_TIMEOUT_MS,
    cancellationType: 'TRY_CANCEL',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '1 minute' },
  };
  return {
    untimed: proxyActivities<Activities>({ ...repeated, startToCloseTimeout: UNTIMED_STEP_MS }),
    retried: proxyActivities<Activities>({ ...repeated, ...within(4 * call) }),
    lookup: proxyActivities<Activities>({ ...repeated, ...within(20 * call) }),
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

export type Steps = ReturnType<typeof stepsFor>;
