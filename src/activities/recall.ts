import { Context } from '@temporalio/activity';
import { WorkflowFailedError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { settingsOf } from '../config/settings';
import { NOTHING_SENT, isConclusive, type Delivery } from '../protocol/delivery';
import { failureDetailsOf } from '../protocol/failure-details';
import { stragglerWindowMs, type Timing } from '../protocol/timing';
import { knowledgeOf } from '../protocol/result';
import type { RecallAnswer, RecallInput, RunKnowledge } from '../protocol/messages';
import { timingOf, type Dependencies } from '../push/dependencies';
import { readHistory } from '../history/recall-history';
import { assertUnreadable, earlierRuns } from '../history/recall-runs';
import { knowledgeSchema, resultSchema } from '../history/stored-shapes';
import { LABELS, runStep } from './step';

/**
 * Returns the delivery state of the most recent earlier run that has a conclusive one. The run reads it, not the client: two clients
 * that start further runs at the same time can then not both believe that nothing was sent.
 */
export function recall(dependencies: Dependencies, input: RecallInput): Promise<RecallAnswer> {
  const { retry } = settingsOf(dependencies.settings, input.connector);
  return runStep({ ...LABELS.recall, retry }, async ({ signal }) => {
    const timing = timingOf(dependencies, input.connector);
    const known = await newestKnowledge(input, timing, signal).catch(assertUnreadable);
    return { delivery: known?.delivery ?? unknownNow(timing), timing };
  });
}

/** Returns null if no earlier run has conclusive knowledge. Throws if a run cannot be read: the runs before it know less. */
async function newestKnowledge(
  { identity, previousRunId }: RecallInput,
  timing: Timing,
  signal: AbortSignal,
): Promise<RunKnowledge | null> {
  const { client, info } = Context.current();
  const own = info.workflowExecution;
  if (!own) throw new Error('recall runs in a workflow');
  for (const runId of await earlierRuns(client, own, previousRunId, signal)) {
    signal.throwIfAborted();
    const knowledge = await readRun(client, { workflowId: own.workflowId, runId }, identity, timing);
    if (knowledge?.conclusive) return knowledge;
  }
  return null;
}

/** No run left to read, or one that cannot be read: as after an attempt whose worker was lost just now. */
function unknownNow(timing: Timing): Delivery {
  const since = Date.now() + stragglerWindowMs(timing);
  return {
    ...NOTHING_SENT,
    applicant: 'unknown',
    sent: true,
    everUnknown: true,
    unknownSince: since,
    attemptedAt: since,
  };
}

/** Returns what one run knew, or null if it is a run of another push under the same name. Describes the run, because the list may lag behind. */
async function readRun(
  client: Client,
  { workflowId, runId }: { readonly workflowId: string; readonly runId: string },
  identity: string,
  timing: Timing,
): Promise<RunKnowledge | null> {
  const handle = client.workflow.getHandle(workflowId, runId, { followRuns: false });
  const { memo, status } = await handle.describe();
  if (memo?.['identity'] !== identity) return null;
  if (status.name === 'COMPLETED') {
    const checked = resultSchema.safeParse(await handle.result());
    if (checked.success) return checked.data.knowledge;
  }
  if (status.name === 'FAILED') {
    const told = await failureKnowledge(handle.result());
    if (told) return told;
  }
  const history = await handle.fetchHistory();
  const next = history.events?.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  if (next) return readRun(client, { workflowId, runId: next }, identity, timing);
  const run = await readHistory(history, client.options.loadedDataConverter, timing);
  return { ...knowledgeOf(run), conclusive: isConclusive(run) };
}

async function failureKnowledge(result: Promise<unknown>): Promise<RunKnowledge | null> {
  try {
    await result;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    if (!(error.cause instanceof ApplicationFailure)) return null;
    return knowledgeSchema.safeParse(failureDetailsOf(error.cause)['knowledge']).data ?? null;
  }
  return null;
}
