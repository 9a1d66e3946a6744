import * as http from 'node:http';
import type { Socket } from 'node:net';
import { parseUrl } from '../../util/urls';
import { isWithin, parseAddress } from './address-policy';
import { hostnameOf } from './allow-list';
import { EgressError } from './egress-error';
import { withinLimit, type Limit } from './sockets';
import * as ipaddr from 'ipaddr.js';

/** A proxy that connects on request (HTTP CONNECT), and for whom it is not asked. */
export interface Proxy {
  readonly host: string;
  readonly port: number;
  /** Value of `Proxy-Authorization`. */
  readonly authorization: string | undefined;
  /** Whether a host is reached without the proxy. */
  isSpared(host: string, port: number): boolean;
}

/** How the proxy is called in messages: its address may hold a password. */
export const PROXY_NAME = 'the proxy of HRFLOW_TEMPORAL_PROXY';

/**
 * Reads `http://[user:password@]host:port`.
 *
 * @param noProxy value of `NO_PROXY`
 * @returns undefined for anything else
 */
export function parseProxy(text: string, noProxy = ''): Proxy | undefined {
  const url = parseUrl(text);
  const host = url && hostnameOf(url.hostname);
  if (url?.protocol !== 'http:' || !host || !/^\/?$/.test(url.pathname + url.search + url.hash)) return undefined;
  const credentials = credentialsOf(url);
  if (credentials === undefined) return undefined;
  return {
    host,
    port: url.port === '' ? 80 : Number(url.port),
    authorization: credentials === ':' ? undefined : `Basic ${Buffer.from(credentials, 'utf8').toString('base64')}`,
    isSpared: parseNoProxy(noProxy),
  };
}

function credentialsOf({ username, password }: URL): string | undefined {
  try {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  } catch {
    return undefined;
  }
}

/**
 * `NO_PROXY` as curl and Go read it: entries between commas or blanks, each `*`, a host (with all below it, a dot or `*.` before it
 * or not), an address or a CIDR range, the first three also with a port. What cannot be read spares nothing: the variable is shared
 * with other programs. Not `proxy-from-env`, which reads the environment of the process alone, takes a host for itself only, and no range.
 */
function parseNoProxy(text: string): Proxy['isSpared'] {
  const entries = text
    .toLowerCase()
    .split(/[,\s]+/)
    .filter((entry) => entry !== '');
  const rules = entries.map(ruleOf);
  return (host, port) => rules.some((rule) => rule(host, port));
}

function ruleOf(entry: string): Proxy['isSpared'] {
  if (entry === '*') return () => true;
  if (entry.includes('/')) return rangeRule(entry);
  const address = parseAddress(entry) ? entry : null;
  const [, name = entry, port] = address === null ? (/^(.+?)(?::(\d{1,5}))?$/.exec(entry) ?? []) : [entry, entry];
  const host = hostnameOf(name.replace(/^\*?\./, ''));
  const fits = (asked: string) => asked === host || (parseAddress(asked) === undefined && asked.endsWith(`.${host}`));
  return (asked, askedPort) => host !== undefined && fits(asked) && (port === undefined || Number(port) === askedPort);
}

function rangeRule(entry: string): Proxy['isSpared'] {
  if (!ipaddr.isValidCIDR(entry)) return () => false;
  const range = ipaddr.parseCIDR(entry);
  return (host) => {
    const address = parseAddress(host);
    return address !== undefined && isWithin(address, range);
  };
}

/**
 * Asks a proxy, on a connected socket, for a tunnel to a host and port.
 *
 * @throws EgressError `proxy_refused` if the proxy will say the same the next time, `refused`, `connect_timeout` or `aborted`
 */
export async function openTunnel(
  socket: Socket,
  { authorization }: Proxy,
  { host, port }: { readonly host: string; readonly port: number },
  limit: Limit,
): Promise<Socket> {
  const to = `${host.includes(':') ? `[${host}]` : host}:${port}`;
  const request = http.request({
    method: 'CONNECT',
    path: to,
    headers: { Host: to, ...(authorization !== undefined && { 'Proxy-Authorization': authorization }) },
    setHost: false,
    createConnection: () => socket,
  });
  try {
    const status = await withinLimit(answerTo(request, socket), limit);
    if (status >= 200 && status <= 299) return socket;
    throw refusal(status, to);
  } catch (cause) {
    request.destroy();
    socket.destroy();
    if (cause instanceof EgressError) throw cause;
    throw new EgressError('refused', PROXY_NAME, `it did not answer when it was asked to connect to ${to}`, { cause });
  }
}

function answerTo(request: http.ClientRequest, socket: Socket): Promise<number> {
  return new Promise((resolve, reject) => {
    request.on('error', reject).on('close', () => reject(new Error('closed')));
    request.once('connect', ({ statusCode = 0 }, _socket, head: Buffer) => {
      if (head.length > 0) socket.unshift(head);
      resolve(statusCode);
    });
    request.end();
  });
}

/** A 4xx is a rule of the proxy, or a mistake in how it is asked; that it could not connect may be different the next time. */
function refusal(status: number, to: string): EgressError {
  if (status === 407) {
    return new EgressError('proxy_refused', PROXY_NAME, 'it asks for a user and a password, or for other ones (407)');
  }
  const isFinal = status < 500 && status !== 408 && status !== 429;
  if (isFinal) return new EgressError('proxy_refused', PROXY_NAME, `it refuses to connect to ${to} (${status})`);
  return new EgressError('refused', PROXY_NAME, `it could not connect to ${to} (${status})`);
}
