/** Whether two systems mean the same address: case and white space around it do not count. */
export function isSameEmail(one: string | null | undefined, other: string): boolean {
  return one !== null && one !== undefined && normalised(one) === normalised(other);
}

/** The spellings under which a system may keep an address that it was sent, for searches that compare to the letter. */
export function spellingsOf(email: string): readonly string[] {
  return [...new Set([email, normalised(email)])];
}

function normalised(email: string): string {
  return email.trim().toLowerCase();
}
