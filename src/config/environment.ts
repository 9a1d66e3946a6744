import { z } from 'zod';
import type { BaseUrls } from '../connectors/connector';
import { parseProxy, type Proxy } from '../http/egress/proxy';
import { describeIssues } from '../util/zod-issues';
import { ConfigurationError } from './settings';
import { parseUrl } from '../util/urls';
import { DEFAULT_TASK_QUEUE } from '../protocol/names';

/** Environment variables, as in `process.env`. */
export type Env = Readonly<Record<string, string | undefined>>;

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

const optional = z
  .string()
  .optional()
  .transform((value) => (value === '' ? undefined : value));

const baseUrl = (fallback: string) =>
  optional
    .transform((value) => (value ?? fallback).replace(/\/+$/, ''))
    .refine(
      (value) => /^https?:$/.test(protocolOf(value.replaceAll('{subdomain}', 'x'))),
      'expected an http or https URL',
    );

/** Whoever chooses the subdomain must not choose the domain: `https://{subdomain}` would trust any host. */
function hasFixedDomain(url: string): boolean {
  const host = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
  const behind = host.slice(host.lastIndexOf('{subdomain}') + '{subdomain}'.length);
  return !host.includes('{subdomain}') || /^[\w-]*\.[\w-]+/.test(behind);
}

function protocolOf(url: string): string {
  return parseUrl(url)?.protocol ?? '';
}

/** What is refused is not repeated: it may hold a password. */
const proxyUrl = optional.refine(
  (value) => value === undefined || parseProxy(value) !== undefined,
  'expected http://host:port or http://user:password@host:port, with special characters in both percent-encoded',
);

const environmentSchema = z.object({
  HRFLOW_TEMPORAL_TASK_QUEUE: optional.transform((value) => value ?? DEFAULT_TASK_QUEUE),
  HRFLOW_API_URL: baseUrl('https://api.hrflow.ai/v1'),
  FLATCHR_URL: baseUrl('https://{subdomain}.flatchr.io')
    .refine(
      (value) => value.includes('{subdomain}') || !value.includes('flatchr.io'),
      'expected {subdomain} where the subdomain goes',
    )
    .refine(hasFixedDomain, 'expected a domain behind {subdomain}: every host would be trusted'),
  HRFLOW_TEMPORAL_EGRESS_ALLOW: optional,
  HRFLOW_TEMPORAL_PROXY: proxyUrl,
  NO_PROXY: optional,
  no_proxy: optional,
  HRFLOW_TEMPORAL_SETTINGS: optional,
  HRFLOW_TEMPORAL_SECRETS_DIR: optional,
  HRFLOW_TEMPORAL_SECRETS_FILE: optional,
  HRFLOW_TEMPORAL_LOG: optional.transform((value) => value ?? 'info').pipe(z.enum(LOG_LEVELS)),
});

const BASE_URLS = ['HRFLOW_API_URL', 'FLATCHR_URL'] as const;

/** What the environment says, checked, with defaults. Encryption keys are read by `security/key-ring.ts`, Temporal's own variables by `@temporalio/envconfig`. */
export interface Environment {
  readonly taskQueue: string;
  readonly baseUrls: BaseUrls;
  /** Origins of the base URLs that were set: the egress guard lets them pass. The built-in ones are public and need no trust. */
  readonly trustedOrigins: readonly string[];
  readonly egressAllow: string | undefined;
  /** Through which the other systems are reached; Temporal's own connections follow Temporal's configuration. */
  readonly proxy: Proxy | undefined;
  /** `NO_PROXY`, or `no_proxy`. */
  readonly noProxy: string | undefined;
  readonly settingsFile: string | undefined;
  readonly secretsDir: string | undefined;
  readonly secretsFile: string | undefined;
  readonly logLevel: LogLevel;
}

/**
 * Reads the variables that this package defines.
 *
 * @throws ConfigurationError naming the variable
 */
export function readEnvironment(env: Env = process.env): Environment {
  const checked = environmentSchema.safeParse(env);
  if (!checked.success) throw new ConfigurationError(`environment: ${describeIssues(checked.error)}`);
  const { data } = checked;
  const noProxy = data.NO_PROXY ?? data.no_proxy;
  return {
    taskQueue: data.HRFLOW_TEMPORAL_TASK_QUEUE,
    baseUrls: { hrflow: data.HRFLOW_API_URL, flatchr: data.FLATCHR_URL },
    trustedOrigins: BASE_URLS.filter((name) => env[name]).map((name) => originOf(data[name])),
    egressAllow: data.HRFLOW_TEMPORAL_EGRESS_ALLOW,
    proxy: parseProxy(data.HRFLOW_TEMPORAL_PROXY ?? '', noProxy),
    noProxy,
    settingsFile: data.HRFLOW_TEMPORAL_SETTINGS,
    secretsDir: data.HRFLOW_TEMPORAL_SECRETS_DIR,
    secretsFile: data.HRFLOW_TEMPORAL_SECRETS_FILE,
    logLevel: data.HRFLOW_TEMPORAL_LOG,
  };
}

/** Empty values of these mean something to `@temporalio/envconfig`: they take a header of the file away. */
const MAY_BE_EMPTY = 'TEMPORAL_GRPC_META_';

/** The variables that are set, as `@temporalio/envconfig` takes them. An empty one counts as not set. */
export function definedVariables(env: Env): Record<string, string> {
  const entries = Object.entries(env).filter(
    (entry): entry is [string, string] =>
      entry[1] !== undefined && (entry[1] !== '' || entry[0].startsWith(MAY_BE_EMPTY)),
  );
  return Object.fromEntries(entries);
}

function originOf(url: string): string {
  const { protocol, host } = new URL(url.replaceAll('{subdomain}', '*'));
  return `${protocol}//${host}`;
}
