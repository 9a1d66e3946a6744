import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { reachTemporal } from './client/reach';
import { readEnvironment, type Env } from './config/environment';
import { HrflowConnectorsPlugin, type HrflowConnectorsPluginOptions } from './worker/plugin';
import { loadTemporalConfig } from './config/temporal';

export interface ConnectorsWorkerOptions extends HrflowConnectorsPluginOptions {
  /** Default: `HRFLOW_TEMPORAL_TASK_QUEUE`, else `hrflow-connectors`. */
  readonly taskQueue?: string;
  /** Default: a new connection, configured by `@temporalio/envconfig` (`TEMPORAL_ADDRESS` and so on). */
  readonly connection?: NativeConnection;
  /** Used only together with `connection`. Default: `default`. */
  readonly namespace?: string;
  /** Overrides options of `Worker.create`, such as slots and caches. */
  readonly worker?: Partial<WorkerOptions>;
}

/** A worker that closes the connection it opened. */
export interface ConnectorsWorker {
  readonly worker: Worker;
  /**
   * Polls until `worker.shutdown()` or a signal. Stops waiting activities at once, so that another worker takes them over. Finishes a
   * create that has been sent. Then closes the connection that `createConnectorsWorker` opened.
   *
   * @throws Error if the worker dies
   */
  run(): Promise<void>;
}

/**
 * Creates a worker with the plugin, the prebuilt workflow bundle and a connection from the environment. Installs no `Runtime`: the
 * owner of the process can install one first.
 *
 * @throws TemporalUnreachableError if no server responds for 10 s, and at once if it refuses this worker or lacks the namespace
 * @throws ConfigurationError, EncryptionKeyMissingError and others that name the invalid variable
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
      // Cancels waiting activities at once. The worker still waits for creates that have been sent, without a limit.
      shutdownGraceTime: 0,
      ...options.worker,
      plugins,
    });
    return { worker, run: () => worker.run().finally(() => opened?.connection.close()) };
  } catch (error) {
    // An open connection would keep the process alive.
    await opened?.connection.close();
    throw error;
  }
}

/** Checks server and namespace first: the SDK connects without a deadline, and a worker in a missing namespace never exits. */
async function connectFromEnvironment(env: Env) {
  const { connectionOptions, namespace } = loadTemporalConfig(env);
  await (await reachTemporal(connectionOptions, { namespace, seeNamespace: true })).close();
  return { connection: await NativeConnection.connect(connectionOptions), namespace };
}

/** Returns the bundle that `npm run build` made. Without one, the worker bundles the workflows when it starts. */
function workflowSource(): Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath'> {
  const codePath = join(__dirname, 'workflow-bundle.js');
  return existsSync(codePath) ? { workflowBundle: { codePath } } : { workflowsPath: require.resolve('./workflows') };
}
