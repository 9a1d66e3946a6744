import { temporal as proto } from '@temporalio/proto';
import type { ClientContext } from '../context';

/** The server remembers pollers for longer than they live. */
const POLL_SECONDS = 70;

/** How many workers polled a task queue of late (a poll lasts a minute); null if the server does not say. */
export async function countWorkers({ temporal }: ClientContext, taskQueue: string): Promise<number | null> {
  try {
    const { pollers } = await temporal.workflowService.describeTaskQueue({
      namespace: temporal.options.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: proto.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    });
    const since = Date.now() / 1_000 - POLL_SECONDS;
    return pollers.filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) >= since).length;
  } catch {
    return null;
  }
}
