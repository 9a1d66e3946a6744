import { isIP } from 'node:net';
import * as ipaddr from 'ipaddr.js';

type Range = readonly [ipaddr.IPv4 | ipaddr.IPv6, number];

/** The part of IPv6 that is given out as globally reachable (RFC 4291, IANA's registry of IPv6 address space). */
const globalUnicast: Range = ipaddr.parseCIDR('2000::/3');

/** Unicast by its number, yet answered within the cloud: Azure's wire server hands out credentials there. */
const cloudInternal: Range = ipaddr.parseCIDR('168.63.129.16/32');

/**
 * Reads an address in its full spelling: four decimal parts, or IPv6 without a zone. An IPv4 address that is mapped into
 * IPv6 comes back as IPv6.
 *
 * @returns undefined for anything else
 */
export function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  if (isIP(text) === 0 || text.includes('%') || !ipaddr.isValid(text)) return undefined;
  return ipaddr.parse(text);
}

/** Spells an address in one way only, and an IPv4 address that is mapped into IPv6 as IPv4. Other texts stay as they are. */
export function canonicalAddress(text: string): string {
  return parseAddress(text) ? ipaddr.process(text).toString() : text;
}

/** Whether an address lies in a range; false across families. */
export function isWithin(address: ipaddr.IPv4 | ipaddr.IPv6, [network, bits]: Range): boolean {
  return address.kind() === network.kind() && address.match(network, bits);
}

/**
 * Whether an address belongs to the public internet. Refused are loopback, private, shared (CGNAT), link-local and
 * unique-local addresses, metadata services of clouds, unspecified, multicast, broadcast, reserved, documentation and
 * benchmarking ranges, everything that carries an IPv4 address inside (mapped, compatible, NAT64, 6to4, Teredo), the
 * whole of IPv6 outside 2000::/3, and any text that is not an address in full spelling.
 */
export function isPublicAddress(text: string): boolean {
  const address = parseAddress(text);
  if (address?.range() !== 'unicast') return false;
  return address.kind() === 'ipv6' ? isWithin(address, globalUnicast) : !isWithin(address, cloudInternal);
}
