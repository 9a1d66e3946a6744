import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTE_NAMES } from '../src/protocol/names';
import {
  describeExit,
  endAllOnExit,
  isSystemError,
  startProcess,
  type ManagedProcess,
  type ProcessExit,
} from './processes';
import { findTemporalCli } from './temporal-binaries';

/** Options of a development server. */
export interface DevServerOptions {
  /** SQLite file in which runs survive the server. Default: they are kept in memory. */
  readonly dbFilename?: string;
  /** Port for gRPC. Default: a free one. If the given one is taken, waits up to 10 s for it. */
  readonly port?: number;
  /** Port for the Temporal UI. Default: a free one. */
  readonly uiPort?: number;
  /** Whether to serve the Temporal UI. Default true. */
  readonly ui?: boolean;
  /** Names of Keyword search attributes. Default: those that the workflows set. */
  readonly searchAttributes?: readonly string[];
  /** Namespace to create. Default `default`. */
  readonly namespace?: string;
  /** Address of a codec server for the UI, without a trailing slash. */
  readonly codecEndpoint?: string;
  /** Further settings of the server, such as `{ 'limit.historyCount.suggestContinueAsNew': 40 }`. */
  readonly dynamicConfig?: Readonly<Record<string, number | boolean>>;
  /** File that receives what the server prints. */
  readonly logFile?: string;
  /** Path of the Temporal CLI. Default: what {@link findTemporalCli} finds. */
  readonly cli?: string;
}

/** A running development server. It ends with this process, however this process ends. */
export interface DevServer {
  /** `127.0.0.1:PORT`, for gRPC. */
  readonly address: string;
  readonly port: number;
  readonly namespace: string;
  /** Address of the Temporal UI; undefined if it is not served. */
  readonly uiUrl: string | undefined;
  readonly uiPort: number | undefined;
  readonly pid: number;
  /** Resolves once the server has ended. */
  readonly exited: Promise<ProcessExit>;
  /** Stops the server and waits until it has closed the database. */
  stop(): Promise<ProcessExit>;
  /** Kills the server at once (SIGKILL). */
  kill(): Promise<ProcessExit>;
}

const HOST = '127.0.0.1';
const READY_TIMEOUT_MS = 60_000;
const TAKEN_PORT_TIMEOUT_MS = 10_000;
const STARTS_ON_FREE_PORTS = 3;
const { INDEXED_VALUE_TYPE_KEYWORD } = temporal.api.enums.v1.IndexedValueType;

