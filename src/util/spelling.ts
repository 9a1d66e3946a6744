import { isObject } from './objects';

const APOSTROPHES = /[\u2018\u2019\u201b\u2032\u02b9\u02bc\u00b4\u0060]/gu;
const DASHES = /[\u2010-\u2015\u2212]/gu;
const INVISIBLE = /[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;
const BLANKS = /[\s\p{White_Space}]+/gu;

/** The text with U+FFFD in place of every half of a surrogate pair, which JSON can carry and UTF-8 cannot. */
function wellFormed(text: string): string {
  return text.replace(/\p{Surrogate}/gu, '\uFFFD');
}

/** The same JSON value with every text in it {@link wellFormed}, names of members included. */
export function withWellFormedTexts<T>(value: T): T;
export function withWellFormedTexts(value: unknown): unknown {
  if (typeof value === 'string') return wellFormed(value);
  if (Array.isArray(value)) return value.map((item: unknown) => withWellFormedTexts(item));
  if (!isObject(value)) return value;
  const members = Object.entries(value).map(
    ([name, member]) => [wellFormed(name), withWellFormedTexts(member)] as const,
  );
  return Object.fromEntries(members);
}

/** The text without characters that show nothing (format characters, such as a zero-width space or a soft hyphen). */
export function withoutInvisible(text: string): string {
  return text.replace(INVISIBLE, '');
}

/** The text with typographic apostrophes and dashes as a keyboard writes them. */
export function withPlainPunctuation(text: string): string {
  return text.replace(APOSTROPHES, "'").replace(DASHES, '-');
}

/** The text without accents: what is left of systems that keep the letters of ASCII only. */
export function withoutAccents(text: string): string {
  return text.normalize('NFKD').replace(/\p{M}/gu, '').normalize('NFKC');
}

/**
 * The one spelling of a text by which it is compared: systems keep texts otherwise than they were sent (composed, blanks collapsed,
 * plain apostrophes, without invisible characters, in another case).
 */
export function folded(text: string): string {
  const plain = withPlainPunctuation(withoutInvisible(text).normalize('NFKC'));
  return plain.toLowerCase().normalize('NFKC').replace(BLANKS, ' ').trim();
}
