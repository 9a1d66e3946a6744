import { z } from 'zod';
import type { BaseUrl } from '../connectors/connector';
import { connectors, profileSource } from '../connectors/registry';
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

/** A part of a base URL that parameters fill in, such as `{subdomain}`. */
const PLACEHOLDER = /\{\w+\}/g;

/** The systems that have a base URL. */
const SYSTEMS = [profileSource, ...connectors].flatMap(({ name, baseUrl }) => (baseUrl ? [{ name, ...baseUrl }] : []));

/** The base URL of each system that has one, by the system's name, without a trailing slash. */
export type BaseUrls = Readonly<Record<string, string>>;

function baseUrlSchema({ fallback, problemOf }: BaseUrl) {
  return optional
    .transform((value) => (value ?? fallback).replace(/\/+$/, ''))
    .superRefine((url, context) => {
      for (const problem of [problemOfUrl(url), problemOf?.(url)]) if (problem) context.addIssue(problem);
    });
}

function problemOfUrl(url: string): string | null {
  if (!/^https?:$/.test(parseUrl(filledIn(url, 'x'))?.protocol ?? '')) return 'expected an http or https URL';
  return problemOfDomain(url);
}

/** A push chooses what replaces a placeholder, and must not choose the domain: `https://{subdomain}` would trust any host. */
function problemOfDomain(url: string): string | null {
  const host = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? '';
  const last = [...host.matchAll(PLACEHOLDER)].at(-1);
  if (!last || /^[\w-]*\.[\w-]+/.test(host.slice(last.index + last[0].length))) return null;
  return `expected a domain behind ${last[0]}: every host would be trusted`;
}

function filledIn(url: string, text: string): string {
  return url.replace(PLACEHOLDER, text);
}

/** What is refused is not repeated: it may hold a password. */
const proxyUrl = optional.refine(
  (value) => value === undefined || parseProxy(value) !== undefined,
  'expected http://host:port or http://user:password@host:port, with special characters in both percent-encoded',
);

const environmentSchema = z.object({
  HRFLOW_TEMPORAL_TASK_QUEUE: optional.transform((value) => value ?? DEFAULT_TASK_QUEUE),
  HRFLOW_TEMPORAL_EGRESS_ALLOW: optional,
  HRFLOW_TEMPORAL_PROXY: proxyUrl,
  NO_PROXY: optional,
  no_proxy: optional,
  HRFLOW_TEMPORAL_SETTINGS: optional,
  HRFLOW_TEMPORAL_SECRETS_DIR: optional,
  HRFLOW_TEMPORAL_SECRETS_FILE: optional,
  HRFLOW_TEMPORAL_LOG: optional.transform((value) => value ?? 'info').pipe(z.enum(LOG_LEVELS)),
});

const baseUrlsSchema = z.object(
  Object.fromEntries(SYSTEMS.map((system) => [system.variable, baseUrlSchema(system)] as const)),
);

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
  const data = parsed(environmentSchema, env);
  const baseUrls = parsed(baseUrlsSchema, env);
  const urlOf = ({ variable }: BaseUrl): string => baseUrls[variable] ?? '';
  const noProxy = data.NO_PROXY ?? data.no_proxy;
  return {
    taskQueue: data.HRFLOW_TEMPORAL_TASK_QUEUE,
    baseUrls: Object.fromEntries(SYSTEMS.map((system) => [system.name, urlOf(system)])),
    trustedOrigins: SYSTEMS.filter(({ variable }) => env[variable]).map((system) => originOf(urlOf(system))),
    egressAllow: data.HRFLOW_TEMPORAL_EGRESS_ALLOW,
    proxy: parseProxy(data.HRFLOW_TEMPORAL_PROXY ?? '', noProxy),
    noProxy,
    settingsFile: data.HRFLOW_TEMPORAL_SETTINGS,
    secretsDir: data.HRFLOW_TEMPORAL_SECRETS_DIR,
    secretsFile: data.HRFLOW_TEMPORAL_SECRETS_FILE,
    logLevel: data.HRFLOW_TEMPORAL_LOG,
  };
}

function parsed<S extends z.ZodType>(schema: S, env: Env): z.output<S> {
  const checked = schema.safeParse(env);
  if (checked.success) return checked.data;
  throw new ConfigurationError(`environment: ${describeIssues(checked.error)}`);
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
  const { protocol, host } = new URL(filledIn(url, '*'));
  return `${protocol}//${host}`;
}
