// Health check of a worker's container: asks Temporal whether a worker of this host polls the task queue. The SDK names
// a worker PROCESS@HOST, and the host of a container is its id.
import { hostname } from 'node:os';
import { Connection } from '@temporalio/client';
import { loadTemporalConfig } from '../dist/temporal-config.js';

const WORKFLOW_QUEUE = 1;
const name = process.env.HRFLOW_TEMPORAL_TASK_QUEUE || 'hrflow-connectors';

const { connectionOptions, namespace = 'default' } = loadTemporalConfig(process.env);
const connection = await Connection.connect({ ...connectionOptions, connectTimeout: '5s' });
const { pollers } = await connection.workflowService.describeTaskQueue({
  namespace,
  taskQueue: { name },
  taskQueueType: WORKFLOW_QUEUE,
});
await connection.close();
if (!pollers.some(({ identity }) => identity?.endsWith(`@${hostname()}`))) {
  throw new Error(`no worker of ${hostname()} polls the task queue ${name}`);
}
