/**
 * Times of the fault run, in milliseconds. They are short, and still keep the conditions under which delivery is promised: a late
 * create commits within `responseTimeoutMs` of its first byte, and every create is visible within `settleMs`, both with room for a
 * busy machine.
 */
export const TIMING = {
  connectTimeoutMs: 1_000,
  responseTimeoutMs: 1_500,
  settleMs: 2_500,
  giveUpAfterMs: 60_000,
  /** The latest commit of a create whose response comes after the timeout. */
  latestCommitMs: 900,
  /** The longest time that a candidate stays invisible to lookups. */
  longestInvisibleMs: 1_000,
  /** Pause between two kills of worker processes; at most as long again until the next create is hit. */
  killEvery: [2_000, 4_000],
} as const;

/**
 * Rate limits of an account: `none` are limits so high that no push waits for a turn; `default` are the built-in ones, with which a
 * fault run also checks what a push costs.
 */
export type Limits = 'none' | 'default';

/** The settings file of the workers. */
export function workerSettings(limits: Limits): unknown {
  const { connectTimeoutMs, responseTimeoutMs, settleMs, giveUpAfterMs } = TIMING;
  const retry = { initialMs: 50, maximumMs: 1_000, giveUpAfterMs };
  const rates = limits === 'default' ? {} : { ratePerSecond: 1_000, maxInFlight: 100 };
  const quick = { connectTimeoutMs, responseTimeoutMs, settleMs, retry, ...rates };
  return { connectors: { hrflow: quick, flatchr: quick, talentSoft: quick, oracleORC: quick } };
}
