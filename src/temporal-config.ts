import { types } from 'node:util';
import { loadClientConnectConfig, type ClientConnectConfig } from '@temporalio/envconfig';
import { definedVariables, type Env } from './environment';
import { ConfigurationError } from './settings';

type ConnectionOptions = ClientConnectConfig['connectionOptions'];

/** Where Temporal is, and how to talk to it. */
export interface TemporalConfig {
  readonly connectionOptions: ConnectionOptions & { readonly address: string };
  readonly namespace: string;
}

/**
 * Reads where Temporal is, as `@temporalio/envconfig` does: `TEMPORAL_ADDRESS` and so on, else the profile of a file.
 *
 * @throws ConfigurationError that names the file and the profile and quotes nothing of them: an API key may stand there
 */
export function loadTemporalConfig(env: Env): TemporalConfig {
  const { connectionOptions, namespace = 'default' } = read(env);
  return {
    connectionOptions: { ...connectionOptions, address: connectionOptions.address ?? 'localhost:7233' },
    namespace,
  };
}

function read(env: Env): ClientConnectConfig {
  try {
    return loadClientConnectConfig({ overrideEnvVars: definedVariables(env) });
  } catch (error) {
    throw new ConfigurationError(`Temporal's configuration (${placeOf(env)}) cannot be used: ${problemOf(error)}`);
  }
}

function placeOf({ TEMPORAL_CONFIG_FILE: file, TEMPORAL_PROFILE: profile }: Env): string {
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
