/**
 * A text cut to a maximum number of Unicode code points. A character above U+FFFF counts once and is never cut in two.
 *
 * @param maximum the largest number of code points that may remain
 */
export function cutToCodePoints(value: string, maximum: number): string {
  let kept = 0;
  let end = 0;
  for (const character of value) {
    if (kept === maximum) return value.slice(0, end);
    kept += 1;
    end += character.length;
  }
  return value;
}
