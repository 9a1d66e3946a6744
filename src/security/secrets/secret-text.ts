/**
 * A secret without the one line break that editors, `echo` and heredocs put at its end. What else stands at its ends may belong to it.
 */
export function withoutLineBreak(text: string): string {
  return text.replace(/\r?\n$/, '');
}

/** White space, and what looks like nothing at all. */
const BLANK = '[\\s\\u200b-\\u200f\\u2060]';
const QUOTE = '["\'`\\u2018-\\u201f]';

const ODDITIES: readonly (readonly [RegExp, string])[] = [
  [new RegExp(`^${BLANK}`), 'it begins with white space'],
  [new RegExp(`${BLANK}$`), 'it ends with white space'],
  [/[\r\n](?=.)/s, 'it has a line break within'],
  [new RegExp(`^${BLANK}*${QUOTE}|${QUOTE}${BLANK}*$`), 'it begins or ends with a quote'],
];

/** What looks like a slip in a secret that was copied from elsewhere, without any of it. */
export function odditiesOf(text: string): string[] {
  return ODDITIES.filter(([pattern]) => pattern.test(text)).map(([, words]) => words);
}

/** What to do about oddities. */
export const REMOVE_ODDITIES = 'Remove white space and quotes at the ends of a secret, unless they belong to it.';
