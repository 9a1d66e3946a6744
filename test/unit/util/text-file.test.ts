import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jsonObjectOf, jsonOf, textOf, UnusableFileError, whyUnusable } from '../../../src/util/text-file';

function problemOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    if (error instanceof UnusableFileError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

const utf16 = (text: string, bigEndian = false) => {
  const bytes = Buffer.from(text, 'utf16le');
  return bigEndian ? bytes.swap16() : bytes;
};

describe('a text that a person wrote', () => {
  it.each([
    ['as it is', Buffer.from('é\r\n'), 'é\r\n'],
    ['without its byte order mark', Buffer.from('\uFEFFé'), 'é'],
    ['though it is empty', Buffer.of(), ''],
    ['though it is one letter', Buffer.from('a'), 'a'],
  ])('is read %s', (_, bytes, text) => expect(textOf(bytes)).toBe(text));

  it.each([
    ['UTF-16 (little-endian)', utf16('\uFEFF{"a":1}')],
    ['UTF-16 (big-endian)', utf16('\uFEFF{"a":1}', true)],
    ['UTF-16 (little-endian) without a byte order mark', utf16('{"a":1}')],
    ['UTF-16 (big-endian) without a byte order mark', utf16('{"a":1}', true)],
    ['UTF-32 (little-endian)', Buffer.from([0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0])],
    ['UTF-32 (little-endian)', Buffer.from([0x7b, 0, 0, 0])],
    ['UTF-32 (big-endian)', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x7b])],
  ])('is refused by name in %s', (name, bytes) => {
    expect(problemOf(() => textOf(bytes))).toContain(`it is ${name}`);
    expect(problemOf(() => textOf(bytes))).toContain('save it as UTF-8');
  });

  it('is refused by the line that is not UTF-8', () => {
    const bytes = Buffer.from('{\r\n"a":1,\r\n"name":"Zo\u00eb"}', 'latin1');
    expect(problemOf(() => textOf(bytes))).toBe(
      'line 3 of it is not UTF-8, but perhaps Latin-1 or Windows-1252: save it as UTF-8',
    );
    expect(problemOf(() => textOf(bytes, 10))).toContain('line 12 ');
    expect(problemOf(() => textOf(Buffer.of(0xe9)))).toContain('line 1 ');
  });
});

describe('JSON that a person wrote', () => {
  it.each([
    ['{"a":1,}', 'line 1, column 8: remove the comma before this "}"'],
    ['[1,\n2,\n]', 'line 3, column 1: remove the comma before this "]"'],
    ['{\r\n  "a": hunter2\r\n}', 'line 2, column 8: expected a value'],
    ['{"a":"hunter2"', 'line 1, column 15: expected "}"'],
    ['{"a":1 "b":2}', 'line 1, column 8: expected a comma'],
    ["{'hunter2':1}", 'line 1, column 2: names and texts stand in straight double quotes (")'],
    ['{\u201chunter2\u201d:1}', 'straight double quotes'],
    ['{hunter2:1}', 'line 1, column 2: expected a value, or a text in double quotes'],
    ['{"a"}', 'line 1, column 5: expected ":" and a value'],
    ['// hunter2\n{}', 'line 1, column 1: a comment; JSON has none'],
    ['{"a":"C:\\Users"}', 'line 1, column 6: a text with a single backslash'],
    ['{"a":"hunter2\n"}', 'line 1, column 6: a text without its closing quote'],
    ['{"a":\u00a01}', 'line 1, column 6: a no-break space'],
    ['{"a":1}\n{"b":2}', 'line 2, column 1: a second object: write each on one line (JSON Lines)'],
    ['{"a":1},\n', 'line 1, column 8: the value is complete: remove the comma'],
    ['{"a":01}', 'line 1, column 7: expected a comma'],
    ['{"a":1.}', 'line 1, column 6: a number that is not complete'],
    ['['.repeat(200_000), 'line 1, column'],
  ])('is refused with the place of its first fault: %#', (text, words) => {
    expect(problemOf(() => jsonOf(text))).toContain('it is not valid JSON: ');
    expect(problemOf(() => jsonOf(text))).toContain(words);
    expect(problemOf(() => jsonOf(text))).not.toContain('hunter2');
  });

  it.each(['', ' \r\n'])('is refused where there is nothing: %j', (text) => {
    expect(problemOf(() => jsonOf(text))).toBe('it is empty');
  });

  it('counts the lines of its file', () => {
    expect(problemOf(() => jsonOf('{\n]', 7))).toContain('line 8, column 1:');
  });

  it.each([
    ['[]', 'a list'],
    ['null', 'a single null'],
    ['"hunter2"', 'a single text'],
    ['7', 'a single number'],
  ])('is an object where one is expected, not %s', (text, kind) => {
    expect(problemOf(() => jsonObjectOf(text))).toBe(`expected a JSON object, not ${kind}`);
  });

  it('is parsed, or refused without quoting it, whatever bytes there are', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.tuple(fc.jsonValue(), fc.nat(), fc.string({ maxLength: 2 })).map(([value, at, put]) => {
        const text = JSON.stringify(value);
        const cut = at % (text.length + 1);
        return new TextEncoder().encode(text.slice(0, cut) + put + text.slice(cut));
      }),
    );
    fc.assert(
      fc.property(bytes, (given) => {
        try {
          jsonOf(textOf(given));
        } catch (error) {
          if (!(error instanceof UnusableFileError)) throw error;
          expect(error.message).toMatch(/^(?:it is|line \d+ of it is) .{5,200}$/);
        }
      }),
      { numRuns: 3_000, interruptAfterTimeLimit: 20_000 },
    );
  });
});

describe('what is said of a file that cannot be used', () => {
  it('is the reason, the code of the operating system, or nothing where it is a mistake of ours', () => {
    expect(whyUnusable(new UnusableFileError('it is odd'))).toBe('it is odd');
    expect(whyUnusable(Object.assign(new Error('hunter2'), { code: 'EACCES' }))).toBe('it cannot be read (EACCES)');
    expect(() => whyUnusable(new TypeError('ours'))).toThrow(TypeError);
  });
});
