import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { answer, htmlAnswer, jsonAnswer, withHeaders, type Answer } from './answers';
import type { Fault } from './faults';
import type { RecordedRequest } from './http-server';

const ENDLESS_CHUNK = Buffer.alloc(16 * 1024, 0x20);

/** One request on its way to a response. */
export interface Exchange {
  request: RecordedRequest;
  response: ServerResponse;
  /** Runs the operation, including what it stores, and returns the normal response. */
  perform(): Answer;
  /** A refusal in the error shape of the system. */
  errorAnswer(status: number, message: string): Answer;
  /** Builds the system's response to rejected credentials. */
  unauthorizedAnswer(): Answer;
  /** Epoch milliseconds. */
  now(): number;
  /** Aborted if the simulator closes or is reset. */
  signal: AbortSignal;
}

/** Responds to a request: normally if the fault is null. */
export function play(fault: Fault | null, exchange: Exchange): void | Promise<void> {
  switch (fault?.kind) {
    case undefined:
      return send(exchange, exchange.perform());
    case 'status':
      performIf(fault.commit, exchange);
      return send(exchange, statusAnswer(fault, exchange));
    case 'delay':
      return playDelay(fault, exchange);
    case 'resetBeforeCommit':
      return reset(exchange);
    case 'resetAfterCommit':
      exchange.perform();
      return reset(exchange);
    case 'truncateAfterCommit':
      return truncate(exchange, exchange.perform());
    case 'rateLimit':
      return send(exchange, rateLimitAnswer(fault, exchange));
    case 'html':
      performIf(fault.commit, exchange);
      return send(exchange, htmlAnswer(fault.status));
    case 'expiredToken':
      return send(exchange, exchange.unauthorizedAnswer());
    case 'slowBody':
      return drip(fault, exchange, exchange.perform());
    case 'endless':
      return pour(exchange, exchange.perform());
  }
}

function performIf(commit: 'before' | 'never' | undefined, exchange: Exchange): void {
  if (commit === 'before') exchange.perform();
}

function statusAnswer(fault: Extract<Fault, { kind: 'status' }>, exchange: Exchange): Answer {
  const { status, body, contentType, headers = {} } = fault;
  if (body === undefined) return withHeaders(exchange.errorAnswer(status, `Scripted status ${status}.`), headers);
  const plain =
    typeof body === 'string'
      ? answer(status, contentType ?? 'text/plain; charset=utf-8', body)
      : jsonAnswer(status, body, contentType);
  return withHeaders(plain, headers);
}

function rateLimitAnswer(fault: Extract<Fault, { kind: 'rateLimit' }>, exchange: Exchange): Answer {
  const until = new Date(Math.ceil(exchange.now() / 1000) * 1000 + fault.seconds * 1000);
  const retryAfter = fault.form === 'date' ? until.toUTCString() : String(fault.seconds);
  return withHeaders(exchange.errorAnswer(429, 'Too many requests.'), { 'Retry-After': retryAfter });
}

async function playDelay(fault: Extract<Fault, { kind: 'delay' }>, exchange: Exchange): Promise<void> {
  const commitAt = Math.min(fault.commitDelay ?? (fault.commit === 'before' ? 0 : fault.ms), fault.ms);
  await sleep(commitAt, undefined, { signal: exchange.signal });
  const late = exchange.perform();
  await sleep(fault.ms - commitAt, undefined, { signal: exchange.signal });
  send(exchange, late);
}

function send(exchange: Exchange, { body, ...head }: Answer): void {
  if (!isOpen(exchange)) return;
  sendHead(exchange, head.status, { ...head.headers, 'Content-Length': String(body.length) });
  exchange.response.end(body);
}

function sendHead({ request, response }: Exchange, status: number, headers: Record<string, string>): void {
  request.status = status;
  response.writeHead(status, headers);
}

function isOpen({ response }: Exchange): boolean {
  return !response.destroyed && !response.closed;
}

function reset({ response }: Exchange): void {
  response.socket?.resetAndDestroy();
}

function truncate(exchange: Exchange, { status, headers, body }: Answer): void {
  if (!isOpen(exchange)) return;
  sendHead(exchange, status, { ...headers, 'Content-Length': String(body.length) });
  // A graceful end, not a reset: a reset could discard the bytes just sent.
  exchange.response.write(body.subarray(0, Math.floor(body.length / 2)), () => exchange.response.socket?.end());
}

async function drip(fault: Extract<Fault, { kind: 'slowBody' }>, exchange: Exchange, slow: Answer): Promise<void> {
  if (!isOpen(exchange)) return;
  sendHead(exchange, slow.status, { ...slow.headers, 'Content-Length': String(slow.body.length) });
  for (let start = 0; start < slow.body.length && isOpen(exchange); start += fault.bytesPerChunk) {
    exchange.response.write(slow.body.subarray(start, start + fault.bytesPerChunk));
    await sleep(fault.chunkMs, undefined, { signal: exchange.signal });
  }
  exchange.response.end();
}

async function pour(exchange: Exchange, { status, headers }: Answer): Promise<void> {
  if (!isOpen(exchange)) return;
  sendHead(exchange, status, headers);
  while (isOpen(exchange)) {
    const wantsMore = exchange.response.write(ENDLESS_CHUNK);
    await sleep(wantsMore ? 0 : 5, undefined, { signal: exchange.signal });
  }
}
