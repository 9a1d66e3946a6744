import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { hasEmail, isSameEmail, mayBeSameEmail, spellingsOf } from '../../../src/profile/emails';
import { respelled, SPELLING_NAMES } from '../../simulators/spelling';

describe('an e-mail address', () => {
  it.each([
    ['zoe@example.test', ['zoe@example.test']],
    ['Zoe@example.test', ['Zoe@example.test', 'zoe@example.test']],
    ['zoe@Example.test', ['zoe@Example.test', 'zoe@example.test']],
    [' zoe@example.test', [' zoe@example.test', 'zoe@example.test']],
    ['zoe@ex\u00e4mple.test', ['zoe@ex\u00e4mple.test', 'zoe@exa\u0308mple.test', 'zoe@xn--exmple-cua.test']],
  ])('%j is searched as it was sent and as systems may keep it', (email, spellings) => {
    expect(spellingsOf(email)).toEqual(spellings);
  });

  it('is searched in every mixture of what systems may do to it', () => {
    const spellings = spellingsOf(' Zoe\u0301\u200b@Ex\u00c4mple.Test');
    expect(spellings).toContain('Zo\u00e9@xn--exmple-cua.test');
    expect(spellings).toContain('zoe\u0301\u200b@ex\u00e4mple.test');
    expect(spellings.length).toBeLessThan(100);
  });

  it.each([
    ['zoe@example.test', ' ZOE@example.test\n'],
    ['zo\u00e9@example.test', 'zoe\u0301@example.test'],
    ['zoe@ex\u00e4mple.test', 'zoe@xn--exmple-cua.test'],
    ['zoe@EX\u00c4MPLE.test', 'zoe@exa\u0308mple.TEST'],
    ['zo\u200be@exam\u00adple.test', 'zoe@example.test'],
    ['\uff5aoe\uff20example.test', 'zoe@example.test'],
    ['o\u2019neil@example.test', "o'neil@example.test"],
    ['zoe@-.', 'ZOE@-.'],
  ])('%j is the same as %j', (one, other) => {
    expect(isSameEmail(one, other)).toBe(true);
    expect(isSameEmail(other, one)).toBe(true);
    expect(mayBeSameEmail(one, other)).toBe(true);
  });

  it.each([
    ['zoe@example.test', 'zoe@example.test.example.test'],
    ['zoe@example.test', 'zoe.x@example.test'],
    ['zoe@a/b.test', 'zoe@a/c.test'],
    ['zoe@one@example.test', 'zoe@two@example.test'],
  ])('%j is not %j', (one, other) => {
    expect(isSameEmail(one, other)).toBe(false);
    expect(mayBeSameEmail(one, other)).toBe(false);
  });

  it('is the same in whatever mixture of spellings a system keeps it', () => {
    const habits = SPELLING_NAMES.filter((name) => name !== 'noAccents');
    // But for the two capitals whose lower case is not that of the domain’s ASCII form, or depends on where they stand.
    const texts = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 12 })
      .filter((text) => !/[\u03a3\u03f9\u03c2\u1e9e]/u.test(text.normalize('NFKC')));
    const domains = texts.filter((text) => /^[\p{Lo}\p{Ll}\p{Lu}\p{M}\p{N}]+$/u.test(text.normalize('NFKC')));
    fc.assert(
      fc.property(texts, domains, fc.subarray(habits), (local, domain, kept) => {
        const sent = `${local}@${domain}.test`;
        expect(isSameEmail(respelled(sent, kept), sent)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it('that has lost its accents may be the same, and is not so for certain', () => {
    expect(isSameEmail('zoe@example.test', 'zo\u00e9@example.test')).toBe(false);
    expect(mayBeSameEmail('zoe@example.test', 'zo\u00e9@example.test')).toBe(true);
  });

  it.each([null, undefined, '', ' '])('that is %j may be anybody’s, and is nobody’s for certain', (email) => {
    expect(hasEmail(email)).toBe(false);
    expect(mayBeSameEmail(email, 'zoe@example.test')).toBe(true);
    expect(isSameEmail(email, 'zoe@example.test')).toBe(false);
  });
});
