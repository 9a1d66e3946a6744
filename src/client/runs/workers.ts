import { temporal as proto } from '@temporalio/proto';
import { epochMsOf } from '../../history/time';
import type { ClientContext } from '../context';

/** How long after its last poll a worker counts, in milliseconds. The server remembers pollers for longer than they live. */
const POLL_MS = 70_000;

/** Returns how many workers have polled a task queue recently (a poll lasts a minute). Null if the server does not say. */
export async function countWorkers({ temporal }: ClientContext, taskQueue: string): Promise<number | null> {
  try {
    const { pollers } = await temporal.workflowService.describeTaskQueue({
      namespace: temporal.options.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: proto.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    });
    const since = Date.now() - POLL_MS;
    return pollers.filter(({ lastAccessTime }) => (epochMsOf(lastAccessTime) ?? 0) >= since).length;
  } catch {
    return null;
  }
}
