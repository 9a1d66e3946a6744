import { scrubKnownSecrets } from '../security/known-secrets';

/** What a call does in the other system, which decides what its failure means. */
export type CallKind = 'read' | 'create' | 'lookup' | 'upsert';

/** Why no whole answer came. The first seven happen before a byte of the request has left. */
export type NetworkCode =
  'blocked' | 'dns' | 'refused' | 'tls' | 'connect_timeout' | 'aborted' | 'too_late' | 'timeout' | 'reset';

/** What came of one HTTP call: an answer (perhaps cut off), or none. */
export type HttpOutcome = HttpAnswer | NoAnswer;

export interface HttpAnswer {
  readonly arrived: 'answer';
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** False where the body broke off, took too long or was larger than allowed. */
  readonly complete: boolean;
  /** False only where the body was larger than the call allows. */
  readonly withinLimit: boolean;
}

export interface NoAnswer {
  readonly arrived: 'nothing';
  /** Whether a byte of the request may have left. */
  readonly sent: boolean;
  readonly code: NetworkCode;
}

/** How far into a body its beginning is looked for: some pages are led by blank lines. In bytes. */
const LONGEST_START = 2_000;

/** Whether a page came. The media type alone does not make one: servers send plain texts under their default, which is often HTML. */
export function isHtml({ headers, body }: HttpAnswer): boolean {
  const start = body.subarray(0, LONGEST_START).toString('utf8').trimStart();
  if (/^<(?:!doctype html|html)\b/i.test(start)) return true;
  return start.startsWith('<') && /\bhtml\b/i.test(headers['content-type'] ?? '');
}

const parsed = new WeakMap<HttpAnswer, { readonly value: unknown }>();

/** The body as JSON, whatever its media type says; undefined where it is none or was cut off. Parsed once per answer. */
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

const LONGEST_WORDS = 500;

/** What the other system said in its own words, made fit by {@link quotable}; empty for HTML and for nothing. */
export function wordsOf(answer: HttpAnswer): string {
  if (isHtml(answer)) return '';
  const said = messagesOf(jsonOf(answer)).join('; ') || answer.body.subarray(0, 4_000).toString('utf8');
  return quotable(said);
}

/**
 * A text of another system as messages may quote it: without the secrets that it was sent, in one line, cut to 500
 * characters. It may hold personal data.
 */
export function quotable(text: string): string {
  const line = scrubKnownSecrets(text).replace(/\s+/g, ' ').trim();
  return Array.from(line).slice(0, LONGEST_WORDS).join('');
}

const MESSAGE_MEMBERS = ['message', 'error_description', 'detail', 'title', 'error', 'o:errorDetails', 'errors'];

function messagesOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(messagesOf);
  if (typeof value !== 'object' || value === null) return [];
  const members = new Map<string, unknown>(Object.entries(value));
  return [...new Set(MESSAGE_MEMBERS.flatMap((name) => messagesOf(members.get(name))))];
}
