import { SECRET_TEXT } from '../sensitivity';

/** Shorter secrets are left alone: replacing every "a" in a text would rather spell the secret out. */
const MIN_SCRUBBED_LENGTH = 4;

/**
 * Replaces known secrets in a text that somebody else wrote, such as the response of an ATS that echoes the key it was
 * sent. Found are the secret itself and its URL-encoded, JSON-escaped and base64 forms; not found are parts of it and
 * secrets of fewer than 4 characters.
 *
 * @param secrets the values to hide. What was derived from a secret, a Basic authorization for example, is a value of its own
 */
export function scrub(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.filter((secret) => secret.length >= MIN_SCRUBBED_LENGTH).flatMap(formsOf));
  if (forms.size === 0) return text;
  // The longest first: of two secrets, one may begin with the other.
  const alternatives = [...forms].sort((a, b) => b.length - a.length).map(escapeForRegExp);
  return text.replace(new RegExp(alternatives.join('|'), 'g'), SECRET_TEXT);
}

function formsOf(secret: string): readonly string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64');
  const percent = encodeURIComponent(bytes.toString());
  return [
    secret,
    percent,
    percent.replace(/%20/g, '+'),
    JSON.stringify(secret).slice(1, -1),
    base64,
    base64.replace(/=+$/, ''),
    bytes.toString('base64url'),
  ];
}

function escapeForRegExp(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}
