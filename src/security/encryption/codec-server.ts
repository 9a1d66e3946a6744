import { createHash, timingSafeEqual } from 'node:crypto';
import type { Logger, Payload, PayloadCodec } from '@temporalio/common';
import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import { z } from 'zod';
import { parseUrl } from '../../util/urls';
import { createByteBudget } from './byte-budget';
import { PayloadDecryptionError } from './payload-codec';

/** Stands for every namespace in the list of a token. */
const ANY_NAMESPACE = '*';

const DEFAULT_MAX_BODY_BYTES = 8 * 1024 * 1024;
/** Packed text may shrink a thousandfold: a body within its limit could unpack to gigabytes. Temporal keeps 2 MB per payload. */
const DEFAULT_MAX_DECODED_BYTES = 32 * 1024 * 1024;
/** As bytes, base64 and JSON, a byte of a request or of its payloads takes about five of memory. */
const DEFAULT_MAX_HELD_BYTES = 64 * 1024 * 1024;
/** How long a request may take to arrive, and a connection be silent, in milliseconds. */
const REQUEST_TIMEOUT_MS = 30_000;
/** When to ask again where too much is in progress, in seconds. */
const RETRY_AFTER_SECONDS = 1;
/** How long a browser may remember the answer to a preflight request, in seconds. */
const PREFLIGHT_MAX_AGE_SECONDS = 600;

/** A bearer token and what it opens. */
export interface CodecServerToken {
  readonly token: string;
  /** Names of namespaces, or `*`. */
  readonly namespaces: readonly string[];
}

/** How the codec server is set up. */
export interface CodecServerOptions {
  /** The codec of all namespaces, or the one of each (undefined if there is none: answered like a forbidden one). */
  readonly codec: PayloadCodec | ((namespace: string) => PayloadCodec | undefined);
  /** The exact origins of Temporal UIs, `https://temporal.example` for example. Requests from other pages get nothing. */
  readonly uiOrigins: readonly string[];
  readonly tokens: readonly CodecServerToken[];
  /**
   * Development only. Answers without a token what comes over a loopback address and names one of `uiOrigins`: the UI
   * sends its token to https endpoints alone, and the development server has none. Any program on the machine can then
   * decrypt. Default false.
   */
  readonly allowWithoutToken?: boolean;
  /** Largest body in bytes. Default 8 MiB. */
  readonly maxBodyBytes?: number;
  /** Most bytes that the payloads of one request may have after decoding, all together. Default 32 MiB. */
  readonly maxDecodedBytes?: number;
  /**
   * Most bytes of bodies and decoded payloads of all requests that are in progress; one request by itself always fits. What goes
   * beyond is answered 503 with `Retry-After`. Default 64 MiB.
   */
  readonly maxHeldBytes?: number;
  /** Told of each request by method, path, status and namespace; never of bodies and tokens. */
  readonly logger?: Pick<Logger, 'info' | 'warn'>;
}

/** A request that is answered with a status and a reason. */
class RequestRefusedError extends Error {
  override readonly name = 'RequestRefusedError';

  constructor(
    readonly statusCode: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Makes the codec server of the Temporal UI and the Temporal CLI: `POST /decode` and `POST /encode` with
 * `{ "payloads": [{ "metadata": { name: base64 }, "data": base64 }] }` as body and answer. A request needs a token that covers its
 * `X-Namespace`, as bearer token or as the password of Basic authentication with any user name, which a browser asks its user for
 * where UI and codec server have one origin; and from a page the exact origin. Errors are `{ "error": text }` with 400, 401, 403,
 * 404, 413, 415 or 503. The caller makes it listen; TLS is the business of what stands before it.
 *
 * Whoever may call it can decrypt: it is as secret as the keys.
 *
 * @throws TypeError if there is no token and `allowWithoutToken` is not set, or an origin is not exact
 */
export function createCodecServer(options: CodecServerOptions): FastifyInstance {
  const authorize = createGatekeeper(options);
  const origins = new Set(options.uiOrigins.map(exactOrigin));
  const {
    maxBodyBytes = DEFAULT_MAX_BODY_BYTES,
    maxDecodedBytes = DEFAULT_MAX_DECODED_BYTES,
    maxHeldBytes = DEFAULT_MAX_HELD_BYTES,
  } = options;
  const server = fastify({
    logger: false,
    bodyLimit: maxBodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    connectionTimeout: REQUEST_TIMEOUT_MS,
  });
  const holdingOf = createHoldings(Math.max(maxHeldBytes, maxBodyBytes + maxDecodedBytes));
  const inTurn = createTurns();

  server.removeContentTypeParser('text/plain');
  server.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store').header('vary', 'Origin');
    admitOrigin(request, reply, origins);
    if (request.method === 'OPTIONS') return answerPreflight(request, reply);
    authorize(request);
    // Before the body is read: what waits outside of this process takes none of its memory.
    holdingOf(request, reply).take(bodyBytesOf(request, maxBodyBytes));
    return undefined;
  });
  server.addHook('onResponse', async (request, reply) => {
    const seen = { method: request.method, path: request.routeOptions.url, status: reply.statusCode };
    options.logger?.info('codec server answered', { ...seen, durationMs: Math.round(reply.elapsedTime) });
  });
  server.setErrorHandler<FastifyError | RequestRefusedError | PayloadDecryptionError>((error, _, reply) => {
    const { statusCode, message } = refusalOf(error);
    if (statusCode === 401) void reply.header('www-authenticate', CHALLENGE);
    if (statusCode === 503) void reply.header('retry-after', RETRY_AFTER_SECONDS);
    if (statusCode >= 500) options.logger?.warn('codec server failed', { error: error.name });
    return reply.code(statusCode).send({ error: message });
  });
  server.setNotFoundHandler((_, reply) => reply.code(404).send({ error: 'there are /decode and /encode, by POST' }));

