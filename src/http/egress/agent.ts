import * as http from 'node:http';
import * as https from 'node:https';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { EgressError, type EgressGuard } from './guard';

/** How a pair of agents connects. */
export interface GuardedAgentOptions {
  /** DNS, TCP and TLS together, in milliseconds. */
  readonly connectTimeoutMs: number;
  /** Whether sockets are kept for further requests to the same host and port. Not together with `beforeFirstByte`. */
  readonly keepAlive: boolean;
  /** How long a kept socket may lie idle until it is closed, in milliseconds. Default 30 seconds. */
  readonly idleMs?: number | undefined;
  /**
   * Runs on the connected socket, directly before the first byte is written. When it throws, nothing is written and the
   * request fails with what was thrown.
   */
  readonly beforeFirstByte?: () => void | Promise<void>;
  /** Ends connecting, and stands between connecting and the first byte. Give the same one to the request itself. */
  readonly signal?: AbortSignal;
}

/** Agents for both schemes: with one alone, a redirect to the other scheme would go round the guard. */
export interface GuardedAgents {
  readonly httpAgent: http.Agent;
  readonly httpsAgent: https.Agent;
}

/**
 * Makes agents whose every connection goes through the egress guard. For axios: `{ ...createAgents(…), proxy: false }`. What
 * goes wrong before the first byte reaches the caller as the `cause` of the AxiosError.
 *
 * @throws TypeError for `keepAlive` together with `beforeFirstByte`, which would be skipped on a kept socket
 */
export function createAgents(guard: EgressGuard, options: GuardedAgentOptions): GuardedAgents {
  if (options.keepAlive && options.beforeFirstByte) {
    throw new TypeError('beforeFirstByte needs a connection of its own: it cannot be combined with keepAlive');
  }
  return { httpAgent: new GuardedHttpAgent(guard, options), httpsAgent: new GuardedHttpsAgent(guard, options) };
}

const DEFAULT_IDLE_MS = 30_000;
/**
 * So many idle sockets an agent keeps, to all hosts together: each costs a descriptor, and profiles name hosts as they like. One more
 * is closed after its request.
 */
const MAX_KEPT = 64;

/** What an agent of Node takes: its `timeout` closes idle sockets, and ends no request. */
function nodeOptions({ keepAlive, idleMs = DEFAULT_IDLE_MS }: GuardedAgentOptions): http.AgentOptions {
  return keepAlive ? { keepAlive, timeout: idleMs } : { keepAlive };
}

function keepsMore({ freeSockets }: http.Agent): boolean {
  return Object.values(freeSockets).reduce((count, sockets = []) => count + sockets.length, 0) < MAX_KEPT;
}

type Connected = (error: Error | null, socket: Duplex) => void;

class GuardedHttpAgent extends http.Agent {
  readonly #guard: EgressGuard;
  readonly #options: GuardedAgentOptions;

  constructor(guard: EgressGuard, options: GuardedAgentOptions) {
    super(nodeOptions(options));
    this.#guard = guard;
    this.#options = options;
  }

  override createConnection(target: http.ClientRequestArgs, callback?: Connected): undefined {
    open(this.#guard, target, false, this.#options, callback);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    if (!keepsMore(this)) return false;
    super.keepSocketAlive(socket);
    return true;
  }
}

class GuardedHttpsAgent extends https.Agent {
  readonly #guard: EgressGuard;
  readonly #options: GuardedAgentOptions;

  constructor(guard: EgressGuard, options: GuardedAgentOptions) {
    super(nodeOptions(options));
    this.#guard = guard;
    this.#options = options;
  }

  override createConnection(target: https.RequestOptions, callback?: Connected): undefined {
    open(this.#guard, target, true, this.#options, callback);
  }

  override keepSocketAlive(socket: Duplex): boolean {
    if (!keepsMore(this)) return false;
    super.keepSocketAlive(socket);
    return true;
  }
}

function open(
  guard: EgressGuard,
  target: http.ClientRequestArgs,
  tls: boolean,
  options: GuardedAgentOptions,
  callback?: Connected,
): void {
  if (!callback) throw new TypeError('a guarded agent connects by call-back only');
  connectGuarded(guard, target, tls, options).then(
    (socket) => callback(null, socket),
    // Node ignores the socket of a failure, but its types ask for one.
    (error: unknown) => callback(toError(error), new Socket()),
  );
}

function toError(error: unknown): Error {
  return error instanceof Error ? error : new Error('the call was stopped', { cause: error });
}

async function connectGuarded(
  guard: EgressGuard,
  target: http.ClientRequestArgs,
  tls: boolean,
  { connectTimeoutMs, signal, beforeFirstByte }: GuardedAgentOptions,
): Promise<Socket> {
  const host = target.host ?? target.hostname ?? '';
  if (target.socketPath) throw new EgressError('blocked', 'the request', 'it goes to a local socket');
  const socket = await guard.connect(
    // Not the Host header, from which Node would take the name: whoever sets it must not choose the certificate.
    { host, port: Number(target.port), tls },
    { timeoutMs: connectTimeoutMs, signal },
  );
  try {
    assertUsable(socket, host, signal);
    await beforeFirstByte?.();
    assertUsable(socket, host, signal);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function assertUsable(socket: Socket, host: string, signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new EgressError('aborted', host, 'the call was cancelled before its first byte', { cause: signal.reason });
  }
  if (socket.destroyed || !socket.writable) {
    throw new EgressError('refused', host, 'the connection was closed before the first byte');
  }
}
