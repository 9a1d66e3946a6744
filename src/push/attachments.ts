import type { ConnectorSettings, Files, JsonObject } from '../connectors/connector';
import { extensionForChecks } from '../profile/attachments';
import type { FileReference } from '../connectors/shared/file-reference';
import { fileReferences } from '../connectors/shared/inline-files';
import { StepError, type ErrorFacts } from '../protocol/errors';
import { classify, type Classification } from '../http/classify';
import type { HttpClient } from '../http/client';
import { isHtml, jsonOf, type HttpAnswer, type NoAnswer } from '../http/outcome';
import { parseUrl } from '../util/urls';
import type { FileFacts } from '../protocol/messages';

const MAX_FILES = 50;
/** Of all attachments of a document: they are in memory at the same time, and some once more as base64. */
const MAX_TOTAL_BYTES = 100 * 1024 * 1024;
/** How often a file is fetched again that is not what the profile says. */
const MAX_REPEATS = 3;

/** What a download needs besides the document. */
export interface DownloadOptions {
  readonly signal: AbortSignal;
  /** What the profile says of the files. */
  readonly facts?: readonly FileFacts[] | undefined;
  /** Runs before every download and may throw to end them. */
  readonly beforeEach?: () => void;
  /** How long there is left for downloads, in milliseconds: none takes longer. */
  readonly leftMs?: () => number;
}

/**
 * Downloads the attachments that a document refers to, whole, before anything is sent. URLs come with the profile, so they go
 * through the egress guard; size, of each and of all together, and content are checked.
 *
 * @throws StepError `attachment`; to be retried if the storage may recover
 */
export async function downloadAttachments(
  http: HttpClient,
  settings: ConnectorSettings,
  document: JsonObject,
  options: DownloadOptions,
): Promise<Files> {
  const references = fileReferences(document);
  if (references.length > MAX_FILES) throw permanent(`the document refers to more than ${MAX_FILES} files`);
  const files = new Map<string, Buffer>();
  let bytesLeft = MAX_TOTAL_BYTES;
  for (const { $file } of references) {
    const facts = options.facts?.find(({ url }) => url === $file) ?? {
      url: $file,
      extension: extensionForChecks({ public_url: $file }),
    };
    const file = await download(http, settings, facts, bytesLeft, options);
    bytesLeft -= file.length;
    files.set($file, file);
  }
  return ({ $file }: FileReference) => files.get($file) ?? Buffer.alloc(0);
}

/**
 * A file as the profile says it is. One that is shorter or longer, or a PDF without an end, may be half of it: it is fetched again.
 * When the same comes twice in a row, the storage is right and the profile old.
 */
async function download(
  http: HttpClient,
  settings: ConnectorSettings,
  facts: FileFacts,
  bytesLeft: number,
  options: DownloadOptions,
): Promise<Buffer> {
  let previous: Buffer | undefined;
  for (let repeats = 0; repeats <= MAX_REPEATS; repeats += 1) {
    options.beforeEach?.();
    const file = await fetchOnce(http, settings, facts, bytesLeft, options);
    if (isAsStated(file, facts) || previous?.equals(file)) return file;
    previous = file;
  }
  throw transient('every download of it had another size or content, and none the size that the profile states');
}

function isAsStated(file: Buffer, { size }: FileFacts): boolean {
  if (size !== undefined && size !== file.length) return false;
  return !isPdf(file) || file.subarray(-1_024).includes('%%EOF');
}

async function fetchOnce(
  http: HttpClient,
  { connectTimeoutMs, responseTimeoutMs, attachmentMaxBytes }: ConnectorSettings,
  facts: FileFacts,
  bytesLeft: number,
  { signal, leftMs = () => Infinity }: DownloadOptions,
): Promise<Buffer> {
  const call = {
    kind: 'read',
    method: 'GET',
    url: facts.url,
    pathTemplate: '(attachment)',
    headers: { Accept: '*/*' },
    maxBytes: Math.min(attachmentMaxBytes, bytesLeft),
  } as const;
  const atMost = (ms: number): number => Math.max(Math.min(ms, leftMs()), 1);
  const limits = { connectTimeoutMs: atMost(connectTimeoutMs), responseTimeoutMs: atMost(responseTimeoutMs), signal };
  const outcome = await http.send(call, limits);
  signal.throwIfAborted();
  const found = classify(outcome, { kind: 'read', successStatuses: [200], json: false }, Date.now());
  if (outcome.arrived === 'nothing') throw notReached(outcome, found);
  if (outcome.status !== 200) throw refusal(facts.url, outcome, found);
  if (!outcome.withinLimit) throw permanent(tooLarge(attachmentMaxBytes, bytesLeft));
  if (outcome.undecodable) throw permanent('it is not encoded as its Content-Encoding says');
  if (!outcome.complete) throw transient('its download broke off');
  const { body } = outcome;
  if (body.length === 0) throw permanent('it is empty');
  if (isPage(outcome, facts)) throw permanent('an HTML page came instead, such as a log-in page (status 200)');
  if (looksLikeAnError(outcome) || isJson(outcome)) throw permanent('what came is an error page and not the file');
  if (isProgram(body)) throw permanent('it is a program and no document');
  return body;
}

