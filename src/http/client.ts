import { Axios, type AxiosResponse } from 'axios';
import * as http from 'node:http';
import * as https from 'node:https';
import type { Readable } from 'node:stream';
import { codeOf as codeOfError } from '../util/objects';
import { parseUrl } from '../util/urls';
import { createAgents, type GuardedAgents } from './egress/agent';
import { EgressError, type EgressGuard } from './egress/guard';
import type { CallKind, HttpOutcome, NetworkCode } from './outcome';

/** One HTTP call to another system. */
export interface HttpCall {
  readonly kind: CallKind;
  readonly method: 'GET' | 'POST';
  readonly url: string;
  /** The base URL was set by the operator of the worker: the egress guard lets it pass. Default false. */
  readonly trusted?: boolean;
  /** The variable or the parameter that holds the base URL: where to look if nothing of the kind is found at it. */
  readonly urlFrom?: string;
  /** The path with placeholders: what messages and logs may show of the URL. */
  readonly pathTemplate: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | URLSearchParams | Buffer;
  /** The largest response that is read, in bytes. Default {@link DEFAULT_MAX_BYTES}. */
  readonly maxBytes?: number;
}

export interface CallLimits {
  /** DNS, TCP and TLS together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Upload and response together, from the first byte, in milliseconds. */
  readonly responseTimeoutMs: number;
  /** Ends the call; a create that has left is not ended. */
  readonly signal?: AbortSignal;
  /** Runs on the connected socket directly before the first byte of a create; throws {@link TooLateError} to stop it. */
  readonly beforeFirstByte?: () => void;
}

/** Thrown by `beforeFirstByte`: the call must not be made any more. */
export class TooLateError extends Error {}

export interface HttpClient {
  send(call: HttpCall, limits: CallLimits): Promise<HttpOutcome>;
}

/** Which addresses may be reached: with URLs of tenants and profiles, and with base URLs that the operator set. */
export interface EgressGuards {
  readonly tenant: EgressGuard;
  readonly operator: EgressGuard;
}

export interface HttpClientOptions {
  /** How long a kept connection may lie idle, in milliseconds. Default 30 seconds. */
  readonly idleMs?: number;
}

/** Of its own: interceptors and defaults that somebody gives the process-wide instance would see keys and CVs. */
const wire = new Axios({ adapter: 'http' });

/** The largest response that is read unless the call sets another limit. */
export const DEFAULT_MAX_BYTES = 8 * 1024 * 1024;
const MAX_REDIRECTS = 5;
/** Calls that are sent over connections of earlier ones, since doing them twice does no harm. */
const KEPT: readonly CallKind[] = ['read', 'lookup'];

/**
 * The one place that talks HTTP. Every connection goes through the egress guard; no proxy of the environment is used; a
 * redirect is followed only for GET, only to the same origin. Reads and lookups share connections, whose address was checked when
 * they were opened; whatever writes, and whatever follows a redirect, has one of its own. Never throws for what the network or the
 * other system does: that is the outcome.
 */
export function createHttpClient(guards: EgressGuards, { idleMs }: HttpClientOptions = {}): HttpClient {
  const tenant = createRoute(guards.tenant, idleMs);
  const operator = createRoute(guards.operator, idleMs);
  return {
    async send(call, limits) {
      const route = call.trusted ? operator : tenant;
      const endsAt = performance.now() + limits.connectTimeoutMs + limits.responseTimeoutMs;
      let url = call.url;
      for (let hop = 0; ; hop += 1) {
        const outcome = await (hop === 0
          ? sendOnce(route, call, limits)
          : sendAlone(route.guard, { ...call, url }, within(limits, endsAt)));
        const next = hop < MAX_REDIRECTS && call.method === 'GET' ? redirectWithinOrigin(url, outcome) : null;
        if (next === null) return outcome;
        url = next;
      }
    },
  };
}

/** What is left of the limits: a call with redirects takes no longer than one without. */
function within(limits: CallLimits, endsAt: number): CallLimits {
  const leftMs = Math.max(endsAt - performance.now(), 1);
  return {
    ...limits,
    connectTimeoutMs: Math.min(limits.connectTimeoutMs, leftMs),
    responseTimeoutMs: Math.min(limits.responseTimeoutMs, leftMs),
  };
}

