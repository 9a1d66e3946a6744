import { describe, expect, it } from '@jest/globals';
import { StepError } from '../../../src/protocol/errors';
import { factsOf } from '../../../src/activities/step';
import { quotable, wordsOf, type HttpAnswer } from '../../../src/http/outcome';
import { rememberingSecrets, registerSecret, scrubKnownSecrets } from '../../../src/security/secrets/scrubbing';

const secret = 'a key of some length';

function answer(body: string, contentType = 'application/json'): HttpAnswer {
  const headers = { 'content-type': contentType };
  return { arrived: 'answer', status: 422, headers, body: Buffer.from(body), complete: true, withinLimit: true };
}

describe('secrets that a piece of work has used', () => {
  it('are hidden in texts as long as it goes on, and in whatever it calls', async () => {
    const said = await rememberingSecrets(async () => {
      registerSecret(secret);
      await Promise.resolve();
      return [1, 2].map(() => scrubKnownSecrets(`wrong: ${secret}`));
    });
    expect(said).toEqual(['wrong: [secret]', 'wrong: [secret]']);
  });

  it('are nothing to other work at the same time, nor afterwards', async () => {
    const other = await rememberingSecrets(async () => {
      await rememberingSecrets(async () => {
        registerSecret(secret);
      });
      return scrubKnownSecrets(secret);
    });
    expect(other).toBe(secret);
    expect(scrubKnownSecrets(secret)).toBe(secret);
  });

  it('are not remembered outside of such work', () => {
    registerSecret(secret);
    expect(scrubKnownSecrets(secret)).toBe(secret);
  });

  it('are hidden in the facts of a failure, wherever its message came from', async () => {
    const facts = { type: 'refused', whoMustAct: 'user', nextStep: '', retryable: false } as const;
    const found = await rememberingSecrets(() => {
      registerSecret(secret);
      return Promise.resolve(factsOf(new StepError({ ...facts, message: `not ${secret}` })));
    });
    expect(found).toEqual({ ...facts, message: 'not [secret]' });
  });

  it.each([
    ['a JSON message', answer(JSON.stringify({ message: `${'x'.repeat(490)} ${secret}` }))],
    ['a plain text', answer(`${'x'.repeat(490)} ${secret}`, 'text/plain')],
    ['a text that is padded', answer(`${'x'.repeat(490)}${' '.repeat(4_000 - 490 - 10)}${secret}`, 'text/plain')],
    ['a text that is long', answer(`${'x'.repeat(490)}${' '.repeat(1_000_000)}${secret}`, 'text/plain')],
  ])('are hidden before the words of another system are cut, so that no half of one is left: %s', async (_, said) => {
    const words = await rememberingSecrets(() => {
      registerSecret(secret);
      return Promise.resolve(wordsOf(said));
    });
    expect(words).toBe(`${'x'.repeat(490)} [secret]`);
  });
});

describe('quotable', () => {
  it('makes one line of a text and cuts it to 500 characters, whole ones', () => {
    expect(quotable(' a\n\t b  ')).toBe('a b');
    expect(Array.from(quotable('😀'.repeat(600)))).toHaveLength(500);
  });
});
