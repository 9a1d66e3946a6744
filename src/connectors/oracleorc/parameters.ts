import { z } from 'zod';
import { secret } from '../../security/sensitivity';
import { parseUrl } from '../../util/urls';
import { connectorSettings, settingsReader, splitFullName } from '../settings';

const category = z.string().regex(/\S/, 'must not be blank').max(30);

const port = z
  .union([
    z.int(),
    z
      .string()
      .regex(/^\d{1,5}$/, 'expected a port number')
      .transform(Number),
  ])
  .refine((value) => value >= 1 && value <= 65_535, 'expected a port between 1 and 65535')
  .describe('Port, a number or its text, usually 443');

const host = z
  .string()
  .min(1, 'must not be empty')
  .refine(isHost, 'expected a host such as pod.fa.em2.oraclecloud.com, with or without https:// in front')
  .describe('Host of the pod; may carry a scheme, without one it is https');

export const pushParametersSchema = z.strictObject({
  authData: z
    .strictObject({
      username: z
        .string()
        .min(1, 'must not be empty')
        .refine((name) => !name.includes(':'), 'must not hold a colon')
        .describe('Integration user'),
      password: secret('Password of the integration user'),
    })
    .describe('Basic authentication'),
  hostAndPort: z.strictObject({ host, port }).describe('Where Oracle Recruiting Cloud is'),
});

export type PushParameters = z.infer<typeof pushParametersSchema>;

export const oracleSettingsSchema = connectorSettings({ ratePerSecond: 2 }).extend({
  splitFullName,
  frameworkVersion: z.int().min(4).max(8).default(4).describe('REST-Framework-Version; from 4 on errors are JSON'),
  longTexts: z
    .enum(['plain', 'base64'])
    .default('plain')
    .describe('how `AdditionalInformation` and `Achievements` of an experience are written; pods may differ'),
  resumeCategory: category.default('resume').describe('`CategoryName` that the default format gives a CV'),
  coverCategory: category.default('cover').describe('`CategoryName` that the default format gives a cover letter'),
});

export const oracleSettings = settingsReader(oracleSettingsSchema);

/** Returns scheme, host and port, normalized. */
export function endpointOf({ host, port }: PushParameters['hostAndPort']): {
  scheme: string;
  host: string;
  port: number;
} {
  const url = parse(host);
  return { scheme: url.protocol.replace(':', ''), host: url.hostname, port };
}

function parse(host: string): URL {
  return new URL(withScheme(host));
}

function withScheme(host: string): string {
  return host.includes('://') ? host : `https://${host}`;
}

function isHost(host: string): boolean {
  const url = parseUrl(withScheme(host));
  if (!url) return false;
  const plain = url.username === '' && url.password === '' && url.search === '' && url.hash === '' && url.port === '';
  return plain && ['http:', 'https:'].includes(url.protocol) && /^\/*$/.test(url.pathname) && url.hostname !== '';
}
