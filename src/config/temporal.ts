import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { types } from 'node:util';
import { normalizeGrpcEndpointAddress } from '@temporalio/common/lib/internal-non-workflow';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { z } from 'zod';
import { definedVariables, type Env } from './environment';
import { describeIssues } from '../util/zod-issues';
import { ConfigurationError } from './settings';

type ConnectionOptions = ClientConnectConfig['connectionOptions'];

/** Where Temporal is, and how to talk to it. */
export interface TemporalConfig {
  readonly connectionOptions: ConnectionOptions & { readonly address: string };
  readonly namespace: string;
}

/**
 * Reads where Temporal is, as `@temporalio/envconfig` does: `TEMPORAL_ADDRESS` and so on, else the profile of a file. An empty
 * variable counts as not set.
 *
 * @throws ConfigurationError that names the variable, or the file and the profile, and quotes nothing of them: an API key may
 *   stand there
 */
export function loadTemporalConfig(env: Env): TemporalConfig {
  const variables = definedVariables(env);
  const plainWanted = saysNoTls(variables['TEMPORAL_TLS']);
  const refuse = (problem: string) =>
    new ConfigurationError(`Temporal's configuration (${describeSource(env)}) cannot be used: ${problem}`);
  const { connectionOptions, namespace } = read(variables, refuse);
  const { address, apiKey, metadata, tls } = connectionOptions;
  const checked = configSchema.safeParse({
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_API_KEY: apiKey,
    TEMPORAL_GRPC_META: metadata,
  });
  if (!checked.success) throw refuse(describeIssues(checked.error));
  const { data } = checked;
  assertCertificates(tls, refuse);
  const hasKey = data.TEMPORAL_API_KEY !== undefined || data.TEMPORAL_GRPC_META['authorization'] !== undefined;
  if (hasKey && !tls && !plainWanted)
    throw refuse(
      'the API key (TEMPORAL_API_KEY, or the header "authorization") would be sent without TLS. Set TEMPORAL_TLS=true, or ' +
        'TEMPORAL_TLS=false to send it so all the same',
    );
  return {
    connectionOptions: {
      address: data.TEMPORAL_ADDRESS,
      metadata: data.TEMPORAL_GRPC_META,
      ...(data.TEMPORAL_API_KEY !== undefined && { apiKey: data.TEMPORAL_API_KEY }),
      ...(tls !== undefined && { tls }),
    },
    namespace: data.TEMPORAL_NAMESPACE,
  };
}

/** The library takes every word but "true" and "1" for no. */
function saysNoTls(word: string | undefined): boolean {
  if (word === undefined || word === 'true' || word === '1') return false;
  if (word === 'false' || word === '0') return true;
  throw new ConfigurationError('TEMPORAL_TLS: expected "true" or "false"');
}

const headerValue = z
  .string()
  .transform((value) => value.replace(/\r?\n$/, ''))
  .refine((value) => /^[\x20-\x7e]+$/.test(value), 'has characters that a header cannot carry, such as a line break');

const configSchema = z.object({
  TEMPORAL_ADDRESS: z.string().default('localhost:7233').refine(isAddress, 'expected host:port'),
  TEMPORAL_NAMESPACE: headerValue.default('default'),
  TEMPORAL_API_KEY: headerValue.optional(),
  TEMPORAL_GRPC_META: z
    .record(z.string().regex(/^[0-9a-z_.-]+(?<!-bin)$/, 'is no name of a header with a text'), headerValue)
    .default({}),
});

function isAddress(text: string): boolean {
  try {
    normalizeGrpcEndpointAddress(text, 7233);
    return true;
  } catch {
    return false;
  }
}

function assertCertificates(tls: ConnectionOptions['tls'], refuse: (problem: string) => Error): void {
  if (typeof tls !== 'object' || tls === null) return;
  const { clientCertPair: client, serverRootCACertificate: authority } = tls;
  if (authority && !isPem(authority, () => new X509Certificate(authority)))
    throw refuse('TEMPORAL_TLS_SERVER_CA_CERT_PATH or …_DATA is no certificate (PEM)');
  if (
    client &&
    !isPem(client.crt, () => createSecureContext({ cert: Buffer.from(client.crt), key: Buffer.from(client.key) }))
  )
    throw refuse(
      'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH (or …_DATA) are no certificate and its key (PEM)',
    );
}

function isPem(content: Uint8Array, parse: () => unknown): boolean {
  try {
    parse();
    return Buffer.from(content).includes('-----BEGIN');
  } catch {
    return false;
  }
}

function read(variables: Record<string, string>, refuse: (problem: string) => Error): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: variables });
  } catch (error) {
    throw refuse(problemOf(error));
  }
}

function describeSource({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: profile }: Env): string {
  return [
    file ? `TEMPORAL_CONFIG_FILE=${file}` : 'the default file, since TEMPORAL_CONFIG_FILE is not set',
    profile ? `TEMPORAL_PROFILE=${profile}` : 'profile "default"',
  ].join(', ');
}

/** The messages of the TOML parser and of the operating system repeat what stands in the file. */
function problemOf(error: unknown): string {
  if (!types.isNativeError(error)) return 'for an unknown reason';
  if ('line' in error && typeof error.line === 'number') return `it is not valid TOML; look at line ${error.line}`;
  if ('code' in error && typeof error.code === 'string')
    return `the file, or one that it or a variable TEMPORAL_TLS_… names, cannot be read (${error.code})`;
  if (/^Profile '.*' not found in config data$/.test(error.message)) return 'there is no such profile in the file';
  if (/^Cannot specify both \w+ and \w+$/.test(error.message)) return error.message;
  return 'the file is no configuration of Temporal; it needs a table such as [profile.default]';
}
