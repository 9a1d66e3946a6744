import { proxyActivities, proxyLocalActivities, type ActivityOptions } from '@temporalio/workflow';
import { type LookupAnswer } from '../protocol/delivery';
import { CLOCK_SKEW_MS, type Timing } from '../protocol/timing';
import type { Action } from '../protocol/names';
import type {
  EnrichInput,
  FetchAnswer,
  FetchInput,
  FindInput,
  FormatAnswer,
  FormatInput,
  JsonObject,
  LogicsInput,
  PushApplicantAnswer,
  PushApplicantInput,
  RecallAnswer,
  RecallInput,
} from '../protocol/messages';

/** The activities by their wire names. `createActivities` on the worker implements this. */
export interface Activities {
  fetchProfile(input: FetchInput): Promise<FetchAnswer>;
  applyLogics(input: LogicsInput): Promise<JsonObject | null>;
  format(input: FormatInput): Promise<FormatAnswer>;
  authenticate(input: AuthenticateInput): Promise<{ readonly expiresAt: string | null }>;
  pushApplicant(input: PushApplicantInput): Promise<PushApplicantAnswer>;
  enrich(input: EnrichInput): Promise<void>;
  findApplicant(input: FindInput): Promise<LookupAnswer>;
  recall(input: RecallInput): Promise<RecallAnswer>;
}

export interface AuthenticateInput {
  readonly connector: string;
  readonly action: Action;
  readonly targetParameters: JsonObject;
}

/** A dead worker is noticed after this, and a cancellation heard within it. */
const HEARTBEAT_TIMEOUT_MS = 10_000;
/** For steps that come before the worker's timing are known. */
const UNMEASURED_STEP_MS = 600_000;

/** Used only where a number is missing: an undefined time-out would block the run for ever. */
const DEFAULT_TIMING: Timing = {
  connectTimeoutMs: 10_000,
  responseTimeoutMs: 60_000,
  sendWindowMs: 130_000,
  settleMs: 300_000,
  retryInitialMs: 1_000,
  retryMaximumMs: 300_000,
  giveUpAfterMs: 86_400_000,
  repeatEnrichment: true,
};

/** The worker's timing, whole: what an older or newer worker did not send is as usual. */
export function withDefaultTiming(timing: Partial<Timing> | null): Timing {
  return { ...DEFAULT_TIMING, ...timing };
}

/**
 * The activities with their time-outs. Each lies above what the activity itself may take, so that an activity speaks first.
 * Repeats come from the activity (`nextRetryDelay`, and a final failure when it gives up); the policy here is for dead workers.
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
    untimed: proxyActivities<Activities>({ ...repeated, startToCloseTimeout: UNMEASURED_STEP_MS }),
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
