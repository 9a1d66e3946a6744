import { z } from 'zod';
import { parseUrl } from '../../util/urls';

/** A URL of a tenant: http or https, without credentials, query or fragment. Whether it may be reached is decided by the egress guard. */
export const tenantUrl = (what: string) =>
  z
    .string()
    .min(1, 'must not be empty')
    .refine(
      (text) => isPlainUrl(text),
      'expected a URL such as https://client.example.com, without user, query and fragment',
    )
    .describe(what);

function isPlainUrl(text: string): boolean {
  const url = parseUrl(text);
  if (!url) return false;
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  return plain && (url.protocol === 'https:' || url.protocol === 'http:') && url.hostname !== '';
}

/** Returns the canonical spelling of a URL: lower-case host, no default port, no trailing slash. */
export function normalisedUrl(text: string): string {
  const url = new URL(text);
  return `${url.protocol}//${url.host}${url.pathname.replace(/\/+$/, '')}`;
}

/** A part of a path, such as the id of a company. */
export const pathPart = (what: string) =>
  z
    .string()
    .regex(/^[A-Za-z0-9_.~-]+$/, 'expected letters, digits, "-", "_", "." and "~"')
    .refine((text) => !/^\.+$/.test(text), 'must not be dots alone')
    .describe(what);
