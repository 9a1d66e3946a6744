/** Settings with times short enough for tests. */
export function quickSettings(overrides: Record<string, unknown> = {}) {
  const quick = {
    connectTimeoutMs: 1_000,
    responseTimeoutMs: 2_000,
    retry: { initialMs: 50, maximumMs: 500, giveUpAfterMs: 30_000 },
    settleMs: 1_000,
    ratePerSecond: 1_000,
    maxInFlight: 100,
    ...overrides,
  };
  return { connectors: { hrflow: quick, flatchr: quick, talentSoft: quick, oracleORC: quick } };
}
