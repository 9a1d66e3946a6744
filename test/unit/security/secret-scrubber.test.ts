import { describe, expect, it } from '@jest/globals';
import { StepError } from '../../../src/protocol/errors';
import { factsOf } from '../../../src/push/facts';
import { quotable, wordsOf, type HttpAnswer } from '../../../src/http/outcome';
import { createSecretScrubber } from '../../../src/security/secrets/secret-scrubber';

const secret = 'a key of some length';

function answer(body: string, contentType = 'application/json'): HttpAnswer {
  const headers = { 'content-type': contentType };
  return { arrived: 'answer', status: 422, headers, body: Buffer.from(body), complete: true, withinLimit: true };
}

describe('the secrets that a step has used', () => {
  it('are hidden in every text from then on', () => {
    const scrubber = createSecretScrubber();
    expect(scrubber.scrub(`wrong: ${secret}`)).toBe(`wrong: ${secret}`);
    scrubber.register(secret);
    expect([1, 2].map(() => scrubber.scrub(`wrong: ${secret}`))).toEqual(['wrong: [secret]', 'wrong: [secret]']);
  });

  it('are unknown to another step', () => {
    createSecretScrubber().register(secret);
    expect(createSecretScrubber().scrub(secret)).toBe(secret);
  });

  it('are hidden in the facts of an error, wherever its message came from', () => {
    const facts = { type: 'refused', whoMustAct: 'user', nextStep: '', retryable: false } as const;
    const scrubber = createSecretScrubber();
    scrubber.register(secret);
    const found = factsOf(new StepError({ ...facts, message: `not ${secret}` }), scrubber);
    expect(found).toEqual({ ...facts, message: 'not [secret]' });
  });

  it.each([
    ['a JSON message', answer(JSON.stringify({ message: `${'x'.repeat(490)} ${secret}` }))],
    ['a plain text', answer(`${'x'.repeat(490)} ${secret}`, 'text/plain')],
    ['a text that is padded', answer(`${'x'.repeat(490)}${' '.repeat(4_000 - 490 - 10)}${secret}`, 'text/plain')],
    ['a text that is long', answer(`${'x'.repeat(490)}${' '.repeat(1_000_000)}${secret}`, 'text/plain')],
  ])('are hidden before the words of another system are cut, so that no half of one is left: %s', (_, said) => {
    const scrubber = createSecretScrubber();
    scrubber.register(secret);
    expect(wordsOf(said, scrubber.scrub)).toBe(`${'x'.repeat(490)} [secret]`);
  });
});

describe('quotable', () => {
  it('makes one line of a text and cuts it to 500 characters, whole ones', () => {
    expect(quotable(' a\n\t b  ', (text) => text)).toBe('a b');
    expect(Array.from(quotable('😀'.repeat(600), (text) => text))).toHaveLength(500);
  });
});