  server.post('/decode', (request, reply) => {
    const codec = codecOf(options, namespaceOf(request));
    const holding = holdingOf(request, reply);
    return convert(request.body, (payloads) =>
      decodeWithin(maxDecodedBytes, holding, payloads, (one) => inTurn(() => codec.decode([one]), holding.ended)),
    );
  });
  server.post('/encode', (request) => {
    const codec = codecOf(options, namespaceOf(request));
    return convert(request.body, (payloads) => codec.encode(payloads));
  });
  return server;
}

function exactOrigin(text: string): string {
  if (parseUrl(text)?.origin !== text || text.includes('*')) {
    throw new TypeError(
      `"${text}" is not an exact origin: it is scheme, host and port alone, as in http://localhost:8233`,
    );
  }
  return text;
}

function admitOrigin({ headers }: FastifyRequest, reply: FastifyReply, origins: ReadonlySet<string>): void {
  if (headers.origin === undefined) return;
  if (!origins.has(headers.origin)) throw new RequestRefusedError(403, 'this origin is not allowed');
  void reply.header('access-control-allow-origin', headers.origin);
}

function answerPreflight({ headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (headers.origin === undefined) throw new RequestRefusedError(403, 'this origin is not allowed');
  return reply
    .code(204)
    .header('access-control-allow-methods', 'POST, OPTIONS')
    .header('access-control-allow-headers', 'content-type, x-namespace, authorization, authorization-extras')
    .header('access-control-max-age', PREFLIGHT_MAX_AGE_SECONDS)
    .send();
}

/** Has a browser ask its user, where the page is of the same origin; beside another challenge in one line Chromium would not see it. */
const CHALLENGE = 'Basic realm="codec server: the password is your token", charset="UTF-8"';

function tokenOf({ headers: { authorization = '' } }: FastifyRequest): string | undefined {
  const [, scheme = '', credentials = ''] = /^(Bearer|Basic) (.+)$/i.exec(authorization) ?? [];
  if (scheme.toLowerCase() !== 'basic') return credentials || undefined;
  return /^[^:]*:(.+)$/s.exec(Buffer.from(credentials, 'base64').toString())?.[1] ?? '';
}

type Gatekeeper = (request: FastifyRequest) => void;

function createGatekeeper({ tokens, allowWithoutToken = false }: CodecServerOptions): Gatekeeper {
  if (tokens.length === 0 && !allowWithoutToken) throw new TypeError('A codec server needs at least one token.');
  if (tokens.some(({ token }) => token === '')) throw new TypeError('A token of the codec server is empty.');
  const known = tokens.map(({ token, namespaces }) => ({ digest: digestOf(token), namespaces }));
  return (request) => {
    const given = tokenOf(request);
    if (given === undefined && allowWithoutToken && isLocalPage(request)) return;
    const digest = digestOf(given ?? '');
    // Each token is compared, found or not: the time says nothing of which one is near.
    const [grant] = known.filter((token) => timingSafeEqual(token.digest, digest));
    if (!grant) throw new RequestRefusedError(401, 'a valid token is needed');
    const namespace = namespaceOf(request);
    if (!grant.namespaces.includes(ANY_NAMESPACE) && !grant.namespaces.includes(namespace)) throw forbidden();
  };
}

function digestOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

function isLocalPage({ headers, raw }: FastifyRequest): boolean {
  const address = raw.socket.localAddress ?? '';
  return headers.origin !== undefined && /^(?:(?:::ffff:)?127\.|::1$)/.test(address);
}

function forbidden(): RequestRefusedError {
  return new RequestRefusedError(403, 'this token does not cover the namespace');
}

function namespaceOf(request: FastifyRequest): string {
  const namespace = request.headers['x-namespace'];
  if (typeof namespace !== 'string' || namespace === '')
    throw new RequestRefusedError(400, 'the header X-Namespace is missing');
  return namespace;
}

function codecOf({ codec }: CodecServerOptions, namespace: string): PayloadCodec {
  const found = typeof codec === 'function' ? codec(namespace) : codec;
  if (!found) throw forbidden();
  return found;
}

function refusalOf(error: FastifyError | RequestRefusedError | PayloadDecryptionError): {
  statusCode: number;
  message: string;
} {
  if (error instanceof RequestRefusedError) return error;
  if (error instanceof PayloadDecryptionError)
    return { statusCode: error.problem === 'too_large' ? 413 : 400, message: error.message };
  // Fastify's own words may quote the request.
  if (error.statusCode === 413) return { statusCode: 413, message: 'the body is too large' };
  if (error.statusCode === 415) return { statusCode: 415, message: 'the body must be application/json' };
  if (error.statusCode === 400) return { statusCode: 400, message: 'the body is not valid JSON' };
  return { statusCode: 500, message: 'internal error' };
}

/** What a request holds, from its first use until its answer has gone or its connection has ended. */
interface Holding {
  /** @throws Refusal if all requests together would hold too much */
  take(bytes: number): void;
  readonly ended: Promise<void>;
}

function createHoldings(mostBytes: number): (request: FastifyRequest, reply: FastifyReply) => Holding {
  const budget = createByteBudget(mostBytes);
  const holdings = new WeakMap<FastifyRequest, Holding>();
  const open = ({ raw }: FastifyReply): Holding => {
    const share = budget.open();
    return {
      take: (bytes) => {
        if (!share.take(bytes))
          throw new RequestRefusedError(503, 'too much is being decoded at the moment: ask again');
      },
      ended: new Promise<void>((resolve) => raw.once('close', resolve)).then(() => share.release()),
    };
  };
  return (request, reply) => {
    const holding = holdings.get(request) ?? open(reply);
    holdings.set(request, holding);
    return holding;
  };
}

/** A body that does not say how long it is may be as long as is allowed; one that is too long is refused without being read. */
function bodyBytesOf({ headers }: FastifyRequest, mostBytes: number): number {
  if (headers['transfer-encoding'] !== undefined) return mostBytes;
  return Math.min(Number(headers['content-length'] ?? 0), mostBytes);
}

/**
 * Does one piece of work after the other, of all requests: no more than one payload is unpacked before its size is known. Work that
 * hangs is waited for no longer than its request lasts.
 */
function createTurns() {
  const forget = (): void => undefined;
  let last = Promise.resolve();
  return <T>(work: () => Promise<T>, ended: Promise<void>): Promise<T> => {
    const turn = last.then(work);
    last = Promise.race([turn.then(forget, forget), ended]);
    return turn;
  };
}

/** One payload after the other, so that no more than the limit and one payload is ever unpacked. */
async function decodeWithin(
  mostBytes: number,
  holding: Holding,
  payloads: readonly Payload[],
  decode: (payload: Payload) => Promise<Payload[]>,
): Promise<Payload[]> {
  const decoded: Payload[] = [];
  let bytes = 0;
  for (const payload of payloads) {
    const one = await decode(payload);
    const size = one.reduce((sum, each) => sum + sizeOf(each), 0);
    bytes += size;
    if (bytes > mostBytes)
      throw new RequestRefusedError(413, `the payloads unpack to more than ${mostBytes} bytes together`);
    holding.take(size);
    decoded.push(...one);
  }
  return decoded;
}

function sizeOf({ metadata, data }: Payload): number {
  return Object.values(metadata ?? {}).reduce((sum, value) => sum + value.length, data?.length ?? 0);
}

const base64 = z.string().regex(/^[\w+/-]*={0,2}$/);
const bodySchema = z.object({
  payloads: z.array(z.looseObject({ metadata: z.record(z.string(), base64).optional(), data: base64.optional() })),
});
type JsonPayload = z.infer<typeof bodySchema>['payloads'][number];

/** By hand: the JSON of protobufjs fails if several copies of that package are installed, which is npm's habit. */
async function convert(
  body: unknown,
  code: (payloads: Payload[]) => Promise<Payload[]>,
): Promise<{ payloads: JsonPayload[] }> {
  const parsed = bodySchema.safeParse(body);
  if (!parsed.success) {
    throw new RequestRefusedError(
      400,
      'the body must be { "payloads": [{ "metadata": { name: base64 }, "data": base64 }] }',
    );
  }
  const given = parsed.data.payloads;
  const before = given.map(fromJson);
  const after = await code(before);
  // What the codec handed through goes back as it came, with fields that are not known here.
  return {
    payloads: after.map((payload, index) => (payload === before[index] ? given[index] : undefined) ?? toJson(payload)),
  };
}

function fromJson({ metadata = {}, data = '' }: JsonPayload): Payload {
  const entries = Object.entries(metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')] as const);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data, 'base64') };
}

function toJson({ metadata, data }: Payload): JsonPayload {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, toBase64(value)] as const);
  return { metadata: Object.fromEntries(entries), data: toBase64(data ?? new Uint8Array()) };
}

function toBase64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
