import { text } from './missing';

/** Whether two systems mean the same address: case and white space around it do not count. */
export function isSameEmail(one: string | null | undefined, other: string): boolean {
  return one !== null && one !== undefined && normalised(one) === normalised(other);
}

/** Whether a record says what its address is. One that does not may be anybody's. */
export function hasEmail(one: string | null | undefined): boolean {
  return text(one) !== undefined;
}

/** Whether a record may be of that address: it is, or does not say what its address is. */
export function mayBeSameEmail(one: string | null | undefined, other: string): boolean {
  return !hasEmail(one) || isSameEmail(one, other);
}

/** The spellings under which a system may keep an address that it was sent, for searches that compare to the letter. */
export function spellingsOf(email: string): readonly string[] {
  return [...new Set([email, email.trim(), normalised(email)])];
}

function normalised(email: string): string {
  return email.trim().toLowerCase();
}
