/** How far the clocks of worker and Temporal server may differ, in milliseconds. */
export const CLOCK_SKEW_MS = 5_000;
/** How far the clock of an ATS may differ from ours, in milliseconds. */
export const ATS_SKEW_MS = 300_000;

/** The settings of a worker that a run depends on. All in milliseconds, except `repeatEnrichment`. */
export interface Timing {
  connectTimeoutMs: number;
  responseTimeoutMs: number;
  /** How long after its start an attempt may put its first byte on the wire. */
  sendWindowMs: number;
  /** How long a create may stay invisible to a lookup. */
  settleMs: number;
  retryInitialMs: number;
  retryMaximumMs: number;
  giveUpAfterMs: number;
  /** False if the ATS appends instead of setting: an enrichment of unknown outcome then waits for an operator. */
  repeatEnrichment: boolean;
}

/** How long an attempt may take to get its first byte on the wire: one connection, its downloads and its sign-in. */
export function sendWindowMs(timing: Pick<Timing, 'connectTimeoutMs' | 'responseTimeoutMs'>): number {
  return timing.connectTimeoutMs + 2 * timing.responseTimeoutMs;
}

const CALL_TIMEOUTS = { connectTimeoutMs: 10_000, responseTimeoutMs: 60_000 };

/** The defaults of the settings. A run uses them only if a value is missing: an undefined timeout would block it forever. */
export const DEFAULT_TIMING: Timing = {
  ...CALL_TIMEOUTS,
  sendWindowMs: sendWindowMs(CALL_TIMEOUTS),
  settleMs: 300_000,
  retryInitialMs: 1_000,
  retryMaximumMs: 300_000,
  giveUpAfterMs: 86_400_000,
  repeatEnrichment: true,
};

/** Fills in what an older or newer worker did not send. */
export function withDefaultTiming(timing: Partial<Timing> | null): Timing {
  return { ...DEFAULT_TIMING, ...timing };
}

/** How long an attempt may still be at work after its loss was noticed. The send window is checked on the connected socket. */
export function stragglerWindowMs(timing: Timing | null): number {
  return (timing?.sendWindowMs ?? 0) + (timing?.responseTimeoutMs ?? 0) + CLOCK_SKEW_MS;
}
