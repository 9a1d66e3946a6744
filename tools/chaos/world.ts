import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, type HrflowClient } from '../../src/client';
import { openContext, type ClientContext } from '../../src/client/context';
import { generateEncryptionKey } from '../../src/security/encryption/key-ring';
import { startSimulators, type Simulators } from '../../test/simulators';
import { startDevServer, type DevServer } from '../dev-server';
import { workerSettings, type Limits } from './timing';

/** Everything that a fault run needs except workers and faults, all on 127.0.0.1. */
export interface World {
  readonly simulators: Simulators;
  /** Two clients, each with its own connection, like two servers of an app. */
  readonly clients: readonly [HrflowClient, HrflowClient];
  /** For what operators do besides the clients: cancel, terminate, update, read. */
  readonly context: ClientContext;
  /** The environment of the worker processes. */
  readonly env: NodeJS.ProcessEnv;
  /** Ends the Temporal server, by SIGKILL or gracefully, and starts it on the same port with the same database. */
  restartServer(how: 'kill' | 'stop'): Promise<void>;
  close(): Promise<void>;
}

/** Short, so that tokens expire while workers run. */
const TOKEN_SECONDS = 5;

/** Starts simulators, Temporal server and clients. */
export async function openWorld(limits: Limits): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-chaos-'));
  const forget = (): void => rmSync(folder, { recursive: true, force: true });
  // An interrupted run does not reach close().
  process.once('exit', forget);
  const simulators = await startSimulators({ talentSoft: { tokenSeconds: TOKEN_SECONDS } });
  const options = { dbFilename: join(folder, 'temporal.db'), logFile: join(folder, 'server.log'), ui: false };
  let server: DevServer = await startDevServer(options);
  const { address, port } = server;
  const env = environment(folder, simulators, { address, limits });
  const clients = [await connect({ env }), await connect({ env })] as const;
  const context = await openContext({ env });
  return {
    simulators,
    clients,
    context,
    env,
    async restartServer(how) {
      await server[how]();
      server = await startDevServer({ ...options, port });
    },
    async close() {
      await Promise.allSettled([...clients, context].map((open) => open.close()));
      await server.stop();
      await simulators.close();
      forget();
      process.off('exit', forget);
    },
  };
}

function environment(
  folder: string,
  simulators: Simulators,
  { address, limits }: { readonly address: string; readonly limits: Limits },
): NodeJS.ProcessEnv {
  const settingsFile = join(folder, 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(workerSettings(limits)));
  return {
    ...process.env,
    ...simulators.environment(),
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: 'default',
    HRFLOW_TEMPORAL_TASK_QUEUE: 'hrflow-chaos',
    HRFLOW_TEMPORAL_SETTINGS: settingsFile,
    HRFLOW_TEMPORAL_ENCRYPTION_KEYS: generateEncryptionKey(),
    HRFLOW_TEMPORAL_LOG: 'error',
  };
}
