import {
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { randomUUID } from 'node:crypto';
import type { AbandonArgs, ResolveArgs } from '../../protocol/messages';
import type { UPDATE_NAMES } from '../../protocol/names';
import type { ClientContext } from '../context';
import { withReconnect } from '../reconnect';
import { type Corrections, correctionsOf } from './corrections';
import { OperationRefusedError, OperationUnansweredError } from './errors';
import { findRun, type FoundRun } from './find';
import { countWorkers } from './workers';

/** How long a run may take to answer an update, in milliseconds: its worker replays it first. */
const UPDATE_DEADLINE_MS = 15_000;

/** How often an update may meet a run that continues as new before it counts as another problem. */
const MAX_REPEATS = 5;

/** A run took the operation. */
export interface Accepted {
  readonly workflowId: string;
  readonly runId: string;
  /** The number of the hold that the operation ended; null if the run was not held. */
  readonly hold: number | null;
}

type UpdateName = (typeof UPDATE_NAMES)[number];

/**
 * Lets a held run go on, with corrected parameters if need be.
 *
 * @throws OperationRefusedError with the reason, InputError if the corrected request is not valid, OperationUnansweredError
 */
export async function retryRun(
  context: ClientContext,
  workflowId: string,
  corrections: Corrections = {},
): Promise<Accepted> {
  const run = await findOpenRun(context, workflowId);
  return update(context, run, 'retry', await correctionsOf(context, run, corrections));
}

/**
 * Records what an operator found in the ATS.
 *
 * @throws OperationRefusedError with the reason, OperationUnansweredError
 */
export async function resolveRun(context: ClientContext, workflowId: string, seen: ResolveArgs): Promise<Accepted> {
  return update(context, await findOpenRun(context, workflowId), 'resolve', seen);
}

/**
 * Ends a run as failed, with what is known.
 *
 * @throws OperationRefusedError with the reason, OperationUnansweredError
 */
export async function abandonRun(context: ClientContext, workflowId: string, args: AbandonArgs): Promise<Accepted> {
  return update(context, await findOpenRun(context, workflowId), 'abandon', args);
}

async function findOpenRun(context: ClientContext, workflowId: string): Promise<FoundRun> {
  const run = await findRun(context, workflowId);
  if (run.running) return run;
  const status = run.description.status.name.toLowerCase().replaceAll('_', ' ');
  throw new OperationRefusedError(
    `The run of ${workflowId} has ended (${status}). Start the same push again: it finds out what is in the ATS before it sends anything.`,
  );
}

async function update(context: ClientContext, run: FoundRun, name: UpdateName, args: object): Promise<Accepted> {
  const { workflowId, runId, hold } = run.summary;
  const updateId = randomUUID();
  for (let repeats = 0; ; repeats += 1) {
    try {
      await withReconnect(() => sendUpdate(context, run, name, args, updateId));
      return { workflowId, runId, hold: hold?.number ?? null };
    } catch (error) {
      if (error instanceof WorkflowUpdateFailedError) throw new OperationRefusedError(reasonOf(error));
      if (!(error instanceof WorkflowNotFoundError) || repeats >= MAX_REPEATS) throw error;
      // The run is continuing as new. If it has really ended, this reports it.
      await findOpenRun(context, workflowId);
    }
  }
}

async function sendUpdate(
  context: ClientContext,
  run: FoundRun,
  name: UpdateName,
  args: object,
  updateId: string,
): Promise<void> {
  const { temporal } = context;
  const handle = temporal.workflow.getHandle(run.summary.workflowId);
  try {
    await temporal.withDeadline(Date.now() + UPDATE_DEADLINE_MS, () =>
      handle.executeUpdate(name, { args: [args], updateId }),
    );
  } catch (error) {
    if (!(error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)) throw error;
    throw new OperationUnansweredError(await whyUnanswered(context, run));
  }
}

/** The validators of our workflows speak in our own words. */
function reasonOf({ cause }: WorkflowUpdateFailedError): string {
  return cause?.message ?? 'The run refused it.';
}

async function whyUnanswered(context: ClientContext, { description: { taskQueue } }: FoundRun): Promise<string> {
  const seconds = UPDATE_DEADLINE_MS / 1_000;
  const pollers = await countWorkers(context, taskQueue);
  const why =
    pollers === 0
      ? `no worker polls its task queue "${taskQueue}": start one with "hrflow-temporal worker"`
      : `the workers seen at its task queue "${taskQueue}" are gone, busy, or lack its encryption key`;
  return `The run did not answer for ${seconds} s: ${why}. It may still accept the operation; check with "hrflow-temporal show".`;
}
