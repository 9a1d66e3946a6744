import { readEmail } from './emails';
import { text, type Members } from '../util/missing';

const BLANKS = /[\s\p{White_Space}]+/u;

/** The names of a person; each may be missing. */
export interface Names {
  readonly first: string | undefined;
  readonly last: string | undefined;
}

/**
 * Returns first and last name of a profile's `info`. If both are missing, they are taken from `full_name`: its last word is the last name, the
 * rest the first name; a single word is the last name.
 *
 * @param splitFullName false: `full_name` is ignored
 */
export function namesOf(info: Members, splitFullName: boolean): Names {
  const [first, last] = [text(info.first_name), text(info.last_name)];
  if (!splitFullName || first !== undefined || last !== undefined) return { first, last };
  const fullName = text(info.full_name) ?? '';
  const lastWord = fullName.split(BLANKS).findLast((word) => word !== '') ?? '';
  return { first: text(fullName.slice(0, fullName.lastIndexOf(lastWord)).trim()), last: text(lastWord) };
}

/**
 * Returns the e-mail of a profile's `info`, without blanks around it and without `mailto:`.
 *
 * @throws FormatError naming `info.email` if it is more than one address
 */
export function emailOf(info: Members): string | undefined {
  return readEmail(info.email, 'info.email');
}