function redirectWithinOrigin(from: string, outcome: HttpOutcome): string | null {
  if (outcome.arrived === 'nothing' || ![301, 302, 303, 307, 308].includes(outcome.status)) return null;
  const location = outcome.headers['location'];
  const to = location ? parseUrl(location, from) : undefined;
  return to?.origin === new URL(from).origin ? to.href : null;
}

/** A guard, and the connections that were opened through it and are kept. */
interface Route {
  readonly guard: EgressGuard;
  kept(connectTimeoutMs: number): GuardedAgents;
}

function createRoute(guard: EgressGuard, idleMs: number | undefined): Route {
  const pools = new Map<number, GuardedAgents>();
  return {
    guard,
    kept(connectTimeoutMs) {
      const pool = pools.get(connectTimeoutMs) ?? createAgents(guard, { connectTimeoutMs, keepAlive: true, idleMs });
      pools.set(connectTimeoutMs, pool);
      return pool;
    },
  };
}

/** One call without redirects. A kept connection may have been closed by the server in the meantime; the call is then sent once more over a new one. */
async function sendOnce(route: Route, call: HttpCall, limits: CallLimits): Promise<HttpOutcome> {
  if (!KEPT.includes(call.kind)) return sendAlone(route.guard, call, limits);
  const exchange = openExchange(call, limits);
  const kept = { ...route.kept(limits.connectTimeoutMs), transport: transportOf(call, exchange) };
  const outcome = await run(route.guard, call, exchange, kept);
  const stale = outcome.arrived === 'nothing' && outcome.code === 'reset' && exchange.reusedConnection();
  return stale ? sendAlone(route.guard, call, limits) : outcome;
}

/** Over a connection of its own, which is looked at once more directly before the first byte. */
function sendAlone(guard: EgressGuard, call: HttpCall, limits: CallLimits): Promise<HttpOutcome> {
  const exchange = openExchange(call, limits);
  const beforeFirstByte = () => {
    limits.beforeFirstByte?.();
    exchange.leaves(false);
  };
  const { connectTimeoutMs } = limits;
  const { signal } = exchange;
  return run(
    guard,
    call,
    exchange,
    createAgents(guard, { connectTimeoutMs, keepAlive: false, signal, beforeFirstByte }),
  );
}

/** How a request gets its connection: axios takes both. */
type Connecting = GuardedAgents & { readonly transport?: Transport };

async function run(
  guard: EgressGuard,
  call: HttpCall,
  exchange: Exchange,
  connecting: Connecting,
): Promise<HttpOutcome> {
  try {
    guard.checkUrl(call.url);
    const response = await wire.request<Readable>({
      method: call.method,
      url: call.url,
      headers: { Accept: 'application/json', 'User-Agent': 'hrflow-temporal', ...bodyType(call), ...call.headers },
      data: call.body instanceof URLSearchParams ? call.body.toString() : call.body,
      responseType: 'stream',
      maxRedirects: 0,
      maxBodyLength: Infinity,
      validateStatus: () => true,
      transformRequest: [(data: unknown) => data],
      proxy: false,
      signal: exchange.signal,
      ...connecting,
    });
    return await readAnswer(response, call.maxBytes ?? DEFAULT_MAX_BYTES);
  } catch (error) {
    const code = codeOf(error, exchange);
    const reason = causeOf(error, EgressError)?.message;
    return { arrived: 'nothing', sent: exchange.sent(), code, ...(reason !== undefined && { reason }) };
  } finally {
    exchange.close();
  }
}

interface Transport {
  request(options: http.RequestOptions, onResponse: (response: http.IncomingMessage) => void): http.ClientRequest;
}

/** Node's own transport, which also tells when a request has got its connection, and whether that is a kept one. */
function transportOf({ url }: HttpCall, exchange: Exchange): Transport {
  const { request } = url.startsWith('https:') ? https : http;
  return {
    request(options, onResponse) {
      const sending = request(options, onResponse);
      return sending.once('socket', () => exchange.leaves(sending.reusedSocket));
    },
  };
}

