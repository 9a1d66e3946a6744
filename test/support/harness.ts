import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import { connect, type HrflowClient } from '../../src/client';
import { openContext, type ClientContext } from '../../src/client/context';
import type { Env } from '../../src/config/environment';
import type { UserFunctions } from '../../src/push/functions';
import { HrflowConnectorsPlugin } from '../../src/worker/plugin';
import { generateEncryptionKey } from '../../src/security/encryption/key-ring';
import { seedSampleData, startSimulators, type Simulators } from '../simulators';
import { quickSettings } from './settings';

export interface HarnessOptions {
  readonly functions?: UserFunctions;
  readonly settings?: unknown;
  readonly env?: Env;
  /** `off`: payloads are readable, and secrets are references into the environment. */
  readonly encryption?: 'off';
  readonly worker?: Partial<WorkerOptions>;
}

/** Simulators, a worker in this process and a client on the shared Temporal server, with their own task queue. */
export interface Harness {
  readonly simulators: Simulators;
  readonly client: HrflowClient;
  readonly context: ClientContext;
  readonly env: Env;
  startWorker(options?: Pick<HarnessOptions, 'functions' | 'worker'>): Promise<RunningWorker>;
  /** Returns the parameter groups of a push for a sample profile by its number. */
  request(connector: 'talentSoft' | 'oracleORC' | 'flatchr', profile?: number): Groups;
  close(): Promise<void>;
}

export interface Groups {
  originParameters: Record<string, unknown>;
  targetParameters: Record<string, unknown>;
}

export interface RunningWorker {
  readonly worker: Worker;
  stop(): Promise<void>;
}

let runtimeInstalled = false;

/** Installs a quiet logger, once per test file: a process has only one native runtime. */
export function installRuntime(): void {
  if (runtimeInstalled) return;
  runtimeInstalled = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
}

export function temporalAddress(): string {
  return required('TEST_TEMPORAL_ADDRESS');
}

export async function startHarness(options: HarnessOptions = {}): Promise<Harness> {
  installRuntime();
  const simulators = await startSimulators();
  const profiles = seedSampleData(simulators);
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-harness-'));
  const settingsFile = join(folder, 'settings.json');
  writeFileSync(settingsFile, JSON.stringify(options.settings ?? quickSettings()));
  const env: Env = {
    ...simulators.environment(),
    TEMPORAL_ADDRESS: temporalAddress(),
    HRFLOW_TEMPORAL_TASK_QUEUE: `test-${randomUUID()}`,
    HRFLOW_TEMPORAL_SETTINGS: settingsFile,
    ...(options.encryption === 'off'
      ? plainEnvironment(simulators)
      : { HRFLOW_TEMPORAL_ENCRYPTION_KEYS: generateEncryptionKey() }),
    ...options.env,
  };
  const client = await connect({ env });
  const context = await openContext({ env });
  const connection = await NativeConnection.connect({ address: env['TEMPORAL_ADDRESS'] ?? temporalAddress() });
  const workers = new Set<RunningWorker>();

  return {
    simulators,
    client,
    context,
    env,
    async startWorker(own = {}) {
      const functions = own.functions ?? options.functions;
      const worker = await Worker.create({
        connection,
        taskQueue: String(env['HRFLOW_TEMPORAL_TASK_QUEUE']),
        workflowBundle: { codePath: required('TEST_WORKFLOW_BUNDLE') },
        ...options.worker,
        ...own.worker,
        plugins: [new HrflowConnectorsPlugin({ env, ...(functions && { functions }) })],
      });
      const running = worker.run();
      const started: RunningWorker = {
        worker,
        async stop() {
          workers.delete(started);
          if (worker.getState() === 'RUNNING') worker.shutdown();
          await running;
        },
      };
      workers.add(started);
      return started;
    },
    request(connector, profile = 0) {
      const addresses = simulators.addresses();
      const key = profiles[profile]?.key ?? '';
      const groups = {
        originParameters: { ...addresses.hrflow.originParameters, profile_key: key },
        targetParameters: { ...addresses[connector] },
      };
      return options.encryption === 'off' ? withReferences(groups) : groups;
    },
    async close() {
      for (const worker of [...workers]) await worker.stop();
      await Promise.all([client.close(), context.close(), connection.close(), simulators.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const SECRETS = ['api_secret', 'client_secret_front', 'client_secret_back', 'password', 'auth'];

/** Switches encryption off explicitly and puts every secret of the simulators into the environment. */
function plainEnvironment(simulators: Simulators): Env {
  const { hrflow, talentSoft, oracleORC, flatchr } = simulators.addresses();
  const values = { ...hrflow.originParameters, ...talentSoft, ...oracleORC.authData, ...flatchr };
  const variables = Object.entries(values).flatMap(([name, value]) =>
    SECRETS.includes(name) && typeof value === 'string' ? [[`HRFLOW_SECRET_${name.toUpperCase()}`, value]] : [],
  );
  return { HRFLOW_TEMPORAL_ENCRYPTION: 'off', ...Object.fromEntries(variables) };
}

function withReferences(groups: Groups): Groups {
  const text = JSON.stringify(groups, (name, value: unknown) => (SECRETS.includes(name) ? { secret: name } : value));
  return JSON.parse(text) as Groups;
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the integration project of jest`);
  return value;
}