/**
 * Starts Temporal's development server on loopback and waits until it responds and has the search attributes.
 *
 * Raises three poll limits, because their defaults delay each task of the single history shard by up to 50 ms.
 * With a database file, write-ahead logging without waiting for the disk is faster than memory. What was written
 * survives a crash of the server, though not of the machine. To restart a server, pass its file and ports.
 *
 * Also makes SIGINT and SIGTERM stop this process's children ({@link endAllOnExit}).
 *
 * @throws Error if no CLI is found, if the server is not ready within 60 s, or if it ends, with its last lines
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const cli = options.cli ?? (await findTemporalCli()).path;
  endAllOnExit();
  for (let start = 1; ; start++) {
    try {
      return await startOnce(cli, options);
    } catch (error) {
      // Another process may have taken the free port in between.
      if (start === STARTS_ON_FREE_PORTS || !/address already in use|failed binding/i.test(String(error))) throw error;
    }
  }
}

async function startOnce(cli: string, options: DevServerOptions): Promise<DevServer> {
  const namespace = options.namespace ?? 'default';
  const searchAttributes = options.searchAttributes ?? SEARCH_ATTRIBUTE_NAMES;
  const port = await takePort(options.port);
  const uiPort = options.ui === false ? undefined : await takePort(options.uiPort);
  const server = await startProcess(cli, serverArguments({ ...options, namespace, searchAttributes, port, uiPort }), {
    name: 'the Temporal development server',
    logFile: options.logFile,
  });
  try {
    await untilReady(server, port, namespace, searchAttributes);
  } catch (error) {
    await server.kill();
    throw error;
  }
  return {
    address: `${HOST}:${String(port)}`,
    port,
    namespace,
    uiUrl: uiPort === undefined ? undefined : `http://${HOST}:${String(uiPort)}`,
    uiPort,
    pid: server.pid,
    exited: server.exited,
    stop: () => server.stop(),
    kill: () => server.kill(),
  };
}

function serverArguments(
  options: Required<Pick<DevServerOptions, 'namespace' | 'searchAttributes' | 'port'>> &
    Omit<DevServerOptions, 'uiPort'> & { readonly uiPort: number | undefined },
): string[] {
  const further = Object.entries(options.dynamicConfig ?? {}).flatMap(([name, value]) => [
    '--dynamic-config-value',
    `${name}=${JSON.stringify(value)}`,
  ]);
  const pollLimits = ['transfer', 'timer', 'visibility'].flatMap((queue) => [
    '--dynamic-config-value',
    `history.${queue}ProcessorMaxPollRPS=2000`,
  ]);
  const database =
    options.dbFilename === undefined
      ? []
      : [
          '--db-filename',
          options.dbFilename,
          '--sqlite-pragma',
          'journal_mode=wal',
          '--sqlite-pragma',
          'synchronous=off',
        ];
  const ui = options.uiPort === undefined ? ['--headless'] : ['--ui-port', String(options.uiPort)];
  const codec = options.codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', options.codecEndpoint];
  return [
    ...['server', 'start-dev', '--ip', HOST, '--port', String(options.port), '--namespace', options.namespace],
    ...['--log-level', 'warn', '--ui-disable-news-fetch'],
    ...pollLimits,
    ...further,
    ...database,
    ...ui,
    ...codec,
    ...options.searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
  ];
}

/** Returns a free port of 127.0.0.1. Nothing reserves it: bind it soon, and expect that it may be taken. */
export async function freePort(): Promise<number> {
  const port = await bind(0);
  if (port === undefined) throw new Error(`no free port on ${HOST}`);
  return port;
}

async function takePort(wanted: number | undefined): Promise<number> {
  if (wanted === undefined) return freePort();
  const deadline = Date.now() + TAKEN_PORT_TIMEOUT_MS;
  while ((await bind(wanted)) === undefined) {
    if (Date.now() > deadline) throw new Error(`port ${String(wanted)} of ${HOST} is taken by another process`);
    await delay(100);
  }
  return wanted;
}

/** Returns the port if it could be bound (and releases it); undefined if it is taken. */
async function bind(port: number): Promise<number | undefined> {
  const server = createServer();
  try {
    server.listen(port, HOST);
    await once(server, 'listening');
    const address = server.address();
    return typeof address === 'object' ? address?.port : undefined;
  } catch (error) {
    if (isSystemError(error, 'EADDRINUSE')) return undefined;
    throw error;
  } finally {
    server.close();
  }
}

async function untilReady(
  server: ManagedProcess,
  port: number,
  namespace: string,
  searchAttributes: readonly string[],
): Promise<void> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  let last: unknown = 'no answer';
  while (Date.now() < deadline) {
    if (server.ended !== undefined) {
      throw new Error(`the Temporal development server ended (${describeExit(server.ended)})\n${server.output()}`);
    }
    try {
      await accepts(port);
      await prepare(`${HOST}:${String(port)}`, namespace, searchAttributes);
      return;
    } catch (error) {
      last = error;
      await Promise.race([delay(50), server.exited]);
    }
  }
  throw new Error(`the Temporal development server was not ready in time: ${String(last)}\n${server.output()}`);
}

/** Probes the port before gRPC does, which waits a second after a refused connection. */
async function accepts(port: number): Promise<void> {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** Checks that the server serves the namespace, and registers missing search attributes. */
async function prepare(address: string, namespace: string, searchAttributes: readonly string[]): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2s' });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    // The flags only take effect when the namespace is created: an older database file lacks newer attributes.
    const missing = searchAttributes.filter((name) => !(name in customAttributes));
    if (missing.length === 0) return;
    await connection.operatorService.addSearchAttributes({
      namespace,
      searchAttributes: Object.fromEntries(missing.map((name) => [name, INDEXED_VALUE_TYPE_KEYWORD])),
    });
  } finally {
    await connection.close();
  }
}
