import { describe, expect, it } from '@jest/globals';
import { hasRetryAfter, MAX_WAIT_MS, retryAfterMs } from '../../../src/http/retry-after';

const NOW = Date.parse('2024-02-01T08:00:00Z');

describe('Retry-After', () => {
  it.each([
    ['seconds', '120', 120_000],
    ['seconds with blanks around', ' 5 ', 5_000],
    ['zero', '0', 0],
    ['a date to come', 'Thu, 01 Feb 2024 08:02:00 GMT', 120_000],
    ['a date that names UTC', 'Thu, 01 Feb 2024 08:02:00 UTC', 120_000],
    ['the old form of a date', 'Thursday, 01-Feb-24 08:02:00 GMT', 120_000],
    ['the form of asctime, which is GMT without saying so', 'Thu Feb  1 08:02:00 2024', 120_000],
    ['a date in the past', 'Thu, 01 Feb 2024 07:00:00 GMT', 0],
    ['more than is ever waited', '99999999', MAX_WAIT_MS],
    ['a date further away than is ever waited', 'Fri, 01 Feb 2030 08:00:00 GMT', MAX_WAIT_MS],
  ])('takes %s', (_name, value, expected) => {
    expect(retryAfterMs(429, { 'retry-after': value }, NOW)).toBe(expected);
    expect(hasRetryAfter({ 'retry-after': value }, NOW)).toBe(true);
  });

  it.each([
    '',
    ' ',
    '-1',
    '1.5',
    '1e3',
    '0x10',
    'soon',
    'NaN',
    'Infinity',
    '9999999999999',
    '2024-02-01',
    'Mon, hello 2024',
    'Thu, 99 Feb 2024 08:02:00 GMT',
    'Thu, 01 Feb 2024',
    'Thu, 01 Feb 2024 08:02:00 +0200',
  ])('takes no notice of %j', (value) => {
    expect(retryAfterMs(429, { 'retry-after': value }, NOW)).toBeNull();
    expect(hasRetryAfter({ 'retry-after': value }, NOW)).toBe(false);
  });

  it('is null where nothing was said', () => {
    expect(retryAfterMs(429, {}, NOW)).toBeNull();
    expect(hasRetryAfter({}, NOW)).toBe(false);
  });

  it('counts as given only by its own header', () => {
    expect(hasRetryAfter({ 'x-ratelimit-reset': '30' }, NOW)).toBe(false);
  });
});

describe('several limits at once', () => {
  it.each([
    [{ 'retry-after': '10', 'x-ratelimit-reset': '30' }, 30_000],
    [{ 'retry-after': '40', 'x-ratelimit-reset': '30', 'retry-after-ms': '50' }, 40_000],
    [{ 'retry-after': 'soon', 'retry-after-ms': '250' }, 250],
    [{ 'x-ms-retry-after-ms': '700' }, 700],
    [{ 'ratelimit-reset': '15' }, 15_000],
    [{ 'x-rate-limit-reset': String(NOW / 1_000 + 60) }, 60_000],
    [{ 'x-ratelimit-reset': String(NOW + 90_000) }, 90_000],
    [{ 'x-ratelimit-reset': String(NOW / 1_000 - 60) }, 0],
    [{ 'retry-after': '1', 'x-ratelimit-reset': 'tomorrow' }, 1_000],
    [{ 'retry-after': '20', 'x-ratelimit-reset': '99999999' }, MAX_WAIT_MS],
  ])('%j: the longest counts', (headers, expected) => {
    expect(retryAfterMs(429, headers, NOW)).toBe(expected);
  });

  it('count a reset with a 429 or a 503 alone: many systems send it with every answer', () => {
    const waits = [200, 400, 404, 500, 502, 503, 504, 429].map((status) =>
      retryAfterMs(status, { 'x-ratelimit-reset': '3600' }, NOW),
    );
    expect(waits).toEqual([null, null, null, null, null, 3_600_000, null, 3_600_000]);
    expect(retryAfterMs(500, { 'retry-after': '5', 'x-ratelimit-reset': '3600' }, NOW)).toBe(5_000);
  });
});
