import { Client } from '@temporalio/client';
import { readEnvironment, type Env } from '../config/environment';
import {
  encryptionNamespace,
  keyRingFromEnvironment,
  type KeyRing,
  type KeyRingProvider,
} from '../security/encryption/key-ring';
import { createDataConverter } from '../security/encryption/payload-codec';
import { loadTemporalConfig } from '../config/temporal';
import { reachTemporal } from './reach';
import { createRepeats } from './grpc-retry';
import { knownSearchAttributes } from './search-attributes';

export interface ConnectOptions {
  /** Where variables are read. Default `process.env`. */
  readonly env?: Env;
  /** `host:port`; default `TEMPORAL_ADDRESS`, else `localhost:7233`. */
  readonly address?: string;
  /** Default `TEMPORAL_NAMESPACE`, else `default`. */
  readonly namespace?: string;
  /** Default `HRFLOW_TEMPORAL_TASK_QUEUE`, else `hrflow-connectors`. */
  readonly taskQueue?: string;
  /** Encryption keys, where they do not come from the environment; `'off'` switches encryption off. */
  readonly keys?: KeyRing | KeyRingProvider | 'off';
  /**
   * Binds what is encrypted to this namespace, see `PayloadCodecOptions.namespace`: the same for every worker and client.
   * Default `HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE`, else not bound.
   */
  readonly encryptionNamespace?: string;
  /** How long the first connection may take, in milliseconds. Default 10,000. */
  readonly connectTimeoutMs?: number;
}

/** A page of a history may have more than the 4 MB of gRPC. The SDK means to allow these 128 MB, and misspells the option (1.24.0). */
const CHANNEL = { 'grpc.max_receive_message_length': 128 * 1024 * 1024 };

/** A connection to Temporal, and what every operation of the client needs to know. */
export interface ClientContext {
  readonly temporal: Client;
  readonly address: string;
  readonly taskQueue: string;
  /** Whether payloads are encrypted, so that secrets may stand in the parameters themselves. */
  readonly encrypted: boolean;
  /** The search attributes of this package that the server knows, requested once. */
  searchAttributes(): Promise<readonly string[]>;
  /** When the server last answered, as `performance.now()` counts. */
  readonly answeredAt: () => number;
  /** Makes calls that end when the signal says so. */
  readonly untilAborted: <T>(signal: AbortSignal, calls: () => Promise<T>) => Promise<T>;
  close(): Promise<void>;
}

/**
 * Connects to Temporal.
 *
 * @throws EncryptionKeyMissingError if no key is set and encryption is not switched off explicitly
 * @throws ConfigurationError if the configuration of Temporal cannot be used
 * @throws TemporalUnreachableError if the server does not answer in time, or refuses this client
 */
export async function openContext(options: ConnectOptions = {}): Promise<ClientContext> {
  const env = options.env ?? process.env;
  const keys = options.keys ?? keyRingFromEnvironment(env);
  const config = loadTemporalConfig(env);
  const address = options.address ?? config.connectionOptions.address;
  const namespace = options.namespace ?? config.namespace;
  const repeats = createRepeats();
  const connectionOptions = {
    ...config.connectionOptions,
    address,
    interceptors: [...repeats.interceptors],
    channelArgs: CHANNEL,
  };
  const connection = await reachTemporal(connectionOptions, { namespace, timeoutMs: options.connectTimeoutMs });
  repeats.begin();
  const bound = options.encryptionNamespace ?? encryptionNamespace(env);
  const dataConverter = createDataConverter(keys, { namespace: bound });
  const temporal = new Client({ connection, namespace, dataConverter });
  return {
    temporal,
    address,
    taskQueue: options.taskQueue ?? readEnvironment(env).taskQueue,
    encrypted: keys !== 'off',
    searchAttributes: knownSearchAttributes(connection.operatorService, namespace),
    answeredAt: repeats.answeredAt,
    untilAborted: repeats.untilAborted,
    async close() {
      await repeats.end();
      await connection.close();
    },
  };
}
