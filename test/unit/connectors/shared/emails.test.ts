import { describe, expect, it } from '@jest/globals';
import { hasEmail, isSameEmail, mayBeSameEmail, spellingsOf } from '../../../../src/connectors/shared/emails';

describe('an e-mail address', () => {
  it.each([
    ['zoe@example.test', ['zoe@example.test']],
    ['Zoe@Example.test', ['Zoe@Example.test', 'zoe@example.test']],
    [' zoe@example.test', [' zoe@example.test', 'zoe@example.test']],
    [' Zoe@Example.test\n', [' Zoe@Example.test\n', 'Zoe@Example.test', 'zoe@example.test']],
  ])('%j is searched as it was sent, trimmed, and in lower case', (email, spellings) => {
    expect(spellingsOf(email)).toEqual(spellings);
  });

  it.each([null, undefined, '', ' '])('that is %j may be anybody’s, and is nobody’s for certain', (email) => {
    expect(hasEmail(email)).toBe(false);
    expect(mayBeSameEmail(email, 'zoe@example.test')).toBe(true);
    expect(isSameEmail(email, 'zoe@example.test')).toBe(false);
  });

  it('that is another one is somebody else’s', () => {
    expect(mayBeSameEmail('other@example.test', 'zoe@example.test')).toBe(false);
    expect(mayBeSameEmail(' ZOE@example.test', 'zoe@example.test')).toBe(true);
  });
});
