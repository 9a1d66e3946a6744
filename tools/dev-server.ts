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

/** How a development server is started. */
export interface DevServerOptions {
  /** SQLite file in which runs survive the server; without one they are kept in memory. */
  readonly dbFilename?: string;
  /** Port for gRPC. Default: a free one. A given one is waited for when it is still taken (10 s). */
  readonly port?: number;
  /** Port for the Temporal UI. Default: a free one. */
  readonly uiPort?: number;
  /** Whether to serve the Temporal UI; default true. */
  readonly ui?: boolean;
  /** Names of Keyword search attributes; default those that the workflows set. */
  readonly searchAttributes?: readonly string[];
  /** Namespace to create; default `default`. */
  readonly namespace?: string;
  /** Address of a codec server that the UI uses, without a slash at its end. */
  readonly codecEndpoint?: string;
  /** Further settings of the server, such as `{ 'limit.historyCount.suggestContinueAsNew': 40 }`. */
  readonly dynamicConfig?: Readonly<Record<string, number | boolean>>;
  /** File that receives what the server prints. */
  readonly logFile?: string;
  /** Path of the Temporal CLI; default: what {@link findTemporalCli} finds. */
  readonly cli?: string;
}

/** A running development server. It ends with this process, however that ends. */
export interface DevServer {
  /** `127.0.0.1:PORT`, for gRPC. */
  readonly address: string;
  readonly port: number;
  readonly namespace: string;
  /** Address of the Temporal UI; undefined without it. */
  readonly uiUrl: string | undefined;
  readonly uiPort: number | undefined;
  readonly pid: number;
  /** Settles when the server has ended. */
  readonly exited: Promise<ProcessExit>;
  /** Ends the server; it may take its time to close the database. */
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
 * Starts Temporal's development server on loopback and waits until it answers and knows the search attributes.
 *
 * The three poll limits are raised because their defaults make each task of the single history shard wait up to 50 ms.
 * With a database file, write-ahead logging without waiting for the disk is faster than memory, and what was written
 * survives the death of the server (though not that of the machine). To restart a server, give its file and ports.
 *
 * It also makes SIGINT and SIGTERM end this process's children ({@link endAllOnExit}).
 *
 * @throws Error when no CLI is found, when the server does not answer within 60 s, or when it ends, with its last lines
 */
export async function startDevServer(options: DevServerOptions = {}): Promise<DevServer> {
  const cli = options.cli ?? (await findTemporalCli()).path;
  endAllOnExit();
  for (let start = 1; ; start++) {
    try {
      return await startOnce(cli, options);
    } catch (error) {
      // Between finding a free port and taking it somebody else can take it.
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

/** A free port of 127.0.0.1. Nothing keeps it free: take it soon, and expect that it can be gone. */
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

/** The port that could be bound and was let go again, or undefined when it is taken. */
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

/** Asked before gRPC is, which waits a second after a refused connection. */
async function accepts(port: number): Promise<void> {
  const socket = connect(port, HOST);
  try {
    await once(socket, 'connect');
  } finally {
    socket.destroy();
  }
}

/** Checks that the server serves the namespace, and registers the search attributes that are missing. */
async function prepare(address: string, namespace: string, searchAttributes: readonly string[]): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: '2s' });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    // The flags take effect where the namespace is created: a database file from before lacks newer attributes.
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
