import { isUtf8 } from 'node:buffer';
import { printParseErrorCode, visit, type JSONVisitor } from 'jsonc-parser';
import { codeOf, isObject } from './objects';
import type { JsonObject } from '../protocol/messages';

/** What a person wrote cannot be used. The message says why, of "it", and quotes nothing of the content. */
export class UnusableFileError extends Error {
  override readonly name = 'UnusableFileError';
}

const LINE_BREAK = 0x0a;

/**
 * Decodes the bytes of a text that a person wrote: UTF-8, a byte order mark is dropped.
 *
 * @param firstLine number of its first line in the file, for the message
 * @throws Unusable naming the encoding, or the line that is not UTF-8
 */
export function textOf(bytes: Uint8Array, firstLine = 1): string {
  const encoding = otherEncodingOf(bytes);
  if (encoding !== null) throw new UnusableFileError(`it is ${encoding}: save it as UTF-8`);
  if (isUtf8(bytes)) return new TextDecoder().decode(bytes);
  const line = firstLine + linesBeforeFault(bytes);
  throw new UnusableFileError(`line ${line} of it is not UTF-8, but perhaps Latin-1 or Windows-1252: save it as UTF-8`);
}

/** UTF-16 and UTF-32 by their byte order mark, or by the zero bytes that they put around the first letter. */
function otherEncodingOf(bytes: Uint8Array): string | null {
  const [a, b, c, d] = [bytes[0], bytes[1], bytes[2], bytes[3]];
  if (a === 0xff && b === 0xfe) return c === 0 && d === 0 ? 'UTF-32 (little-endian)' : 'UTF-16 (little-endian)';
  if (a === 0xfe && b === 0xff) return 'UTF-16 (big-endian)';
  if (a === 0 && b === 0) return 'UTF-32 (big-endian), or no text';
  if (a === 0) return 'UTF-16 (big-endian) without a byte order mark, or no text';
  if (b !== 0) return null;
  return c === 0
    ? 'UTF-32 (little-endian), or no text'
    : 'UTF-16 (little-endian) without a byte order mark, or no text';
}

/** A line break is never part of another character in UTF-8, so each line can be looked at by itself. */
function linesBeforeFault(bytes: Uint8Array): number {
  let line = 0;
  for (let start = 0, end = 0; end >= 0; start = end + 1, line += 1) {
    end = bytes.indexOf(LINE_BREAK, start);
    if (!isUtf8(bytes.subarray(start, end < 0 ? undefined : end))) break;
  }
  return line;
}

/**
 * Parses JSON.
 *
 * @param firstLine number of the first line of the text in its file, for the message
 * @throws Unusable with line, column and what is expected there
 */
export function jsonOf(text: string, firstLine = 1): unknown {
  if (text.trim() === '') throw new UnusableFileError('it is empty');
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and often has no position.
    throw new UnusableFileError(`it is not valid JSON: ${faultOf(text, firstLine)}`);
  }
}

/**
 * Parses a JSON object.
 *
 * @throws Unusable with line and column, or saying what it is instead
 */
export function jsonObjectOf(text: string, firstLine = 1): JsonObject {
  const value = jsonOf(text, firstLine);
  if (isObject(value)) return value;
  throw new UnusableFileError(
    `expected a JSON object, not ${Array.isArray(value) ? 'a list' : `a single ${kindOf(value)}`}`,
  );
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value === 'string' ? 'text' : typeof value;
}

function faultOf(text: string, firstLine: number): string {
  const { kind, offset } = firstFault(text);
  const before = text.slice(0, offset).split('\n');
  const column = (before.at(-1) ?? '').length + 1;
  return `line ${firstLine + before.length - 1}, column ${column}: ${hintAt(text, offset, kind) ?? WORDS[kind] ?? 'expected something else'}`;
}

interface Fault {
  /** As jsonc-parser names it. */
  readonly kind: string;
  readonly offset: number;
}

function firstFault(text: string): Fault {
  let first: Fault | undefined;
  const onError: JSONVisitor['onError'] = (code, offset) => {
    first ??= { kind: printParseErrorCode(code), offset };
  };
  try {
    visit(text, { onError }, { disallowComments: true });
  } catch {
    // Nested so deep that the stack ended; a fault before that was seen.
  }
  return first ?? { kind: '', offset: text.length };
}

/** What people write that JSON does not know. */
function hintAt(text: string, offset: number, kind: string): string | null {
  const [at = ''] = text.slice(offset, offset + 1);
  if (/[}\]]/.test(at) && text.slice(0, offset).trimEnd().endsWith(',')) return `remove the comma before this "${at}"`;
  if (/['\u2018-\u201f\u00ab\u00bb]/.test(at)) return 'names and texts stand in straight double quotes (")';
  if (at === '\u00a0') return 'a no-break space; use an ordinary one';
  if (kind !== 'EndOfFileExpected') return null;
  if (at === ',')
    return 'the value is complete: remove the comma (JSON Lines have one object per line, and no commas between)';
  return at === '{' ? 'a second object: write each on one line (JSON Lines)' : null;
}

const WORDS: Readonly<Record<string, string>> = {
  InvalidSymbol: 'expected a value, or a text in double quotes',
  InvalidNumberFormat: 'a number that is not complete',
  PropertyNameExpected: 'expected a name in double quotes',
  ValueExpected: 'expected a value',
  ColonExpected: 'expected ":" and a value',
  CommaExpected: 'expected a comma or the end of the object or list',
  CloseBraceExpected: 'expected "}"',
  CloseBracketExpected: 'expected "]"',
  EndOfFileExpected: 'expected nothing more: the value is complete',
  InvalidCommentToken: 'a comment; JSON has none',
  UnexpectedEndOfComment: 'a comment; JSON has none',
  UnexpectedEndOfString: 'a text without its closing quote on the same line',
  UnexpectedEndOfNumber: 'a number that is not complete',
  InvalidUnicode: 'a text with "\\u" and not four hexadecimal digits',
  InvalidEscapeCharacter: 'a text with a single backslash; write "\\\\" for one',
  InvalidCharacter: 'a text with a control character; write "\\n" or "\\t" for it',
};

/**
 * Why a file cannot be used, in words that quote nothing of it.
 *
 * @throws the error itself if neither this module nor the operating system made it
 */
export function whyUnusable(error: unknown): string {
  if (error instanceof UnusableFileError) return error.message;
  const code = codeOf(error);
  if (code === '') throw error;
  return `it cannot be read (${code})`;
}
