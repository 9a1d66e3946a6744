import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { wholeRequest, type StartRequest } from '../client/request';
import { InputError } from '../parameters';
import type { JsonObject } from '../workflows/types';
import { UsageError, type Cli } from './cli';
import { nameOf, unreadable } from './files';
import { isObject } from '../objects';
import { applyOverrides, type Override } from './overrides';

/** One document of the input, parsed or not, and where it stood. */
export interface InputDocument {
  /** From 1; null where the whole input is one document. Known at the latest when the input has gone on or ended. */
  readonly line: Promise<number | null>;
  /** What was parsed; undefined where that was not possible. */
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
 * @throws UsageError where the file cannot be read
 */
export async function* readInput(cli: Cli, path: string | undefined): AsyncGenerator<InputDocument> {
  if (path === undefined) {
    yield document(Promise.resolve(null), '{}');
    return;
  }
  try {
    yield* readDocuments(path === '-' ? cli.stdin : createReadStream(path));
  } catch (error) {
    unreadable('--params', path)(error);
  }
}

/** The documents of a stream; see {@link readInput}. */
export async function* readDocuments(stream: Readable): AsyncGenerator<InputDocument> {
  const lines = linesOf(stream);
  const first = await nextLine(lines);
  if (!first) return;
  if (!isParsed(first.text)) {
    yield* fromWhole(first, lines);
    return;
  }
  // The first document need not wait for a second line; only whether it has a number does.
  const second = nextLine(lines);
  yield document(
    second.then((next) => (next ? first.number : null)),
    first.text,
  );
  const next = await second;
  if (!next) return;
  yield document(Promise.resolve(next.number), next.text);
  yield* fromLines(lines);
}

interface Line {
  readonly number: number;
  readonly text: string;
}

/** A first line that is no document: the whole is one, written over several lines, or the line is bad. */
async function* fromWhole(first: Line, lines: AsyncGenerator<Line, void>): AsyncGenerator<InputDocument> {
  const all = [first];
  for await (const line of lines) all.push(line);
  const whole = all.map(({ text }) => text).join('\n');
  const oneDocument = isParsed(whole) || !all.slice(1).some(({ text }) => isParsed(text));
  if (oneDocument) yield document(Promise.resolve(null), whole);
  else for (const { number, text } of all) if (text.trim()) yield document(Promise.resolve(number), text);
}

async function* fromLines(lines: AsyncGenerator<Line, void>): AsyncGenerator<InputDocument> {
  for (let line = await nextLine(lines); line; line = await nextLine(lines)) {
    yield document(Promise.resolve(line.number), line.text);
  }
}

async function nextLine(lines: AsyncGenerator<Line, void>): Promise<Line | null> {
  for (;;) {
    const next = await lines.next();
    if (next.done) return null;
    if (next.value.text.trim() !== '') return next.value;
  }
}

/** Not `node:readline`: it swallows errors of the stream. A byte order mark is dropped by the decoder. */
async function* linesOf(stream: Readable): AsyncGenerator<Line, void> {
  const decoder = new TextDecoder();
  let rest = '';
  let number = 0;
  for await (const chunk of stream) {
    const parts = (rest + decoder.decode(bytesOf(chunk), { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    for (const text of parts) yield { number: (number += 1), text };
  }
  rest += decoder.decode();
  if (rest !== '') yield { number: number + 1, text: rest };
}

function bytesOf(chunk: unknown): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
}

function isParsed(text: string): boolean {
  return parse(text) !== undefined;
}

function parse(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function document(line: Promise<number | null>, text: string): InputDocument {
  // Whoever never asks for the number must not end the process when the input breaks off.
  line.catch(() => undefined);
  const value = parse(text);
  return { line, value, problem: value === undefined ? 'expected a JSON object' : null };
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
 * @throws InputError naming path and reason, UsageError where the file cannot be read or holds several requests
 */
export async function readRequest(cli: Cli, path: string | undefined): Promise<StartRequest> {
  const documents: InputDocument[] = [];
  for await (const found of readInput(cli, path)) documents.push(found);
  const [one, second] = documents;
  if (!one) throw new UsageError(`--params: ${nameOf(path)} is empty; expected one JSON object`);
  if (second) throw new UsageError(`--params: ${nameOf(path)} holds several requests; this command takes one`);
  return requestOf(one, cli.overrides);
}
