import { setTimeout as sleep } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Connection, isGrpcServiceError, ServiceError, type ConnectionOptions } from '@temporalio/client';
import { parseUrl } from '../util/urls';
import { isTransient } from './reconnect';

const PAUSE_MS = 250;
const PROBE_MS = 2_000;
const MIN_KEY_LENGTH = 8;
const [INVALID_ARGUMENT, NOT_FOUND, PERMISSION_DENIED, UNIMPLEMENTED, UNAUTHENTICATED] = [3, 5, 7, 12, 16];

/** Temporal does not answer, or refuses this client. The message says why, and what to look at. */
export class TemporalUnreachableError extends Error {
  override readonly name = 'TemporalUnreachableError';
}

export interface Reach {
  readonly namespace: string;
  /** Default 10,000. */
  readonly timeoutMs?: number | undefined;
  /** Whether to end where the namespace may not be looked at: a worker does so at its start, and a client need not. */
  readonly seeNamespace?: boolean;
}

/**
 * Opens a connection to a server that answers, and that has the namespace.
 *
 * @throws TemporalUnreachableError if it does not answer in time, and at once if waiting would change nothing
 */
export async function reachTemporal(
  options: ConnectionOptions & { readonly address: string },
  { namespace, timeoutMs = 10_000, seeNamespace = false }: Reach,
): Promise<Connection> {
  // The repeats of the SDK take 20 s before the reason is seen.
  const connection = Connection.lazy({ interceptors: [], ...options });
  const { address } = connection.options;
  const overTls = Boolean(options.tls ?? options.apiKey);
  try {
    await untilAnswered(connection, { address, namespace, overTls, seeNamespace, timeoutMs });
    return connection;
  } catch (error) {
    await connection.close();
    throw new TemporalUnreachableError(withoutKey(error instanceof Error ? error.message : '', options.apiKey));
  }
}

interface ServerAddress extends Required<Reach> {
  readonly timeoutMs: number;
  readonly address: string;
  readonly overTls: boolean;
}

async function untilAnswered(connection: Connection, place: ServerAddress): Promise<void> {
  const { address, timeoutMs } = place;
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    try {
      await connection.withDeadline(deadline, () => ask(connection, place));
      return;
    } catch (error) {
      const permanent = await whyForGood(error, place);
      if (permanent !== null) throw new Error(`Temporal at ${address} ${permanent}`);
      if (Date.now() + PAUSE_MS >= deadline)
        throw new Error(
          `Temporal did not answer at ${address} for ${Math.round(timeoutMs / 1_000)} s${lastWords(error)}. ` +
            'Start a server (for example with "npm run demo -- --keep") or set TEMPORAL_ADDRESS.',
        );
      await sleep(PAUSE_MS);
    }
  }
}

async function ask({ workflowService }: Connection, { namespace, seeNamespace }: ServerAddress): Promise<void> {
  await unless(isOldServer, () => workflowService.getSystemInfo({}));
  // Whoever may start runs and not look at the namespace finds out by starting.
  const mayNotLook = (code: number) => !seeNamespace && (code === PERMISSION_DENIED || code === UNIMPLEMENTED);
  await unless(mayNotLook, () => workflowService.describeNamespace({ namespace }));
}

function isOldServer(code: number, details: string): boolean {
  return code === UNIMPLEMENTED && !details.includes('HTTP status');
}

async function unless(isFine: (code: number, details: string) => boolean, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isGrpcServiceError(error) || !isFine(error.code, error.details)) throw error;
  }
}

/** Null if the server may answer later. */
async function whyForGood(error: unknown, { address, namespace, overTls }: ServerAddress): Promise<string | null> {
  if (!isGrpcServiceError(error)) throw error;
  const reason = reasonIn(error.details);
  const tls = TLS_TROUBLES.find(([sign]) => sign.test(reason));
  if (tls) return `${tls[1]} (${reason}). ${tls[2]}`;
  if (isHungUp(reason) && !overTls && (await speaksTls(address)))
    return 'speaks TLS, and this client does not: set TEMPORAL_TLS=true.';
  if (isTransient(error)) return null;
  const code: number = error.code;
  if (code === NOT_FOUND || code === INVALID_ARGUMENT)
    return `does not know the namespace "${namespace}" (${reason}): set TEMPORAL_NAMESPACE to one that it has.`;
  return `refuses: ${grpcWords(error)}`;
}

