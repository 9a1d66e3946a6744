import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { z } from 'zod';
import { connect, type HrflowClient } from '../src/client';
import { openContext, type ClientContext } from '../src/client/context';
import { generateEncryptionKey } from '../src/security/encryption/key-ring';
import { secretVariable } from '../src/security/secrets/references';
import { startDevServer, type DevServer } from '../tools/dev-server';
import { describeExit, startProcess, type ManagedProcess } from '../tools/processes';
import { WORKER_VARIABLES } from './worker-variables';

const ROOT = join(__dirname, '..');

/** What `bench/simulators.ts` prints. */
const simulatorsSchema = z.object({
  environment: z.record(z.string(), z.string()),
  hrflow: z.object({
    url: z.string(),
    originParameters: z.object({ api_secret: z.string(), api_user: z.string(), source_key: z.string() }),
  }),
  flatchr: z.object({
    auth: z.string(),
    subdomain: z.string(),
    vacancy: z.string(),
    enrich: z.object({ subdomain: z.string(), compagny: z.string() }),
  }),
  filesUrl: z.string(),
  flatchrUrl: z.string(),
  control: z.string(),
  profileKey: z.string(),
  /** Size of the profile as JSON. */
  profileBytes: z.number(),
});
export type SimulatorAddresses = z.infer<typeof simulatorsSchema>;

/** A worker process with its own task queue, and its clients. */
export interface Side {
  readonly worker: ManagedProcess;
  readonly client: HrflowClient;
  readonly context: ClientContext;
  close(): Promise<void>;
}

/** Options of a worker. */
export interface SideOptions {
  readonly name: string;
  readonly encryption: boolean;
  /** Size of the workflow cache, for a worker whose heap is measured. */
  readonly cached?: number;
}

/** One Temporal server and one set of simulators, each a process, shared by all contenders. */
export interface Stage {
  readonly server: DevServer;
  readonly simulators: ManagedProcess;
  readonly addresses: SimulatorAddresses;
  /** Where the answers of a recorded push must be written before the first echo. */
  readonly answersFile: string;
  open(options: SideOptions): Promise<Side>;
  /** Awaits the work. Fails if a process of the stage ends meanwhile, or after 30 minutes. */
  guard<T>(work: Promise<T>): Promise<T>;
  /** Clears what the simulators have recorded and stored. */
  resetSimulators(): Promise<void>;
  close(): Promise<void>;
}

/** Names of the secrets that the pushes refer to and that the workers have in their environment. */
export const SECRETS = { hrflow: 'bench/hrflow', flatchr: 'bench/flatchr', wrong: 'bench/wrong' } as const;

/** Limits so high that the rate limiter does not affect the measurements. */
const SETTINGS = { ratePerSecond: 10_000, maxInFlight: 1_000 };

const MAX_PART_MS = 30 * 60_000;

/**
 * Starts server and simulators and bundles the workflows once.
 *
 * @param textLength characters of free text in the profile; default: those of a parsed CV
 */
export async function openStage(textLength?: number): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const [server, simulators] = await Promise.all([
    startDevServer({ dbFilename: join(folder, 'temporal.db'), logFile: join(folder, 'server.log'), ui: false }),
    startProcess(process.execPath, ['--import', 'tsx', join(__dirname, 'simulators.ts')], {
      name: 'the simulators',
      cwd: ROOT,
      ...(textLength !== undefined && { env: { ...process.env, BENCH_TEXT_LENGTH: String(textLength) } }),
    }),
  ]);
  const line = await simulators.waitForLine(/^\{.*\}$/);
  const addresses = simulatorsSchema.parse(JSON.parse(line));
  const answersFile = join(folder, 'answers.json');
  const bundle = join(folder, 'bundle.js');
  const env = commonEnvironment(folder, server, addresses, { answers: answersFile, bundle });
  await writeBundle(bundle);
  const sides: Side[] = [];
  const deaths = [deathOf('the Temporal server', server), deathOf('the simulators', simulators)];
  return {
    server,
    simulators,
    addresses,
    answersFile,
    async open(options) {
      const side = await openSide(env, options);
      sides.push(side);
      deaths.push(deathOf(`the worker "${options.name}"`, side.worker));
      return side;
    },
    guard: (work) => Promise.race([work, ...deaths, timeIsUp()]),
    async resetSimulators() {
      await fetch(`${addresses.control}/reset`, { method: 'POST' });
    },
    async close() {
      for (const side of sides) await side.close();
      await Promise.all([simulators.kill(), server.kill()]);
    },
  };
}

/** Rejects after the maximum time of any part of the benchmark. */
async function timeIsUp(): Promise<never> {
  await delay(MAX_PART_MS, undefined, { ref: false });
  throw new Error(`the benchmark made no progress within ${MAX_PART_MS / 60_000} minutes`);
}

/** Rejects when a process ends. */
function deathOf(name: string, { exited }: Pick<ManagedProcess, 'exited'>): Promise<never> {
  const death = exited.then((exit) => {
    throw new Error(`${name} ended (${describeExit(exit)})`);
  });
  death.catch(() => undefined);
  return death;
}

function commonEnvironment(
  folder: string,
  server: DevServer,
  { environment, hrflow, flatchr }: SimulatorAddresses,
  { answers, bundle }: { answers: string; bundle: string },
) {
  const settings = join(folder, 'settings.json');
  const connectors = { hrflow: SETTINGS, flatchr: SETTINGS };
  writeFileSync(settings, JSON.stringify({ connectors }));
  const config = join(folder, 'temporal.toml');
  writeFileSync(config, '[profile.default]\n');
  return {
    ...environment,
    TEMPORAL_CONFIG_FILE: config,
    TEMPORAL_ADDRESS: server.address,
    TEMPORAL_NAMESPACE: server.namespace,
    HRFLOW_TEMPORAL_SETTINGS: settings,
    [secretVariable(SECRETS.hrflow)]: hrflow.originParameters.api_secret,
    [secretVariable(SECRETS.flatchr)]: flatchr.auth,
    [secretVariable(SECRETS.wrong)]: 'no key of anybody',
    [WORKER_VARIABLES.bundle]: bundle,
    [WORKER_VARIABLES.answers]: answers,
  };
}

async function writeBundle(path: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('./workflows'),
    failureConverterPath: require.resolve('../src/security/encryption/failure-converter'),
    logger: new DefaultLogger('ERROR'),
  });
  writeFileSync(path, code);
}

async function openSide(
  common: Readonly<Record<string, string>>,
  { name, encryption, cached }: SideOptions,
): Promise<Side> {
  const env: Record<string, string> = {
    ...common,
    HRFLOW_TEMPORAL_TASK_QUEUE: `bench-${name}`,
    ...(encryption
      ? { HRFLOW_TEMPORAL_ENCRYPTION_KEYS: generateEncryptionKey() }
      : { HRFLOW_TEMPORAL_ENCRYPTION: 'off' }),
    ...(cached !== undefined && { [WORKER_VARIABLES.cached]: String(cached) }),
  };
  const args = [...(cached === undefined ? [] : ['--expose-gc']), join(__dirname, 'worker-entry.cjs')];
  const worker = await startProcess(process.execPath, args, {
    name: `the worker "${name}"`,
    cwd: ROOT,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...env },
  });
  await worker.waitForLine(/worker started/, 60_000);
  const [client, context] = await Promise.all([connect({ env }), openContext({ env })]);
  return {
    worker,
    client,
    context,
    async close() {
      await Promise.all([client.close(), context.close(), worker.kill()]);
    },
  };
}
