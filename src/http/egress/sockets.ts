import * as net from 'node:net';
import * as tls from 'node:tls';
import { codeOf } from '../../util/objects';
import { EgressError } from './egress-error';

/** The one time limit over DNS, TCP and TLS, joined with the caller's signal. */
export interface Limit {
  readonly signal: AbortSignal;
  readonly where: string;
  remainingMs(): number;
  /** Why the signal was aborted. */
  failure(): EgressError;
  close(): void;
}

/** Starts the time limit of one connection. */
export function startLimit(where: string, timeoutMs: number, outer: AbortSignal | undefined): Limit {
  const controller = new AbortController();
  const deadline = performance.now() + timeoutMs;
  const timer = setTimeout(() => controller.abort(), timeoutMs);
  const onOuterAbort = (): void => controller.abort();
  if (outer?.aborted) onOuterAbort();
  outer?.addEventListener('abort', onOuterAbort, { once: true });
  return {
    signal: controller.signal,
    where,
    remainingMs: () => Math.max(0, deadline - performance.now()),
    failure: () =>
      outer?.aborted
        ? new EgressError('aborted', where, 'the call was cancelled before it was connected', { cause: outer.reason })
        : timedOut(where),
    close: () => {
      clearTimeout(timer);
      outer?.removeEventListener('abort', onOuterAbort);
    },
  };
}

function timedOut(where: string): EgressError {
  return new EgressError('connect_timeout', where, 'no connection within the time limit');
}

/** Waits for work that cannot be cancelled itself, no longer than the limit. */
export function withinLimit<T>(work: Promise<T>, limit: Limit): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(limit.failure());
    if (limit.signal.aborted) onAbort();
    limit.signal.addEventListener('abort', onAbort, { once: true });
    work.then(resolve, reject).finally(() => limit.signal.removeEventListener('abort', onAbort));
  });
}

/**
 * Opens a TCP connection to an address.
 *
 * @throws EgressError `refused`, `connect_timeout` or `aborted`
 */
export function openTcp(address: string, port: number, attemptMs: number, limit: Limit): Promise<net.Socket> {
  const socket = net.connect({ host: address, port, noDelay: true });
  // Errors reach their reader by the listeners of the moment. This one stays, so that an error between two of them, when
  // nobody listens, does not end the process.
  socket.on('error', () => undefined);
  return ready(socket, 'connect', attemptMs, limit, (cause) => {
    return new EgressError('refused', limit.where, 'the connection was refused', { cause });
  });
}

/** How to speak TLS on a connected socket. */
export interface TlsTarget {
  /** Host name or address that the certificate must be made out to. */
  readonly host: string;
  /** Certificate authorities in PEM. Default: those of Node. */
  readonly ca: string | undefined;
}

/**
 * Speaks TLS on a connected socket. The certificate is always verified, whatever `NODE_TLS_REJECT_UNAUTHORIZED` says.
 *
 * @throws EgressError `tls`, `connect_timeout` or `aborted`
 */
export function openTls(raw: net.Socket, { host, ca }: TlsTarget, limit: Limit): Promise<tls.TLSSocket> {
  const socket = tls.connect({
    socket: raw,
    host,
    // A server name is a name: RFC 6066 knows no addresses there.
    servername: net.isIP(host) === 0 ? host : undefined,
    rejectUnauthorized: true,
    ALPNProtocols: ['http/1.1'],
    ca,
  });
  socket.on('error', () => undefined);
  return ready(socket, 'secureConnect', limit.remainingMs(), limit, (cause) => {
    return tlsFailure(limit.where, cause && socket.authorizationError, cause);
  });
}

/** OpenSSL's words for a server that speaks no TLS on that port, or none of the versions that are spoken here. */
const OTHER_LANGUAGE =
  /wrong version number|packet length too long|http request|unsupported protocol|protocol version/i;

/** A certificate that is not accepted stays so, unlike a connection that broke off in the middle of the handshake. */
function tlsFailure(where: string, unaccepted: unknown, cause: Error | undefined): EgressError {
  const code = codeOf(cause);
  if (unaccepted) return new EgressError('bad_tls', where, `its certificate is not accepted (${code})`, { cause });
  if (OTHER_LANGUAGE.test(`${code.replaceAll('_', ' ')} ${cause?.message ?? ''}`)) {
    return new EgressError('bad_tls', where, 'no TLS is spoken there that this worker speaks', { cause });
  }
  return new EgressError('tls', where, 'the secure connection failed', { cause });
}

function ready<T extends net.Socket>(
  socket: T,
  event: 'connect' | 'secureConnect',
  attemptMs: number,
  limit: Limit,
  failed: (cause?: Error) => EgressError,
): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const end = (error?: EgressError): void => {
      clearTimeout(timer);
      limit.signal.removeEventListener('abort', onAbort);
      socket.off(event, onReady).off('error', onError).off('close', onClose);
      if (error) {
        socket.destroy();
        reject(error);
      } else resolve(socket);
    };
    const onReady = (): void => end();
    const onError = (cause: Error): void => end(failed(cause));
    const onClose = (): void => end(failed());
    const onAbort = (): void => end(limit.failure());
    const timer = setTimeout(() => end(timedOut(limit.where)), attemptMs);
    socket.once(event, onReady).once('error', onError).once('close', onClose);
    limit.signal.addEventListener('abort', onAbort, { once: true });
    if (limit.signal.aborted) onAbort();
  });
}
