import { describe, expect, it } from '@jest/globals';
import { scrub } from '../../../src/security/secrets/redaction';

describe('scrub', () => {
  const secret = 'p@ss w/"é"+$&';

  it.each([
    ['itself', secret],
    ['URL-encoded', encodeURIComponent(secret)],
    ['form-encoded', encodeURIComponent(secret).replace(/%20/g, '+')],
    ['JSON-escaped', JSON.stringify(secret).slice(1, -1)],
    ['in base64', Buffer.from(secret).toString('base64')],
    ['in base64 for URLs', Buffer.from(secret).toString('base64url')],
  ])('hides a secret %s', (_, form) => {
    expect(scrub(`key ${form} is bad: ${form}`, [secret])).toBe('key [secret] is bad: [secret]');
  });

  it('hides the longer of two secrets that begin alike', () => {
    expect(scrub('abcdefgh abcd', ['abcd', 'abcdefgh'])).toBe('[secret] [secret]');
  });

  it('does not look into what it has put in', () => {
    expect(scrub('secret value1', ['value1', 'secret'])).toBe('[secret] [secret]');
  });

  it('leaves texts without secrets, and short secrets, alone', () => {
    expect(scrub('nothing here', ['value1'])).toBe('nothing here');
    expect(scrub('abc', [])).toBe('abc');
    expect(scrub('a cat', ['', 'a', 'cat'])).toBe('a cat');
  });

  it('takes a secret that is not well-formed Unicode', () => {
    expect(scrub('x\ud800abcd', ['\ud800abcd'])).toBe('x[secret]');
  });
});
