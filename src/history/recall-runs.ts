import { Context } from '@temporalio/activity';
import { epochMsOf } from './time';
import { isGrpcServiceError, ServiceError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { StepError } from '../protocol/errors';

const LISTED_WITHIN_MS = 30_000;
const LIST_PAUSE_MS = 200;
const PAGE_SIZE = 200;

/** gRPC: permission denied, unimplemented. Asking again does not help. */
const REFUSED_CODES = [7, 12];

type Execution = { readonly workflowId: string; readonly runId: string };
type RawRun = temporal.api.workflow.v1.IWorkflowExecutionInfo;

/** A run as the list shows it. Links of one chain of continue-as-new are one run here. */
interface Listed {
  readonly runId: string;
  readonly chain: string;
  readonly startedAt: number;
}

/**
 * The ids of the runs before this one, newest first, once the list shows this run and the one that the client read. Of a chain of
 * continue-as-new its newest link.
 *
 * @throws StepError `unavailable` while the list does not show them, or the server does not answer
 */
export async function earlierRuns(
  client: Client,
  own: Execution,
  previousRunId: string | null,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const deadline = Date.now() + LISTED_WITHIN_MS;
  for (;;) {
    signal.throwIfAborted();
    const runs = await listRuns(client, own.workflowId);
    const shows = (wanted: string) => runs.some(({ runId }) => runId === wanted);
    const self = runs.find(({ runId }) => runId === own.runId);
    if (self && (previousRunId === null || shows(previousRunId))) return newestOfEach(runsBefore(self, runs));
    // What was deleted meanwhile will not be listed: the description, which does not lag, tells.
    if (self && previousRunId !== null) await client.workflow.getHandle(own.workflowId, previousRunId).describe();
    if (Date.now() > deadline) throw notListed();
    await Context.current().sleep(LIST_PAUSE_MS);
  }
}

function runsBefore(self: Listed, runs: readonly Listed[]): Listed[] {
  return runs
    .filter(({ chain, startedAt }) => chain !== self.chain && startedAt <= self.startedAt)
    .sort((a, b) => b.startedAt - a.startedAt);
}

function newestOfEach(runs: readonly Listed[]): string[] {
  const newest = new Map<string, string>();
  for (const { chain, runId } of runs) if (!newest.has(chain)) newest.set(chain, runId);
  return [...newest.values()];
}

/** Page by page and undecoded: the SDK's own list ends at the first run whose memo cannot be decoded. */
async function listRuns({ workflowService, options }: Client, workflowId: string): Promise<Listed[]> {
  const { namespace } = options;
  const query = `WorkflowId = '${workflowId.replaceAll("'", "''")}'`;
  const runs: Listed[] = [];
  let nextPageToken: Uint8Array | undefined;
  do {
    const request = { namespace, query, pageSize: PAGE_SIZE, ...(nextPageToken && { nextPageToken }) };
    const page = await workflowService.listWorkflowExecutions(request);
    runs.push(...page.executions.map(listed));
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
  return runs;
}

function listed({ execution, firstRunId, startTime }: RawRun): Listed {
  const runId = execution?.runId ?? '';
  const startedAt = epochMsOf(startTime) ?? 0;
  // Older servers do not tell the first run.
  return { runId, chain: firstRunId === '' ? runId : (firstRunId ?? runId), startedAt };
}

/**
 * What is gone, or cannot be decoded, will not become readable by asking again. Everything else is thrown: a server that does not
 * answer is asked again.
 */
export function assertUnreadable(error: unknown): null {
  if (error instanceof StepError || error instanceof CancelledFailure) throw error;
  if (error instanceof WorkflowNotFoundError) return null;
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  if (isGrpcServiceError(cause) && REFUSED_CODES.includes(cause.code)) throw notAllowed(cause.code);
  if (error instanceof ServiceError || isGrpcServiceError(cause)) throw notAnswered();
  return null;
}

function notListed(): StepError {
  return unavailable(
    'The list of runs does not show this run and the one before it yet.',
    'If this persists, check the visibility store of Temporal.',
  );
}

function notAnswered(): StepError {
  return unavailable(
    'Temporal did not respond to the request for earlier runs of this push.',
    'If this persists, check the Temporal server.',
  );
}

function notAllowed(code: number): StepError {
  return unavailable(
    `Temporal refused to show earlier runs of this push to the worker (gRPC status ${code}).`,
    'Allow the worker to list, describe and read workflow runs in its namespace, then retry.',
    false,
  );
}

function unavailable(message: string, nextStep: string, retryable = true): StepError {
  return new StepError({ type: 'unavailable', message, whoMustAct: 'operator', nextStep, retryable });
}
