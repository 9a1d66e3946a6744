import { describe, expect, it } from '@jest/globals';
import { isEmpty, list, number, object, present, text, textOrNumber } from '../../../src/util/missing';

describe('a text', () => {
  it.each([null, undefined, '', ' ', '\t\r\n', '\u00a0\u2003', '\u0085', '\ufeff', 5, true, [], {}, ['a']])(
    'is missing when it is %j',
    (value) => {
      expect(text(value)).toBeUndefined();
    },
  );

  it.each([' a ', '\u0000', 'e\u0301', '\u200b', '0', 'null', '<b>&amp;</b>'])('is kept as it stands: %j', (value) => {
    expect(text(value)).toBe(value);
  });
});

describe('a number', () => {
  it.each([0, -1.5, 7.99])('is kept: %d', (value) => {
    expect(number(value)).toBe(value);
  });

  it.each([Infinity, NaN, '3', null, undefined, true])(
    'is missing when JSON cannot carry it or it is none: %p',
    (value) => {
      expect(number(value)).toBeUndefined();
    },
  );
});

describe('a text or a number', () => {
  it.each([
    [45000, '45000'],
    [3100.5, '3100.5'],
    [0, '0'],
    ['about 40k', 'about 40k'],
  ])('writes %p as %p', (value, written) => {
    expect(textOrNumber(value)).toBe(written);
  });

  it.each([true, false, null, ' ', {}])('is missing when it is %p', (value) => {
    expect(textOrNumber(value)).toBeUndefined();
  });
});

describe('containers', () => {
  it.each([null, undefined, [], ['x'], 'x', 3])('%j has no members', (value) => {
    expect(object(value)).toEqual({});
  });

  it.each([null, undefined, {}, 'x', 3])('%j has no entries', (value) => {
    expect(list(value)).toEqual([]);
  });

  it('keep only entries that are objects, in order', () => {
    expect(list([{ a: 1 }, 3, null, [], 'x', { b: 2 }])).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('lose their undefined members and nothing else', () => {
    expect(present({ a: undefined, b: null, c: '', d: 0 })).toStrictEqual({ b: null, c: '', d: 0 });
    expect(isEmpty(present({ a: undefined }))).toBe(true);
    expect(isEmpty({ a: null })).toBe(false);
  });
});