function tooLarge(attachmentMaxBytes: number, bytesLeft: number): string {
  if (attachmentMaxBytes <= bytesLeft) return `it has more than ${attachmentMaxBytes} bytes`;
  return `all attachments together have more than ${MAX_TOTAL_BYTES} bytes`;
}

/** The guard says why in its own words: scheme, host and port, no path. */
function notReached({ code, reason }: NoAnswer, { whoMustAct, verdict, doubtful }: Classification): StepError {
  const what = `it cannot be downloaded${reason === undefined ? '' : ` (${reason})`}`;
  if (verdict !== 'refused' && !doubtful) return transient(what);
  if (code !== 'blocked') return permanent(what, { whoMustAct });
  return permanent(`its address may not be reached (${reason ?? 'it is not allowed'})`, {
    whoMustAct,
    nextStep: 'Allow the address in HRFLOW_TEMPORAL_EGRESS_ALLOW if it is meant to be reached, then retry.',
  });
}

function refusal(from: string, answer: HttpAnswer, { verdict, doubtful }: Classification): StepError {
  const { status } = answer;
  const isTransient = (verdict === 'repeat' || verdict === 'not_sent') && !doubtful;
  if (isTransient) return transient(`the storage answered ${status}${isHtml(answer) ? ' with an HTML page' : ''}`);
  if (status === 206) return permanent('the storage answered 206, a part of the file, though the whole was asked for');
  if (status < 300 || status > 399) return permanent(`the storage answered ${status}`);
  return permanent(`the storage answered ${status} and redirects ${destination(from, answer)}`, {
    nextStep: 'Give the attachment a link that leads to the file itself, then retry.',
  });
}

/** Scheme, host and port: the rest of an address may hold personal data. */
function destination(from: string, { headers }: HttpAnswer): string {
  const to = parseUrl(headers['location'] ?? '', from);
  if (!to || headers['location'] === undefined) return 'without saying where to';
  if (to.origin === parseUrl(from)?.origin) return 'within its own host, again and again';
  return `elsewhere, to ${to.protocol}//${to.host}, while a redirect is followed within one host only`;
}

/** File formats that are written as HTML at times: by Word and by exports of job boards. */
const MAY_BE_HTML = ['.doc', '.dot', '.rtf', '.xls', '.txt', '.htm', '.html', '.xhtml'];
const MEDIA_TYPE_OF_DOCUMENTS = /\b(?:msword|vnd\.ms-word|rtf|vnd\.ms-excel)\b/i;

/** Whether a page came for the file. A file may be HTML where its extension and its media type, or its size, speak for it. */
function isPage(answer: HttpAnswer, { extension, size }: FileFacts): boolean {
  if (!isHtml(answer)) return false;
  const mediaType = answer.headers['content-type'] ?? '';
  const mayBe = MAY_BE_HTML.includes(extension) || (extension === '' && MEDIA_TYPE_OF_DOCUMENTS.test(mediaType));
  return !mayBe || (/\bx?html\b/i.test(mediaType) && answer.body.length !== size);
}

/** Object stores answer an expired signature with a small XML document, at times under a 200. */
function looksLikeAnError(answer: HttpAnswer): boolean {
  return /^(?:\uFEFF)?\s*(?:<\?xml[^>]*>\s*)?<Error[\s>]/.test(beginningOf(answer));
}

/** APIs and gateways say in JSON what is wrong, at times under a 200; no CV is written so. Where the bytes are a document, they decide. */
function isJson(answer: HttpAnswer): boolean {
  if (isDocument(answer.body)) return false;
  if (/\bjson\b/i.test(answer.headers['content-type'] ?? '')) return true;
  return /^(?:\uFEFF)?\s*[{[]/.test(beginningOf(answer)) && jsonOf(answer) !== undefined;
}

function beginningOf({ body }: HttpAnswer): string {
  return body.subarray(0, 300).toString('utf8');
}

/** How PDF begins; some put up to a kilobyte in front. */
function isPdf(body: Buffer): boolean {
  return body.subarray(0, 1_024).includes('%PDF-');
}

/** How ZIP (docx, odt), old Office files, RTF, PNG, JPEG, GIF, TIFF and BMP begin. */
const DOCUMENT = /^(?:PK\x03\x04|\xd0\xcf\x11\xe0|\{\\rtf|\x89PNG|\xff\xd8\xff|GIF8|II\*\0|MM\0\*|BM)/;

function isDocument(body: Buffer): boolean {
  return isPdf(body) || DOCUMENT.test(body.subarray(0, 8).toString('latin1'));
}

/** How programs for Windows and Linux, and scripts, begin. A text may begin with MZ, too, but has no zero byte. */
const PROGRAM = /^(?:MZ[^]*\0|\u007fELF|#!)/;

function isProgram(body: Buffer): boolean {
  return PROGRAM.test(body.subarray(0, 64).toString('latin1'));
}

/** A fact that stays until somebody changes it. */
function permanent(what: string, changes: Partial<ErrorFacts> = {}): StepError {
  return new StepError({ ...changes, type: 'attachment', message: unsendable(what) });
}

/** The storage may recover. */
function transient(what: string): StepError {
  const nextStep = 'If this persists, check the storage of the attachments.';
  const message = unsendable(what);
  return new StepError({ type: 'attachment', message, whoMustAct: 'vendor', nextStep, retryable: true });
}

function unsendable(what: string): string {
  return `An attachment of the profile cannot be sent: ${what}.`;
}
