import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { HrflowConnectorsPlugin } from '../src/worker/plugin';
import { createEchoActivities } from './echo-activities';
import { WORKER_VARIABLES } from './worker-variables';

/**
 * Runs a worker for both the pushes and the yardstick. Prints `worker started`. With a measured cache, each SIGUSR2 makes it print
 * `heap N {"heapUsed":bytes,"rss":bytes}` after a forced garbage collection.
 */
async function main(): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    // The default includes SIGUSR2.
    shutdownSignals: ['SIGTERM'],
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' }, forward: {} } },
  });
  const cached = process.env[WORKER_VARIABLES.cached];
  const worker = await Worker.create({
    connection: await NativeConnection.connect({ address: required('TEMPORAL_ADDRESS') }),
    taskQueue: required('HRFLOW_TEMPORAL_TASK_QUEUE'),
    workflowBundle: { codePath: required(WORKER_VARIABLES.bundle) },
    activities: { ...createEchoActivities(required(WORKER_VARIABLES.answers)) },
    shutdownGraceTime: 0,
    // Debug mode runs workflows in the main thread, the only one whose heap can be measured.
    ...(cached !== undefined && { maxCachedWorkflows: Number(cached), debugMode: true }),
    plugins: [new HrflowConnectorsPlugin()],
  });
  if (cached !== undefined) tellHeapWhenAsked();
  const running = worker.run();
  console.log('worker started');
  await running;
  // The connection would keep the process alive.
  process.exit(0);
}

function tellHeapWhenAsked(): void {
  let times = 0;
  process.on('SIGUSR2', () => {
    globalThis.gc?.();
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    times += 1;
    console.log(`heap ${times} ${JSON.stringify({ heapUsed, rss })}`);
  });
}

function required(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