function bodyType({ body }: HttpCall): Record<string, string> {
  return body instanceof URLSearchParams ? { 'Content-Type': 'application/x-www-form-urlencoded' } : {};
}

interface Exchange {
  readonly signal: AbortSignal;
  /** The first byte is about to leave, over a connection that was kept from an earlier call or not. */
  leaves(reused: boolean): void;
  sent(): boolean;
  reusedConnection(): boolean;
  timedOut(): boolean;
  close(): void;
}

/** The clock and the way out of one call: the answer's time counts from the first byte, and a create that left stays. */
function openExchange(call: HttpCall, limits: CallLimits): Exchange {
  const controller = new AbortController();
  let sent = false;
  let reusedConnection = false;
  let timedOut = false;
  let timer: NodeJS.Timeout | undefined;
  const abort = (): void => {
    if (!sent || call.kind !== 'create') controller.abort();
  };
  if (limits.signal?.aborted) abort();
  limits.signal?.addEventListener('abort', abort, { once: true });
  return {
    signal: controller.signal,
    leaves: (reused) => {
      sent = true;
      reusedConnection = reused;
      timer = setTimeout(() => {
        timedOut = true;
        controller.abort();
      }, limits.responseTimeoutMs);
    },
    sent: () => sent,
    reusedConnection: () => reusedConnection,
    timedOut: () => timedOut,
    close: () => {
      clearTimeout(timer);
      limits.signal?.removeEventListener('abort', abort);
    },
  };
}

function codeOf(error: unknown, exchange: Exchange): NetworkCode {
  if (exchange.timedOut()) return 'timeout';
  const cause = causeOf(error, EgressError);
  if (cause) return cause.code;
  if (causeOf(error, TooLateError)) return 'too_late';
  if (exchange.sent()) return exchange.signal.aborted ? 'timeout' : isParseError(error) ? 'garbled' : 'reset';
  if (exchange.signal.aborted) return 'aborted';
  // Not the network's doing: a header or a body that cannot be written. Its text may quote them.
  throw new Error(`the request could not be made (${error instanceof Error ? error.name : typeof error})`);
}

/** Of Node's HTTP parser. An end in the middle of the head is one, too, but says that the connection broke. */
function isParseError(error: unknown): boolean {
  const code = codeOfError(error);
  return code.startsWith('HPE_') && code !== 'HPE_INVALID_EOF_STATE';
}

function causeOf<T extends Error>(error: unknown, type: new (...args: never[]) => T): T | null {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth += 1) {
    if (cause instanceof type) return cause;
  }
  return null;
}

async function readAnswer(response: AxiosResponse<Readable>, maxBytes: number): Promise<HttpOutcome> {
  const chunks: Buffer[] = [];
  let size = 0;
  let complete = true;
  let undecodable = false;
  try {
    for await (const chunk of response.data) {
      const bytes = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
      size += bytes.length;
      if (size > maxBytes) break;
      chunks.push(bytes);
    }
  } catch (error) {
    complete = false;
    undecodable = size === 0 && isDecodingError(error);
  }
  const withinLimit = size <= maxBytes;
  return {
    arrived: 'answer',
    status: response.status,
    headers: textHeaders(response.headers),
    body: Buffer.concat(chunks),
    complete: complete && withinLimit,
    withinLimit,
    ...(undecodable && { undecodable }),
  };
}

/** Of Node's zlib. A body that ends too early (`Z_BUF_ERROR`) broke off. */
function isDecodingError(error: unknown): boolean {
  const code = codeOfError(error);
  return /^(?:Z_|ERR__ERROR_|ERR_BROTLI)/.test(code) && code !== 'Z_BUF_ERROR';
}

function textHeaders(headers: AxiosResponse['headers']): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]: [string, unknown]) => {
    const written = text(value);
    return written === undefined ? [] : [[name.toLowerCase(), written] as const];
  });
  return Object.fromEntries(entries);
}

function text(value: unknown): string | undefined {
  if (Array.isArray(value)) return value.join(', ');
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
}
