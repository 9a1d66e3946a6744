/** The longest wait that a response can request; longer ones are capped. In milliseconds (7 days). */
export const MAX_WAIT_MS = 7 * 24 * 3_600_000;

/**
 * Returns how long a response asks to wait, in milliseconds from `now`. `Retry-After` may hold whole seconds or an HTTP date
 * (RFC 9110, section 10.2.3); with a 429 or a 503, rate-limit headers of the `…-Reset` family may stand beside it, which many
 * systems send with every response. The longest counts. A date in the past asks for no wait (0).
 *
 * @returns null if no header holds a usable value
 */
export function retryAfterMs(status: number, headers: Readonly<Record<string, string>>, now: number): number | null {
  const resets = headers['x-ratelimit-reset'] ?? headers['ratelimit-reset'] ?? headers['x-rate-limit-reset'];
  const asked = [
    retryAfter(headers['retry-after'], now),
    milliseconds(headers['retry-after-ms'] ?? headers['x-ms-retry-after-ms']),
    status === 429 || status === 503 ? reset(resets, now) : null,
  ].filter((wait) => wait !== null);
  return asked.length === 0 ? null : Math.min(Math.max(...asked), MAX_WAIT_MS);
}

/** Tells whether the response carries a well-formed `Retry-After`, which promises that the request was not taken. */
export function hasRetryAfter(headers: Readonly<Record<string, string>>, now: number): boolean {
  return retryAfter(headers['retry-after'], now) !== null;
}

const WHOLE_NUMBER = /^\d{1,12}$/;
const DAY = String.raw`(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?`;
const TIME = String.raw`\d{2}:\d{2}:\d{2}`;
/** The three forms of RFC 9110, section 5.6.7. All are in GMT; the last does not say so. */
const HTTP_DATE = new RegExp(
  `^${DAY}(?:, \\d{1,2}[ -][a-z]{3}[ -]\\d{2,4} ${TIME} (?:GMT|UTC)| [a-z]{3} [ \\d]\\d ${TIME} \\d{4})$`,
  'i',
);

function retryAfter(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (WHOLE_NUMBER.test(text)) return Number(text) * 1_000;
  if (!HTTP_DATE.test(text)) return null;
  const at = Date.parse(/(?:GMT|UTC)$/i.test(text) ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(at - now, 0);
}

function milliseconds(header: string | undefined): number | null {
  const text = header?.trim() ?? '';
  return WHOLE_NUMBER.test(text) ? Number(text) : null;
}

/** A reset header is a number of seconds, or a moment in epoch seconds or epoch milliseconds: told apart by size. */
function reset(header: string | undefined, now: number): number | null {
  const text = header?.trim() ?? '';
  if (!/^\d{1,15}$/.test(text)) return null;
  const value = Number(text);
  if (value > 1e11) return Math.max(value - now, 0);
  if (value > 1e9) return Math.max(value * 1_000 - now, 0);
  return value * 1_000;
}
