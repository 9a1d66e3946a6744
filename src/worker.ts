import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { reachTemporal } from './client/reach';
import { readEnvironment, type Env } from './config/environment';
import { HrflowConnectorsPlugin, type HrflowConnectorsPluginOptions } from './worker/plugin';
import { loadTemporalConfig } from './config/temporal';

export interface ConnectorsWorkerOptions extends HrflowConnectorsPluginOptions {
  /** Default `HRFLOW_TEMPORAL_TASK_QUEUE`, else `hrflow-connectors`. */
  readonly taskQueue?: string;
  /** Default: a connection as `@temporalio/envconfig` reads it (`TEMPORAL_ADDRESS` and so on). */
  readonly connection?: NativeConnection;
  /** With `connection`; default `default`. */
  readonly namespace?: string;
  /** Passed on to `Worker.create`, for slots and caches. */
  readonly worker?: Partial<WorkerOptions>;
}

/** A worker and the end of what it opened. */
export interface ConnectorsWorker {
  readonly worker: Worker;
  /**
   * Polls until `worker.shutdown()` or a signal. Activities that wait are stopped at once and go on elsewhere; a create that has
   * left is finished first. Closes the connection that this function opened.
   *
   * @throws Error if the worker dies
   */
  run(): Promise<void>;
}

/**
 * A ready worker: the plugin, the prebuilt workflow bundle, a connection from the environment. It installs no `Runtime`: whoever
 * owns the process may do so first.
 *
 * @throws TemporalUnreachableError if no server answers for 10 s, and at once if it refuses this worker or lacks the namespace
 * @throws ConfigurationError, EncryptionKeyMissingError and others naming the variable that cannot be used
 */
export async function createConnectorsWorker(options: ConnectorsWorkerOptions = {}): Promise<ConnectorsWorker> {
  const env = options.env ?? process.env;
  const taskQueue = options.taskQueue ?? readEnvironment(env).taskQueue;
  const plugins = [new HrflowConnectorsPlugin(options), ...(options.worker?.plugins ?? [])];
  const opened = options.connection ? null : await connectFromEnvironment(env);
  try {
    const worker = await Worker.create({
      connection: options.connection ?? opened?.connection,
      namespace: options.namespace ?? opened?.namespace ?? 'default',
      taskQueue,
      ...workflowSource(),
      // Nothing waits for an activity that only waits itself; creates that have left are waited for without an end.
      shutdownGraceTime: 0,
      ...options.worker,
      plugins,
    });
    return { worker, run: () => worker.run().finally(() => opened?.connection.close()) };
  } catch (error) {
    // An open connection would keep the process.
    await opened?.connection.close();
    throw error;
  }
}

/** The connection of the SDK has neither a deadline nor words, and a worker in a namespace that is not there keeps the process. */
async function connectFromEnvironment(env: Env) {
  const { connectionOptions, namespace } = loadTemporalConfig(env);
  await (await reachTemporal(connectionOptions, { namespace, seeNamespace: true })).close();
  return { connection: await NativeConnection.connect(connectionOptions), namespace };
}

/** The bundle that `npm run build` made; without one the worker bundles at its start. */
function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = join(__dirname, 'workflow-bundle.js');
  return existsSync(codePath) ? { workflowBundle: { codePath } } : { workflowsPath: require.resolve('./workflows') };
}