const TLS_TROUBLES: readonly (readonly [RegExp, string, string])[] = [
  [
    /altnames/i,
    'has a certificate for another name',
    'Set TEMPORAL_TLS_SERVER_NAME to a name of the certificate, or correct TEMPORAL_ADDRESS.',
  ],
  [
    /self[- ]signed|unable to (get|verify)|certificate (has expired|is not yet valid|chain|revoked)/i,
    'has a certificate that is not trusted here',
    'If it is the right server, set TEMPORAL_TLS_SERVER_CA_CERT_PATH to the certificate of its authority.',
  ],
  [
    /alert/i,
    'refuses the TLS connection',
    'Check TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH, the certificate of this client.',
  ],
  [
    /wrong version number|packet length too long|unknown protocol|http request/i,
    'does not speak TLS, and this client does',
    'Correct TEMPORAL_ADDRESS, or set TEMPORAL_TLS=false; TLS is on because of TEMPORAL_TLS… or TEMPORAL_API_KEY.',
  ],
];

/** What the SDK says when the other side ends the connection before it has said anything of HTTP/2. */
function isHungUp(reason: string): boolean {
  return /^(failed to connect|protocol error|.*ECONNRESET)/i.test(reason);
}

async function speaksTls(address: string): Promise<boolean> {
  const url = parseUrl(`tcp://${address}`);
  if (!url) return false;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return new Promise((resolve) => {
    // Nothing is sent over it: whose certificate it is does not matter.
    const socket = connectTls({ host, port: Number(url.port), rejectUnauthorized: false });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(PROBE_MS, () => end(false));
    socket.once('secureConnect', () => end(true)).on('error', () => end(false));
  });
}

/** The reason within the words of the gRPC library, on one line. */
function reasonIn(details: string): string {
  const inner = /Last error: (.*?)(?: \(\d{4}-[^)]*\))?\.?\s*Resolution note:/s.exec(details)?.[1] ?? details;
  const openssl = /:SSL routines:[^:]*:([^:]*):/.exec(inner)?.[1];
  return (openssl ?? inner.replace(/^Error(?: \[\w+\])?: /, '')).replace(/\s+/g, ' ').trim();
}

function lastWords(error: unknown): string {
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause) || /deadline/i.test(cause.details)) return '';
  return `: ${reasonIn(cause.details)}`;
}

/** What Temporal answered, with what to look at if the client is not let in. */
export function grpcWords({ code, details }: { readonly code: number; readonly details: string }): string {
  const said = reasonIn(details) || `gRPC code ${code}`;
  if (code === UNAUTHENTICATED)
    return `${said} (UNAUTHENTICATED: the server does not accept who asks). Check TEMPORAL_API_KEY, or at the client certificate.`;
  if (code === PERMISSION_DENIED)
    return `${said} (PERMISSION_DENIED: this client may not do that). Check TEMPORAL_API_KEY and TEMPORAL_NAMESPACE.`;
  return said;
}

/** Whether Temporal does not let this client do that. */
export function isRefused(error: unknown): boolean {
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  if (!isGrpcServiceError(cause)) return false;
  const code: number = cause.code;
  return code === UNAUTHENTICATED || code === PERMISSION_DENIED;
}

/** A server may quote what it was sent. What is shorter than a key could be is left alone: it would take our own words apart. */
function withoutKey(message: string, apiKey: ConnectionOptions['apiKey']): string {
  return typeof apiKey === 'string' && apiKey.length >= MIN_KEY_LENGTH
    ? message.replaceAll(apiKey, '[API key]')
    : message;
}
