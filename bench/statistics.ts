/**
 * The value in the middle; of an even number of values the mean of the two in the middle.
 *
 * @throws RangeError of no values
 */
export function median(values: readonly number[]): number {
  const sorted = ascending(values);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? NaN;
  return (lower + upper) / 2;
}

/**
 * The smallest value that a share of the values does not exceed (nearest rank).
 *
 * @param share above 0, at most 1; 0.95 for the 95th percentile
 * @throws RangeError of no values, or a share outside
 */
export function percentile(values: readonly number[], share: number): number {
  if (!(share > 0 && share <= 1)) throw new RangeError(`a share is above 0 and at most 1, not ${share}`);
  const sorted = ascending(values);
  return sorted[Math.ceil(share * sorted.length) - 1] ?? NaN;
}

function ascending(values: readonly number[]): number[] {
  if (values.length === 0) throw new RangeError('no values');
  return [...values].sort((one, other) => one - other);
}
