import { Context } from '@temporalio/activity';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { isGrpcServiceError, ServiceError, WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { StepFailure } from '../failure';
import { settingsOf } from '../settings';
import { NOTHING_SENT, saysSomething, straggleMs, type Delivery, type Numbers } from '../workflows/delivery';
import { knowledgeOf } from '../workflows/result';
import type { RecallAnswer, RecallInput, RunKnowledge } from '../workflows/types';
import { numbersOf, type Dependencies } from './dependencies';
import { readHistory } from './recall-history';
import { knowledgeSchema, resultSchema } from './recall-schemas';
import { runStep } from './step';

const LISTED_WITHIN_MS = 30_000;
const LIST_PAUSE_MS = 200;

/**
 * Finds out what the newest earlier run of this push that has something to say knew of the applicant. Read in the run and not in the
 * client: two clients that start further runs at the same time then cannot both believe that nothing was sent.
 */
export function recall(dependencies: Dependencies, input: RecallInput): Promise<RecallAnswer> {
  const { retry } = settingsOf(dependencies.settings, input.connector);
  return runStep({ stage: 'recall', reason: 'write_failure', retry }, async (signal) => {
    const { client, info } = Context.current();
    const own = info.workflowExecution;
    if (!own) throw new Error('recall runs in a workflow');
    const numbers = numbersOf(dependencies, input.connector);
    const runs = await earlierRuns(client, own, input.readRunId, signal).catch(unreadable);
    for (const run of runs === 'unreadable' ? [] : runs) {
      const knowledge = await readRun(client, run, input.identity).catch(unreadable);
      if (knowledge === 'unreadable') break;
      if (knowledge?.says) return { delivery: knowledge.delivery, numbers };
    }
    return { delivery: unknownNow(numbers), numbers };
  });
}

/** No run left to read, or one that cannot be read: as after an attempt whose worker was lost just now. */
function unknownNow(numbers: Numbers): Delivery {
  const since = Date.now() + straggleMs(numbers);
  return { ...NOTHING_SENT, applicant: 'unknown', sent: true, doubted: true, unknownSince: since, attemptedAt: since };
}

/** A server that does not answer is asked again. What is gone, or cannot be decoded, will not become readable by asking again. */
function unreadable(error: unknown): 'unreadable' {
  if (error instanceof StepFailure || error instanceof CancelledFailure) throw error;
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(cause)) throw notAnswered();
  return 'unreadable';
}

function notAnswered(): StepFailure {
  return new StepFailure({
    type: 'unavailable',
    message: 'Temporal did not answer when earlier runs of this push were asked for.',
    whoMustAct: 'operator',
    nextStep: 'Look at the Temporal server if it lasts.',
    retryable: true,
  });
}

/** The runs before this one, newest first, once the list shows this run and the one that the client read. */
async function earlierRuns(
  client: Client,
  own: { workflowId: string; runId: string },
  readRunId: string | null,
  signal: AbortSignal,
): Promise<WorkflowExecutionInfo[]> {
  const deadline = Date.now() + LISTED_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    const runs = await listRuns(client, own.workflowId);
    const self = runs.find(({ runId }) => runId === own.runId);
    if (self && (readRunId === null || runs.some(({ runId }) => runId === readRunId))) {
      const first = firstRunOf(self);
      return runs
        .filter((run) => firstRunOf(run) !== first && run.startTime <= self.startTime)
        .sort((a, b) => b.startTime.getTime() - a.startTime.getTime());
    }
    if (Date.now() > deadline) throw notListed();
    await Context.current().sleep(LIST_PAUSE_MS);
  }
}

async function listRuns(client: Client, workflowId: string): Promise<WorkflowExecutionInfo[]> {
  const runs: WorkflowExecutionInfo[] = [];
  const query = `WorkflowId = '${workflowId.replaceAll("'", "''")}'`;
  for await (const run of client.workflow.list({ query })) runs.push(run);
  return runs;
}

/** Links of one chain of continue-as-new are one run here. */
function firstRunOf(run: WorkflowExecutionInfo): string {
  const { firstRunId } = run.raw;
  return firstRunId === '' ? run.runId : (firstRunId ?? run.runId);
}

function notListed(): StepFailure {
  return new StepFailure({
    type: 'unavailable',
    message: 'The list of runs does not show this run and the one before it yet.',
    whoMustAct: 'operator',
    nextStep: 'Look at the visibility store of Temporal if it lasts.',
    retryable: true,
  });
}

/** What one run knew; null where it is a run of another push under the same name. */
async function readRun(
  client: Client,
  { workflowId, runId }: WorkflowExecutionInfo,
  identity: string,
): Promise<RunKnowledge | 'unreadable' | null> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const { memo, status } = await handle.describe();
  if (memo?.['identity'] !== identity) return null;
  if (status.name === 'COMPLETED') {
    const checked = resultSchema.safeParse(await handle.result());
    if (checked.success) return checked.data.known;
  }
  if (status.name === 'FAILED') {
    const told = await failureKnowledge(handle.result());
    if (told) return told;
  }
  const run = await readHistory(await handle.fetchHistory(), client.options.loadedDataConverter);
  return run ? { ...knowledgeOf(run), says: saysSomething(run) } : 'unreadable';
}

async function failureKnowledge(result: Promise<unknown>): Promise<RunKnowledge | null> {
  try {
    await result;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const details = error.cause instanceof ApplicationFailure ? error.cause.details : undefined;
    return knowledgeSchema.safeParse(details?.[2]).data ?? null;
  }
  return null;
}
