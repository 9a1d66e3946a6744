import type { Files, JsonObject } from '../connectors/connector';
import type { FileReference } from '../connectors/shared/file-reference';
import { fileReferences } from '../connectors/shared/inline-files';
import { StepFailure } from '../failure';
import type { HttpClient } from '../http/client';
import { classify } from '../http/classify';
import { isHtml, jsonOf, type HttpAnswer } from '../http/outcome';
import type { ConnectorSettings } from '../connectors/connector';

const MOST_FILES = 50;
/** Of all attachments of a document: they are in memory at the same time, and some once more as base64. */
const MOST_BYTES_TOGETHER = 100 * 1024 * 1024;

/**
 * Downloads the attachments that a document refers to, whole, before anything is sent. URLs come with the profile, so they go
 * through the egress guard; size, of each and of all together, and content are checked.
 *
 * @param options `beforeEach` runs before every download and may throw to end them
 * @throws StepFailure `attachment`; to be repeated where the storage may recover
 */
export async function downloadAttachments(
  http: HttpClient,
  settings: ConnectorSettings,
  document: JsonObject,
  { signal, beforeEach }: { readonly signal: AbortSignal; readonly beforeEach?: () => void },
): Promise<Files> {
  const references = fileReferences(document);
  if (references.length > MOST_FILES) throw failed(`the document refers to more than ${MOST_FILES} files`, false);
  const files = new Map<string, Buffer>();
  let bytesLeft = MOST_BYTES_TOGETHER;
  for (const reference of references) {
    beforeEach?.();
    const file = await download(http, settings, reference, { bytesLeft, signal });
    bytesLeft -= file.length;
    files.set(reference.$file, file);
  }
  return (reference) => files.get(reference.$file) ?? Buffer.alloc(0);
}

async function download(
  http: HttpClient,
  { connectTimeoutMs, responseTimeoutMs, attachmentMaxBytes }: ConnectorSettings,
  { $file }: FileReference,
  { bytesLeft, signal }: { readonly bytesLeft: number; readonly signal: AbortSignal },
): Promise<Buffer> {
  const call = {
    kind: 'read',
    method: 'GET',
    url: $file,
    pathTemplate: '(attachment)',
    headers: { Accept: '*/*' },
    maxBytes: Math.min(attachmentMaxBytes, bytesLeft),
  } as const;
  const outcome = await http.send(call, { connectTimeoutMs, responseTimeoutMs, signal });
  signal.throwIfAborted();
  const { verdict } = classify(outcome, { kind: 'read', documented: [200], json: false }, Date.now());
  if (outcome.arrived === 'nothing') {
    throw failed(
      outcome.code === 'blocked' ? 'its address may not be reached' : 'it cannot be downloaded',
      verdict !== 'refused',
    );
  }
  if (outcome.status === 200 && !outcome.withinLimit) throw failed(tooLarge(attachmentMaxBytes, bytesLeft), false);
  if (verdict !== 'ok') throw failed(refusal(outcome), verdict === 'repeat' || verdict === 'not_sent');
  if (outcome.body.length === 0) throw failed('it is empty', false);
  if (looksLikeAnError(outcome) || isJson(outcome)) throw failed('what came is an error page and not the file', false);
  if (isProgram(outcome.body)) throw failed('it is a program and no document', false);
  return outcome.body;
}

function tooLarge(attachmentMaxBytes: number, bytesLeft: number): string {
  if (attachmentMaxBytes <= bytesLeft) return `it has more than ${attachmentMaxBytes} bytes`;
  return `all attachments together have more than ${MOST_BYTES_TOGETHER} bytes`;
}

function refusal(answer: HttpAnswer): string {
  if (isHtml(answer)) return `an HTML page came instead (status ${answer.status})`;
  return answer.status === 200 ? 'its download broke off' : `the storage answered ${answer.status}`;
}

/** Object stores answer an expired signature with a small XML document, at times under a 200. */
function looksLikeAnError(answer: HttpAnswer): boolean {
  return /^(?:\uFEFF)?\s*(?:<\?xml[^>]*>\s*)?<Error>/.test(beginningOf(answer));
}

/** APIs and gateways say in JSON what is wrong, at times under a 200; no CV is written so. */
function isJson(answer: HttpAnswer): boolean {
  if (/\bjson\b/i.test(answer.headers['content-type'] ?? '')) return true;
  return /^(?:\uFEFF)?\s*[{[]/.test(beginningOf(answer)) && jsonOf(answer) !== undefined;
}

function beginningOf({ body }: HttpAnswer): string {
  return body.subarray(0, 300).toString('utf8');
}

/** How programs for Windows and Linux, and scripts, begin. A text may begin with MZ, too, but has no zero byte. */
const PROGRAM = /^(?:MZ[^]*\0|\u007fELF|#!)/;

function isProgram(body: Buffer): boolean {
  return PROGRAM.test(body.subarray(0, 64).toString('latin1'));
}

function failed(what: string, retryable: boolean): StepFailure {
  return new StepFailure({
    type: 'attachment',
    message: `An attachment of the profile cannot be sent: ${what}.`,
    whoMustAct: 'user',
    nextStep: 'Mend the attachment in HrFlow.ai, then retry: the profile is read anew, with fresh links.',
    retryable,
  });
}
