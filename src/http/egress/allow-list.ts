import { isIPv4 } from 'node:net';
import * as ipaddr from 'ipaddr.js';
import { parseUrl } from '../../util/urls';
import { isWithin, parseAddress } from './address-policy';

/** What may be reached though it is private, loopback or plain http. */
export interface EgressAllowList {
  /** Whether a host was listed by its name; then any address that it has is allowed. */
  allowsHost(host: string, port: number): boolean;
  /** Whether an address was listed, by itself or within a CIDR range. */
  allowsAddress(address: string, port: number): boolean;
  /** Whether any address or range is listed, so that the addresses of a name decide. */
  readonly listsAddresses: boolean;
}

/** An entry of `HRFLOW_TEMPORAL_EGRESS_ALLOW` cannot be understood. The message quotes it and says what is wrong. */
export class EgressAllowListInvalidError extends Error {
  override readonly name = 'EgressAllowListInvalidError';

  constructor(entry: string, problem: string) {
    super(
      `HRFLOW_TEMPORAL_EGRESS_ALLOW: "${entry}" ${problem}. ` +
        'An entry is host, host:port or a CIDR range; an IPv6 address with a port stands in brackets, as in [::1]:8080.',
    );
  }
}

/**
 * Reads the value of `HRFLOW_TEMPORAL_EGRESS_ALLOW`: entries separated by commas, each a host, `host:port` or CIDR range.
 * A host without a port is allowed on every port. An address as host counts as a range of one, so names that resolve
 * to it are allowed, too; IPv6 stands in brackets if a port follows, or seems to. An empty value allows nothing.
 *
 * @throws EgressAllowListInvalidError
 */
export function parseEgressAllowList(text: string): EgressAllowList {
  const rules = text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map(parseRule);
  const names = rules.filter((rule) => rule.kind === 'name');
  const ranges = rules.filter((rule) => rule.kind === 'range');
  return {
    allowsHost: (host, port) => names.some((rule) => rule.name === host && fits(rule.port, port)),
    allowsAddress: (text, port) => {
      if (!parseAddress(text)) return false;
      const address = ipaddr.process(text);
      return ranges.some((rule) => isWithin(address, rule.range) && fits(rule.port, port));
    },
    listsAddresses: ranges.length > 0,
  };
}

type Rule =
  | { readonly kind: 'name'; readonly name: string; readonly port: number | undefined }
  | {
      readonly kind: 'range';
      readonly range: readonly [ipaddr.IPv4 | ipaddr.IPv6, number];
      readonly port: number | undefined;
    };

function fits(listed: number | undefined, port: number): boolean {
  return listed === undefined || listed === port;
}

function parseRule(entry: string): Rule {
  const bracketed = /^\[([^\]]*)\](.*)$/.exec(entry);
  if (bracketed) return parseBracketed(entry, bracketed[1] ?? '', bracketed[2] ?? '');
  if (entry.includes('/')) return { kind: 'range', range: parseRange(entry, entry), port: undefined };
  if (isBareIPv6(entry)) return { kind: 'range', range: [ipaddr.parse(entry), 128], port: undefined };
  const [host = '', port, ...more] = entry.split(':');
  if (more.length > 0) throw new EgressAllowListInvalidError(entry, 'has more than one colon');
  const portNumber = port === undefined ? undefined : parsePort(entry, port);
  if (isIPv4(host)) return { kind: 'range', range: [ipaddr.parse(host), 32], port: portNumber };
  return { kind: 'name', name: parseName(entry, host), port: portNumber };
}

/** Not `fd00::1:8080`, which may have been meant as an address and a port. */
function isBareIPv6(entry: string): boolean {
  const beforePort = /^(.+):\d{1,5}$/.exec(entry)?.[1] ?? '';
  return parseAddress(entry)?.kind() === 'ipv6' && parseAddress(beforePort) === undefined;
}

function parseBracketed(entry: string, inside: string, after: string): Rule {
  if (inside.includes('/') && after === '') return { kind: 'range', range: parseRange(entry, inside), port: undefined };
  if (after.startsWith('/')) return { kind: 'range', range: parseRange(entry, inside + after), port: undefined };
  const address = parseAddress(inside);
  if (address?.kind() !== 'ipv6') throw new EgressAllowListInvalidError(entry, 'has no IPv6 address in its brackets');
  if (after !== '' && !after.startsWith(':'))
    throw new EgressAllowListInvalidError(entry, 'has more behind its brackets');
  return { kind: 'range', range: [address, 128], port: after === '' ? undefined : parsePort(entry, after.slice(1)) };
}

function parseRange(entry: string, text: string): readonly [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const [address = '', bits = '', ...more] = text.split('/');
  if (more.length > 0 || !parseAddress(address) || !/^\d{1,3}$/.test(bits) || !ipaddr.isValidCIDR(text)) {
    throw new EgressAllowListInvalidError(entry, 'is not a CIDR range');
  }
  if (Number(bits) === 0) throw new EgressAllowListInvalidError(entry, 'would allow every address');
  return ipaddr.parseCIDR(text);
}

function parsePort(entry: string, text: string): number {
  const port = Number(text);
  if (!/^\d{1,5}$/.test(text) || port < 1 || port > 65_535) {
    throw new EgressAllowListInvalidError(entry, 'has a port that is not a number from 1 to 65535');
  }
  return port;
}

function parseName(entry: string, host: string): string {
  const name = hostnameOf(host);
  if (name === undefined || name.includes('*')) throw new EgressAllowListInvalidError(entry, 'has no valid host name');
  if (parseAddress(name)) throw new EgressAllowListInvalidError(entry, `is an odd spelling of the address ${name}`);
  return name;
}

/**
 * Spells the host of a URL as the URL standard does: lower case, punycode, IPv4 in four decimal parts, IPv6 without its
 * brackets, no dot at the end.
 *
 * @returns undefined for what is not just a host
 */
export function hostnameOf(host: string): string | undefined {
  const text = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  // What would end the host within a URL, or would be dropped from it, is no part of a host.
  const url = text === '' || /[\s/?#@\\%]/.test(text) ? undefined : parseUrl(`http://${text}`);
  if (!url) return undefined;
  if (url.port !== '' || url.pathname !== '/' || text.includes(']:')) return undefined;
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
  return name === '' ? undefined : name;
}
