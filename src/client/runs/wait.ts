import { setTimeout as sleep } from 'node:timers/promises';
import type { ClientContext } from '../context';
import { withReconnect } from '../reconnect';
import { type Answer, readAnswer } from '../start';
import { heldError, type PushEnd } from '../wait';
import { findRun } from './find';
import type { Accepted } from './operate';

const FIRST_LOOK_MS = 200;

const MAX_PAUSE_MS = 2_000;

/**
 * Waits until a run that accepted an operation ends, or is held again. The hold that the operation ended does not count.
 *
 * @throws PushError if it does not deliver, or is held again (`state: 'held'`)
 */
export async function waitAfter(context: ClientContext, { workflowId, runId: told, hold }: Accepted): Promise<PushEnd> {
  for (let pause = FIRST_LOOK_MS; ; pause = Math.min(pause * 2, MAX_PAUSE_MS)) {
    const { summary, running } = await findRun(context, workflowId);
    const { runId } = summary;
    if (!running) {
      const { result, error } = await readClosed(context, workflowId, runId);
      if (error) throw error;
      if (!result) throw new Error(`the run ${runId} of ${workflowId} has no result`);
      return { workflowId, runId, result };
    }
    const isNew = runId !== told || (summary.hold?.number ?? 0) > (hold ?? 0);
    if (summary.hold && isNew) throw heldError(workflowId, runId, summary.hold);
    await sleep(pause);
  }
}

/** How a run that has ended did so. */
export async function readClosed({ temporal }: ClientContext, workflowId: string, runId: string): Promise<Answer> {
  const handle = temporal.workflow.getHandle(workflowId, runId, { followRuns: false });
  return readAnswer(
    { workflowId },
    runId,
    withReconnect(() => handle.result()),
  );
}
