import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { wholeRequest, type StartRequest } from '../../client/request';
import { InputError } from '../../protocol/errors';
import { UsageError, type Cli, type Override } from '../cli';
import { bytesOf, nameOf, unreadable } from './files';
import { isObject } from '../../util/objects';
import { UnusableFileError, jsonOf, textOf } from '../../util/text-file';
import { applyOverrides } from './overrides';

/** One document of the input, parsed or not, and where it stood. */
export interface InputDocument {
  /** Where the document begins, from 1. */
  readonly line: number;
  /** What was parsed; undefined if that was not possible. */
  readonly value: unknown;
  readonly problem: string | null;
}

/** The flag of every command that takes the parameters of a push. */
export const PARAMS_FLAG = '--params <file>';
export const PARAMS_HELP = 'JSON file with the parameters; "-" is standard input';

/**
 * Reads the documents of `--params`: one JSON object, or one per line, told apart by content. Lines are read as they come. Without a
 * file there is one empty document, for the overrides to fill.
 *
 * @throws UsageError if the file cannot be read
 */
export async function* readInput(cli: Cli, path: string | undefined): AsyncGenerator<InputDocument> {
  if (path === undefined) {
    yield document({ number: 1, text: '{}', problem: null });
    return;
  }
  try {
    for await (const found of readDocuments(path === '-' ? cli.stdin : createReadStream(path)))
      yield found.problem === null ? found : { ...found, problem: `--params: ${nameOf(path)}: ${found.problem}` };
  } catch (error) {
    unreadable('--params', path)(error);
  }
}

/** The documents of a stream; see {@link readInput}. */
export async function* readDocuments(stream: Readable): AsyncGenerator<InputDocument> {
  const lines = linesOf(stream);
  const first = await nextLine(lines);
  if (!first) return;
  if (!isDocument(first)) {
    yield* fromWhole(first, lines);
    return;
  }
  yield document(first);
  yield* fromLines(lines);
}

/** One line of the input, or several of them from `number` on. */
interface Line {
  readonly number: number;
  readonly text: string;
  /** Why the text is not known. */
  readonly problem: string | null;
}

/** A first line that is no document: the whole is one, written over several lines, or the line is bad. */
async function* fromWhole(first: Line, lines: AsyncGenerator<Line, void>): AsyncGenerator<InputDocument> {
  const all = [first];
  for await (const line of lines) all.push(line);
  const whole = {
    number: first.number,
    text: all.map(({ text }) => text).join('\n'),
    problem: all.find(({ problem }) => problem !== null)?.problem ?? null,
  };
  if (isOpenList(first) || isDocument(whole) || !all.slice(1).some(isDocument)) yield document(whole);
  else for (const line of all) if (!isBlank(line)) yield document(line);
}

/** The beginning of a list, whose entries are no documents of their own though they stand on lines of their own. */
function isOpenList(line: Line): boolean {
  return line.text.trimStart().startsWith('[') && parsed(line).problem !== NOT_A_LIST;
}

async function* fromLines(lines: AsyncGenerator<Line, void>): AsyncGenerator<InputDocument> {
  for (let line = await nextLine(lines); line; line = await nextLine(lines)) {
    yield document(line);
  }
}

async function nextLine(lines: AsyncGenerator<Line, void>): Promise<Line | null> {
  for (;;) {
    const next = await lines.next();
    if (next.done) return null;
    if (!isBlank(next.value)) return next.value;
  }
}

function isBlank({ text, problem }: Line): boolean {
  return problem === null && text.trim() === '';
}

/**
 * Not `node:readline`: it swallows errors of the stream. Each line is decoded by itself, so that one that is not UTF-8 spoils no
 * other.
 */
async function* linesOf(stream: Readable): AsyncGenerator<Line, void> {
  let rest: Uint8Array[] = [];
  let number = 0;
  for await (const chunk of stream) {
    const bytes = bytesOf(chunk);
    let start = 0;
    for (let end = bytes.indexOf(LINE_BREAK); end >= 0; end = bytes.indexOf(LINE_BREAK, start)) {
      yield lineOf([...rest, bytes.subarray(start, end)], (number += 1));
      rest = [];
      start = end + 1;
    }
    rest.push(bytes.subarray(start));
  }
  const last = lineOf(rest, number + 1);
  if (last.text !== '' || last.problem !== null) yield last;
}

const LINE_BREAK = 0x0a;

function lineOf(pieces: readonly Uint8Array[], number: number): Line {
  const bytes = Buffer.concat(pieces);
  try {
    return { number, text: textOf(bytes, number), problem: null };
  } catch (error) {
    if (error instanceof UnusableFileError) return { number, text: '', problem: error.message };
    throw error;
  }
}

const NOT_A_LIST = 'expected a JSON object, or one per line (JSON Lines), not a list';

function isDocument(line: Line): boolean {
  return parsed(line).problem === null;
}

function parsed({ number, text, problem }: Line): Pick<InputDocument, 'value' | 'problem'> {
  if (problem !== null) return { value: undefined, problem };
  try {
    const value = jsonOf(text, number);
    if (isObject(value)) return { value, problem: null };
    return { value: undefined, problem: Array.isArray(value) ? NOT_A_LIST : 'expected a JSON object' };
  } catch (error) {
    if (error instanceof UnusableFileError) return { value: undefined, problem: error.message };
    throw error;
  }
}

function document(line: Line): InputDocument {
  return { line: line.number, ...parsed(line) };
}

/**
 * Makes the request of a push from a document and the overrides.
 *
 * @throws InputError naming path and reason
 */
export function requestOf(
  { value, problem }: Pick<InputDocument, 'value' | 'problem'>,
  overrides: readonly Override[],
): StartRequest {
  if (problem !== null || !isObject(value)) throw new InputError('', problem ?? 'expected a JSON object');
  const request = applyOverrides(value, overrides);
  if ('again' in request) throw new InputError('', '(the whole): unknown field "again"; it is a flag: --again');
  return wholeRequest(request);
}

/**
 * The one request of a command that takes one.
 *
 * @throws InputError naming path and reason, UsageError if the file cannot be read or holds several requests
 */
export async function readRequest(cli: Cli, path: string | undefined): Promise<StartRequest> {
  const documents: InputDocument[] = [];
  for await (const found of readInput(cli, path)) documents.push(found);
  const [one, second] = documents;
  if (!one) throw new UsageError(`--params: ${nameOf(path)} is empty; expected one JSON object`);
  if (second) throw new UsageError(`--params: ${nameOf(path)} holds several requests; this command takes one`);
  return requestOf(one, cli.overrides);
}
