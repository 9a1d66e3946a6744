import { cutToCodePoints } from '../util/code-points';
import { isObject } from '../util/objects';
import type { EgressErrorCode } from './egress/egress-error';

/** What a call does in the other system, which decides what its failure means. */
export type CallKind = 'read' | 'create' | 'lookup' | 'upsert';

/** Why no complete response came: {@link EgressErrorCode} and `too_late` before a byte of the request has left, the rest after it. */
export type NetworkCode =
  | EgressErrorCode
  | 'too_late'
  | 'timeout'
  | 'reset'
  /** The response is no HTTP. */
  | 'garbled';

/** The outcome of one HTTP call: a response (perhaps cut off), or none. */
export type HttpOutcome = HttpAnswer | NoAnswer;

export interface HttpAnswer {
  readonly arrived: 'answer';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** False if the body broke off, took too long or was larger than allowed. */
  readonly complete: boolean;
  /** False only if the body was larger than the call allows. */
  readonly withinLimit: boolean;
  /** True if the body is not encoded as its `Content-Encoding` says. */
  readonly undecodable?: boolean;
}

export interface NoAnswer {
  readonly arrived: 'nothing';
  /** Whether a byte of the request may have left. */
  readonly sent: boolean;
  readonly code: NetworkCode;
  /** What the egress guard says of it: scheme, host and port at most, and what is wrong with them. */
  readonly reason?: string;
}

/** How far into a body its beginning is looked for: some pages are led by blank lines. In bytes. */
const MAX_START_LENGTH = 2_000;

/** Whether a page came. The media type alone does not make one: servers send plain texts under their default, which is often HTML. */
export function isHtml({ headers, body }: HttpAnswer): boolean {
  const start = body.subarray(0, MAX_START_LENGTH).toString('utf8').trimStart();
  if (/^<(?:!doctype html|html)\b/i.test(start)) return true;
  return start.startsWith('<') && /\bhtml\b/i.test(headers['content-type'] ?? '');
}

const parsed = new WeakMap<HttpAnswer, { readonly value: unknown }>();

/** The body as JSON, whatever its media type says; undefined if it is none or was cut off. Parsed once per response. */
export function jsonOf(answer: HttpAnswer): unknown {
  const known = parsed.get(answer) ?? { value: parse(answer) };
  parsed.set(answer, known);
  return known.value;
}

function parse({ complete, body }: HttpAnswer): unknown {
  if (!complete) return undefined;
  try {
    const value: unknown = JSON.parse(body.toString('utf8').replace(/^\uFEFF/, ''));
    return value;
  } catch {
    return undefined;
  }
}

const MAX_WORDS_LENGTH = 500;

/** Hides secrets in a text. */
export type Scrub = (text: string) => string;

/** Returns the other system's own words, made {@link quotable}. Empty for HTML and for an empty body. */
export function wordsOf(answer: HttpAnswer, scrub: Scrub): string {
  if (isHtml(answer)) return '';
  return wordsIn(jsonOf(answer), scrub) || quotable(answer.body.toString('utf8'), scrub);
}

/** Returns the messages in the JSON of an error, made {@link quotable}. A message keyed by a field carries the field's name. */
export function wordsIn(json: unknown, scrub: Scrub): string {
  return quotable(messagesOf(json).join('; '), scrub);
}

/**
 * Returns a text of another system as messages may quote it: without the secrets that it was sent, on one line, cut to 500
 * characters. May hold personal data. Pass the text uncut: of a secret that was cut, the rest would be quoted.
 */
export function quotable(text: string, scrub: Scrub): string {
  const line = scrub(text).replace(/\s+/g, ' ').trim();
  return cutToCodePoints(line, MAX_WORDS_LENGTH);
}

/** In lower case: .NET writes them in either. */
const MESSAGE_MEMBERS = [
  'message',
  'msg',
  'defaultmessage',
  'errormessage',
  'error_message',
  'error_description',
  'detail',
  'title',
  'reason',
  'error',
  'errors',
  'details',
  'o:errordetails',
  'violations',
  'invalid-params',
];
/** Their members are named after the fields of what was sent: ASP.NET and others. */
const KEYED_BY_FIELD = ['errors', 'modelstate', 'fielderrors', 'validationerrors'];
/** How an entry of a list says which field it is about. */
const FIELD_MEMBERS = ['field', 'property', 'propertyname', 'propertypath', 'path', 'loc', 'name', 'o:errorpath'];
const MAX_DEPTH = 8;

function messagesOf(value: unknown, depth = 0): string[] {
  if (typeof value === 'string') return value.trim() === '' ? [] : [value];
  if (typeof value !== 'object' || value === null || depth > MAX_DEPTH) return [];
  if (Array.isArray(value)) return value.flatMap((item) => messagesOf(item, depth + 1));
  const members = new Map(Object.entries(value).map(([name, member]) => [name.toLowerCase(), member as unknown]));
  const plain = MESSAGE_MEMBERS.flatMap((name) => messagesOf(members.get(name), depth + 1));
  const keyed = KEYED_BY_FIELD.flatMap((name) => fieldMessages(members.get(name), depth + 1));
  return [...new Set([...plain.map((message) => withField(members, message)), ...keyed])];
}

/** `{"Email": ["is not valid"]}` as `Email: is not valid`. */
function fieldMessages(value: unknown, depth: number): string[] {
  if (!isObject(value)) return [];
  const fields = Object.entries(value).filter(([name]) => !MESSAGE_MEMBERS.includes(name.toLowerCase()));
  return fields.flatMap(([name, member]) =>
    messagesOf(member, depth + 1).map((message) => (name === '' ? message : `${name}: ${message}`)),
  );
}

function withField(members: ReadonlyMap<string, unknown>, message: string): string {
  const field = FIELD_MEMBERS.map((name) => members.get(name)).find((found) => found !== undefined && found !== null);
  const name = Array.isArray(field) ? field.join('.') : field;
  return typeof name === 'string' && name !== '' ? `${name}: ${message}` : message;
}
