import { isIP, type Socket } from 'node:net';
import { codeOf } from '../../util/objects';
import { parseUrl } from '../../util/urls';
import { canonicalAddress, isPublicAddress } from './address-policy';
import { hostnameOf, type EgressAllowList } from './allow-list';
import { EgressError } from './egress-error';
import { createHostLookup, type HostLookup } from './host-lookup';
import { openTunnel, PROXY_NAME, type Proxy } from './proxy';
import { openTcp, openTls, startLimit, withinLimit, type Limit } from './sockets';

export type { HostLookup } from './host-lookup';
export { EgressError, type EgressErrorCode } from './egress-error';

/** What an egress guard lets pass. */
export interface EgressGuardOptions {
  readonly allow: EgressAllowList;
  /**
   * Origins that the operator configured (`https://api.hrflow.ai`): reached without any check of scheme and address.
   * `*` in the host stands for what a subdomain may hold (letters, digits, `-`, `_`, `.`): `https://ats-*.corp.internal`.
   */
  readonly trusted?: readonly string[];
  /** Through which hosts are reached that it does not spare. */
  readonly proxy?: Proxy | undefined;
  /** Default: the operating system's resolver. */
  readonly lookup?: HostLookup;
  /** Certificate authorities in PEM, for private clouds. Default: those of Node, with `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string;
}

/** Where to connect to. */
export interface EgressTarget {
  /** Host name or address, IPv6 with or without brackets. */
  readonly host: string;
  readonly port: number;
  readonly tls: boolean;
  /** The name that the certificate must be made out to. Default: the host. */
  readonly servername?: string;
}

/** Limits of one connection. */
export interface ConnectLimits {
  /** DNS, TCP and TLS together, in milliseconds. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** Decides which hosts are reached, and connects to these alone. */
export interface EgressGuard {
  /**
   * Refuses what can be refused by the look of a URL: another scheme than http and https, credentials in it, plain http,
   * an address that is not public. Names are checked by their addresses when `connect` resolves them.
   *
   * @throws EgressError `blocked`
   */
  checkUrl(url: string | URL): void;
  /**
   * Resolves a host once, checks every address, and connects to one of those checked. A single address that is not
   * allowed blocks the host, whatever the others are: an honest host has none. Each address gets its share of the time;
   * a failed TLS handshake is not repeated at the next. Through a proxy, the addresses are checked the same way where the name
   * resolves here, and the proxy is asked for the name: see `docs/threat-model.md`.
   *
   * @throws EgressError
   */
  connect(target: EgressTarget, limits: ConnectLimits): Promise<Socket>;
}

/** One for the whole process, whose threads it spares. */
const lookupInSystem = createHostLookup();

/** Creates the egress guard. */
export function createEgressGuard(options: EgressGuardOptions): EgressGuard {
  const trusted = (options.trusted ?? []).map(parseOrigin);
  const { proxy } = options;
  const resolve = createResolver(options.lookup ?? lookupInSystem);
  const permit = (origin: Origin): Permit => permitOf(origin, trusted, options.allow);

  async function connectDirectly(origin: Origin, limit: Limit): Promise<Socket> {
    const addresses = await resolve(origin.host, limit);
    if (!addresses.every(permit(origin))) throw blocked(limit.where, REFUSED_ADDRESS);
    return openFirst(addresses, origin.port, limit);
  }

  async function connectThrough(proxy: Proxy, origin: Origin, limit: Limit): Promise<Socket> {
    await checkForProxy(origin, limit);
    const toProxy = { ...limit, where: PROXY_NAME };
    const addresses = await resolve(proxy.host, toProxy).catch(asWrongProxy);
    return openTunnel(await openFirst(addresses, proxy.port, toProxy), proxy, origin, limit);
  }

  /** A name that does not resolve here is left to the proxy over TLS, where the certificate proves the host before a byte is sent. */
  async function checkForProxy(origin: Origin, limit: Limit): Promise<void> {
    const allowed = permit(origin);
    if (allowed(ANY_ADDRESS)) return;
    const addresses = await resolveBriefly(resolve, origin.host, limit);
    const passes = addresses === null ? origin.tls : addresses.every(allowed);
    if (!passes) throw blocked(limit.where, REFUSED_ADDRESS);
  }

  return {
    checkUrl: (url) => checkUrl(url, permit, options.allow),
    connect: async (target, { timeoutMs, signal }) => {
      const origin = originOf(target);
      const where = textOf(origin);
      const limit = startLimit(where, timeoutMs, signal);
      try {
        if (limit.signal.aborted) throw limit.failure();
        const socket =
          proxy?.isSpared(origin.host, origin.port) === false
            ? await connectThrough(proxy, origin, limit)
            : await connectDirectly(origin, limit);
        if (!target.tls) return socket;
        return await openTls(
          socket,
          { host: hostnameOf(target.servername ?? '') ?? origin.host, ca: options.ca },
          limit,
        );
      } finally {
        limit.close();
      }
    },
  };
}

/** Of no family and in no range: only a host that is allowed by its name has it. */
const ANY_ADDRESS = '';

const REFUSED_ADDRESS =
  'it is no public https address; if it is meant, list it in HRFLOW_TEMPORAL_EGRESS_ALLOW of the worker';

interface Origin {
  readonly tls: boolean;
  /** As `hostnameOf` spells it. */
  readonly host: string;
  readonly port: number;
}

type Permit = (address: string) => boolean;

function blocked(where: string, problem: string): EgressError {
  return new EgressError('blocked', where, problem);
}

function textOf({ tls, host, port }: Origin): string {
  return `${tls ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function originOf({ host, port, tls }: EgressTarget): Origin {
  const name = hostnameOf(host);
  if (name === undefined) throw blocked('the URL', 'its host is not valid');
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw blocked(name, 'its port is not valid');
  return { tls, host: name, port };
}

function originOfUrl(url: URL): Origin {
  const tls = url.protocol === 'https:';
  return originOf({ tls, host: url.hostname, port: url.port === '' ? (tls ? 443 : 80) : Number(url.port) });
}

function parseOrigin(text: string): Origin {
  const url = parseUrl(text);
  if (!url) throw new TypeError('A trusted origin is not a valid URL.');
  return originOfUrl(url);
}

function isTrusted(origin: Origin, { tls, host, port }: Origin): boolean {
  if (origin.tls !== tls || origin.port !== port) return false;
  return host.includes('*') ? patternOf(host).test(origin.host) : origin.host === host;
}

function patternOf(host: string): RegExp {
  const parts = host.split('*').map((part) => part.replace(/[^a-z0-9_-]/g, '\\$&'));
  return new RegExp(`^${parts.join('[a-z0-9_.-]+')}$`);
}

function permitOf(origin: Origin, trusted: readonly Origin[], allow: EgressAllowList): Permit {
  if (trusted.some((other) => isTrusted(origin, other)) || allow.allowsHost(origin.host, origin.port))
    return () => true;
  return (address) => (origin.tls && isPublicAddress(address)) || allow.allowsAddress(address, origin.port);
}

function checkUrl(input: string | URL, permit: (origin: Origin) => Permit, allow: EgressAllowList): void {
  const url = parseUrl(String(input));
  if (!url) throw blocked('the URL', 'it is not valid');
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw blocked('the URL', 'only https is allowed');
  const origin = originOfUrl(url);
  const where = textOf(origin);
  if (url.username !== '' || url.password !== '') throw blocked(where, 'its URL carries credentials');
  // A name over https may be public, and a name over http may lie in a listed range: only its addresses tell.
  const decidedByLookup = isIP(origin.host) === 0 && (origin.tls || allow.listsAddresses);
  if (!decidedByLookup && !permit(origin)(origin.host)) throw blocked(where, REFUSED_ADDRESS);
}

/** So many names are remembered as existing. */
const MAX_KNOWN_NAMES = 10_000;

/**
 * Resolves names. One that the resolver does not know is a mistake in the address; but where this process has seen its address
 * before, the resolver is having a bad day.
 */
function createResolver(lookup: HostLookup): (host: string, limit: Limit) => Promise<readonly string[]> {
  const known = new Set<string>();
  return async (host, limit) => {
    if (isIP(host) !== 0) return [host];
    const addresses = await withinLimit(lookup(host, limit.signal), limit).catch((cause: unknown) => {
      if (cause instanceof EgressError) throw cause;
      if (codeOf(cause) === 'ENOTFOUND' && !known.has(host))
        throw new EgressError('unknown_host', limit.where, 'there is no such host', { cause });
      throw new EgressError('dns', limit.where, 'the host name could not be resolved', { cause });
    });
    if (addresses.length === 0) throw new EgressError('dns', limit.where, 'the host name has no address');
    if (known.size < MAX_KNOWN_NAMES) known.add(host);
    return addresses;
  };
}

/** Inside a company network names of the internet often do not resolve, or only after a timeout. In milliseconds. */
const BRIEF_MS = 2_000;

/** The addresses of a host; null if the resolver does not know the host, or is slow. */
async function resolveBriefly(
  resolve: (host: string, limit: Limit) => Promise<readonly string[]>,
  host: string,
  limit: Limit,
): Promise<readonly string[] | null> {
  const brief = startLimit(limit.where, Math.min(BRIEF_MS, limit.remainingMs() / 3), limit.signal);
  try {
    return await resolve(host, brief);
  } catch (error) {
    if (limit.signal.aborted) throw limit.failure();
    if (error instanceof EgressError) return null;
    throw error;
  } finally {
    brief.close();
  }
}

/** The name of a proxy is no mistake in the address of a call. */
function asWrongProxy(error: unknown): never {
  if (!(error instanceof EgressError) || error.code !== 'unknown_host') throw error;
  throw new EgressError('proxy_refused', PROXY_NAME, 'there is no such host', { cause: error.cause });
}

/** Tries the addresses in order until one answers; each but the last has its share of the time that is left. */
async function openFirst(addresses: readonly string[], port: number, limit: Limit): Promise<Socket> {
  let failure: EgressError | undefined;
  for (const [index, address] of addresses.entries()) {
    try {
      const socket = await openTcp(address, port, limit.remainingMs() / (addresses.length - index), limit);
      return verified(socket, address, limit);
    } catch (error) {
      if (!(error instanceof EgressError) || limit.signal.aborted || error.code === 'blocked') throw error;
      failure = error;
    }
  }
  throw failure ?? limit.failure();
}

function verified(socket: Socket, address: string, limit: Limit): Socket {
  const { remoteAddress } = socket;
  if (remoteAddress !== undefined && canonicalAddress(remoteAddress) === canonicalAddress(address)) return socket;
  socket.destroy();
  if (remoteAddress !== undefined)
    throw blocked(limit.where, 'it was connected to another address than the one checked');
  throw new EgressError('refused', limit.where, 'the connection was closed at once');
}
