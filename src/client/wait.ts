import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { runMemoSchema } from '../history/stored-shapes';
import type { HoldMemo, RunResult } from '../protocol/messages';
import type { ClientContext } from './context';
import { PushError } from './errors';
import type { CheckedPush } from './request';
import { withReconnect } from './reconnect';
import {
  afterClosedRun,
  assertSamePush,
  isDelivered,
  memoOf,
  readAnswer,
  resultFor,
  startPush,
  type Started,
} from './start';

/** Callbacks that report progress to a user. */
export interface PushNotices {
  /** Temporal accepted the run. */
  readonly onAccepted?: (run: { readonly workflowId: string; readonly runId: string }) => void;
  /** No worker has started the run within 10 s. Called once. */
  readonly onNoWorker?: (taskQueue: string) => void;
  /** The server has stopped responding, and the client keeps retrying. Called once per outage. */
  readonly onTrouble?: () => void;
}

const FIRST_LOOK_MS = 1_000;
/** A check costs the server about as much as an activity: with many pushes in flight, checks must be few. */
const NEXT_LOOK_MS = 3_000;
const NO_WORKER_AFTER_MS = 10_000;
/** Two clients may take turns in starting further runs. More turns than this have another cause. */
const MAX_RUNS = 5;

/** How a push ended: its run and its result. */
export interface PushEnd {
  readonly workflowId: string;
  readonly runId: string;
  readonly result: RunResult;
}

/**
 * Starts a push and waits for its end. Starts a further run after a run that was joined and did not deliver.
 *
 * @throws PushError if the push failed, or is held (`state: 'held'`)
 */
export async function push(context: ClientContext, asked: CheckedPush, notices: PushNotices = {}): Promise<PushEnd> {
  let started = await startPush(context, asked, notices);
  const { workflowId } = asked;
  notices.onAccepted?.({ workflowId, runId: started.runId });
  for (let runs = 1; started.how === 'running'; runs += 1) {
    const { runId } = started;
    const answer = await waitForEnd(context, asked, started, notices);
    const final = runs >= MAX_RUNS || isDelivered(asked, answer.result) || (await isOwn(asked, started));
    if (final) return { workflowId, runId, result: resultFor(asked, answer) };
    started = await afterClosedRun(context, asked, notices);
  }
  return { workflowId, runId: started.runId, result: started.result };
}

type Running = Extract<Started, { how: 'running' }>;

async function isOwn(asked: CheckedPush, started: Running): Promise<boolean> {
  if (started.own !== null) return started.own;
  const { memo } = await withReconnect(() => started.handle.describe());
  return memoOf(asked, memo, started.runId).startId === asked.startId;
}

async function waitForEnd(
  context: ClientContext,
  asked: CheckedPush,
  { handle, runId }: Running,
  notices: PushNotices,
) {
  const over = new AbortController();
  const { signal } = over;
  const { answeredAt, untilAborted } = context;
  const result = withReconnect(() => untilAborted(signal, () => handle.result()), { ...notices, signal, answeredAt });
  const ended = readAnswer(asked, runId, result);
  const held = watchForHold(context, asked, handle, notices, signal);
  for (const loser of [ended, held]) loser.catch(() => undefined);
  try {
    return await Promise.race([ended, held]);
  } finally {
    over.abort();
  }
}

/** Checks periodically whether the run is held, because a held run has no result. Ends by throwing. */
async function watchForHold(
  { temporal, taskQueue, answeredAt, untilAborted }: ClientContext,
  asked: CheckedPush,
  { workflowId }: WorkflowHandle,
  notices: PushNotices,
  signal: AbortSignal,
): Promise<never> {
  const latest = temporal.workflow.getHandle(workflowId);
  const noWorkerAt = Date.now() + NO_WORKER_AFTER_MS;
  let saidNoWorker = false;
  for (let pause = FIRST_LOOK_MS; ; pause = NEXT_LOOK_MS) {
    // One check comes exactly when the absence of workers is due to be reported.
    const untilNotice = noWorkerAt - Date.now();
    await sleep(untilNotice > 0 ? Math.min(pause, untilNotice) : pause, undefined, { signal });
    const look = () => untilAborted(signal, () => latest.describe());
    const description = await withReconnect(look, { signal, answeredAt });
    assertSamePush(asked, memoOf(asked, description.memo, description.runId), description.runId);
    const hold = holdOf(description);
    if (hold) throw heldError(workflowId, description.runId, hold);
    if (!saidNoWorker && Date.now() >= noWorkerAt && isUntouched(description)) {
      saidNoWorker = true;
      notices.onNoWorker?.(taskQueue);
    }
  }
}

/** Returns the hold of a held run, or null. The status overrides the memo. */
export function holdOf({ status, memo }: Pick<WorkflowExecutionDescription, 'status' | 'memo'>): HoldMemo | null {
  if (status.name !== 'RUNNING') return null;
  return runMemoSchema.safeParse(memo).data?.hold ?? null;
}

export function heldError(workflowId: string, runId: string, hold: HoldMemo): PushError {
  return new PushError(hold.error, hold.result, { workflowId, runId }, 'held');
}

function isUntouched({ status, raw, historyLength }: WorkflowExecutionDescription): boolean {
  return status.name === 'RUNNING' && historyLength <= 3 && !raw.pendingWorkflowTask?.startedTime;
}
