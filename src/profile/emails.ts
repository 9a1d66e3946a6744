import { domainToASCII } from 'node:url';
import { FormatError } from '../protocol/errors';
import { text } from '../util/missing';
import { folded, withoutAccents, withoutInvisible, withPlainPunctuation } from '../util/spelling';

const BLANKS = /[\s\p{White_Space}]+/gu;
/** What `domainToASCII` reads as a part of a URL ends the domain for it. */
const DOMAIN = /^[^\s/?#\\:@%[\]]+$/;

/**
 * An e-mail address to be sent: without blanks around it and without a leading `mailto:`; `undefined` if it is missing.
 *
 * @param field the path that an error names
 * @throws FormatError see {@link assertOneAddress}
 */
export function readEmail(value: unknown, field: string): string | undefined {
  const unwrapped = text(value)
    ?.trim()
    .replace(/^mailto:/i, '')
    .trim();
  const email = text(unwrapped);
  if (email !== undefined) assertOneAddress(email, field);
  return email;
}

/**
 * Refuses what is more than one address: no ATS would take it, and nobody could be found by it.
 *
 * @throws FormatError naming `field`
 */
export function assertOneAddress(email: string, field: string): void {
  const isOne = !/[,;]/.test(email) && (email.indexOf('@') === email.lastIndexOf('@') || !/[\s/|]/.test(email));
  if (!isOne)
    throw new FormatError(field, 'is more than one e-mail address (or holds a comma); give one address alone');
}

/** Whether two systems mean the same address, however each of them writes it: see {@link normalEmail}. */
export function isSameEmail(one: string | null | undefined, other: string): boolean {
  return one !== null && one !== undefined && normalEmail(one) === normalEmail(other);
}

/** Whether a record says what its address is. One that does not may be anybody's. */
export function hasEmail(one: string | null | undefined): boolean {
  return text(one) !== undefined;
}

/**
 * Whether a record may be of that address: it does not say what its address is, or says one that is the same but for accents, which
 * some systems drop.
 */
export function mayBeSameEmail(one: string | null | undefined, other: string): boolean {
  if (one === null || one === undefined || !hasEmail(one)) return true;
  return withoutAccents(normalEmail(one)) === withoutAccents(normalEmail(other));
}

/**
 * The one spelling of an address by which it is compared: NFKC, no blanks, no invisible characters, plain apostrophes, lower case, the
 * domain in its ASCII form.
 */
function normalEmail(email: string): string {
  return withDomain(folded(email).replace(BLANKS, ''), asciiDomain);
}

/** What systems do to an address when they keep it, each of which they may do or not. */
const HABITS: readonly ((email: string) => string)[] = [
  (email) => email.trim(),
  withoutInvisible,
  (email) => email.normalize('NFC'),
  (email) => email.normalize('NFD'),
  (email) => email.normalize('NFKC'),
  withPlainPunctuation,
  (email) => withDomain(email, (domain) => domain.toLowerCase()),
  (email) => withDomain(email, asciiDomain),
  (email) => email.toLowerCase(),
];

/**
 * The spellings under which a system may keep an address that it was sent, for searches that compare to the letter. One for the usual
 * address in lower case and ASCII.
 */
export function spellingsOf(email: string): readonly string[] {
  const kept = HABITS.reduce<readonly string[]>(
    (spellings, habit) => [...new Set([...spellings, ...spellings.map(habit)])],
    [email],
  );
  return [...new Set([...kept, withoutAccents(normalEmail(email))])];
}

function withDomain(email: string, change: (domain: string) => string): string {
  const at = email.lastIndexOf('@') + 1;
  return at === 0 ? email : email.slice(0, at) + change(email.slice(at));
}

/** The domain as it stands if it is none that DNS could hold. */
function asciiDomain(domain: string): string {
  return (DOMAIN.test(domain) && domainToASCII(domain)) || domain;
}
