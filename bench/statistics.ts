/**
 * Returns the middle value, or the mean of the two middle values.
 *
 * @throws RangeError if there are no values
 */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

/**
 * Returns the smallest value that a share of the values does not exceed (nearest rank).
 *
 * @param share above 0, at most 1; 0.95 for the 95th percentile
 * @throws RangeError if there are no values, or the share is out of range
 */
export function percentile(values: readonly number[], share: number): number {
  if (!(share > 0 && share <= 1)) throw new RangeError(`expected a share above 0 and at most 1, got ${share}`);
  const sorted = ascending(values);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}

function ascending(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('no values');
  return [...values].sort((one, other) => one - other);
}
