import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowHandle,
  type WorkflowIdConflictPolicy,
  type WorkflowIdReusePolicy,
} from '@temporalio/client';
import { InputError } from '../protocol/errors';
import { runMemoSchema, runResultSchema, type RunMemo } from '../history/stored-shapes';
import type { RunInput, RunResult } from '../protocol/messages';
import { isThere } from '../protocol/result';
import type { ClientContext } from './context';
import { PushError, readFailure } from './errors';
import { startOptions, type CheckedPush } from './request';
import { isTransient, withReconnect, type Retrying } from './reconnect';
import { createProblem } from '../protocol/problems';

/** A run of the push: in progress, or closed with its result. */
export type Started =
  | { readonly how: 'running'; readonly handle: WorkflowHandle; readonly runId: string; readonly own: boolean | null }
  | { readonly how: 'closed'; readonly runId: string; readonly result: RunResult };

interface Policies {
  readonly workflowIdReusePolicy: WorkflowIdReusePolicy;
  readonly workflowIdConflictPolicy: WorkflowIdConflictPolicy;
}

const FIRST: Policies = { workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowIdConflictPolicy: 'USE_EXISTING' };
const FURTHER: Policies = { workflowIdReusePolicy: 'ALLOW_DUPLICATE', workflowIdConflictPolicy: 'USE_EXISTING' };
const AGAIN: Policies = { workflowIdReusePolicy: 'ALLOW_DUPLICATE', workflowIdConflictPolicy: 'FAIL' };
const AGAIN_AT_FIRST: Policies = { workflowIdReusePolicy: 'REJECT_DUPLICATE', workflowIdConflictPolicy: 'FAIL' };
/** How often a start is tried again because other runs begin and end in between. */
const MAX_LOOKS = 5;

/**
 * Starts a push, joins its run in progress, or returns the closed run that delivered it. Starts a further run after a closed run that
 * did not deliver.
 *
 * @throws PushError `workflow_id_taken` if the caller's id belongs to another push
 */
export async function startPush(context: ClientContext, push: CheckedPush, notices: Retrying = {}): Promise<Started> {
  if (push.again) return startAgain(context, push, notices);
  const runId = await withReconnect(() => start(context, push, FIRST, null), notices);
  return runId === null ? afterClosedRun(context, push, notices) : running(context, push, runId, notices);
}

/** Returns the result of a closed run that delivered, or starts a further run. */
export async function afterClosedRun(context: ClientContext, push: CheckedPush, notices: Retrying): Promise<Started> {
  const closed = await withReconnect(() => describeLatest(context, push), notices);
  if (!closed) return further(context, push, null, notices);
  assertSamePush(push, closed.memo, closed.runId);
  if (closed.running) return runOf(context, push, closed.runId, closed.memo.startId === push.startId);
  const answer = await withReconnect(() => readClosed(context, push, closed.runId), notices);
  if (closed.memo.startId === push.startId || isDelivered(push, answer.result))
    return { how: 'closed', runId: closed.runId, result: resultFor(push, answer) };
  return further(context, push, closed.runId, notices);
}

async function further(
  context: ClientContext,
  push: CheckedPush,
  previousRunId: string | null,
  notices: Retrying,
): Promise<Started> {
  const runId = await withReconnect(() => start(context, push, FURTHER, { runId: previousRunId }), notices);
  if (runId !== null) return running(context, push, runId, notices);
  throw new Error('Temporal refused a further run although its id may be used again');
}

/**
 * Checks first, because a start whose response was lost may have succeeded: a second deliberate run would be one application too many.
 * If there is no run, none may begin in between: the second application must know of the first one.
 */
async function startAgain(context: ClientContext, push: CheckedPush, notices: Retrying): Promise<Started> {
  for (let looks = 1; looks <= MAX_LOOKS; looks += 1) {
    const started = await withReconnect(() => lookAndStartAgain(context, push), notices);
    if (started === 'under way') break;
    if (started !== null) return runOf(context, push, started.runId, true);
  }
  throw new InputError(
    '',
    'a run of this push is in progress; wait for its end, or retry, resolve or abandon it, before --again',
  );
}

/** Returns null if a run of the push began in between. */
async function lookAndStartAgain(
  context: ClientContext,
  push: CheckedPush,
): Promise<Pick<Latest, 'runId'> | 'under way' | null> {
  const latest = await describeLatest(context, push);
  if (latest) assertSamePush(push, latest.memo, latest.runId);
  if (latest?.memo.startId === push.startId) return latest;
  if (latest?.running) return 'under way';
  const runId = latest
    ? await start(context, push, AGAIN, { runId: latest.runId })
    : await start(context, push, AGAIN_AT_FIRST, null);
  return runId === null ? null : { runId };
}

/**
 * Returns a run that Temporal started or joined. A derived id identifies the push. An id chosen by the caller may belong to another
 * push, which its memo shows.
 */
async function running(context: ClientContext, push: CheckedPush, runId: string, notices: Retrying): Promise<Started> {
  if (push.workflowId === push.identity.workflowId) return runOf(context, push, runId, null);
  const handle = context.temporal.workflow.getHandle(push.workflowId, runId);
  const memo = memoOf(push, (await withReconnect(() => handle.describe(), notices)).memo, runId);
  assertSamePush(push, memo, runId);
  return runOf(context, push, runId, memo.startId === push.startId);
}

/** Starts a run and returns its id. Returns null if Temporal refuses it because of an existing run. */
async function start(
  context: ClientContext,
  push: CheckedPush,
  policies: Policies,
  before: RunInput['previousRun'],
): Promise<string | null> {
  try {
    return (await startWithKnownAttributes(context, push, policies, before)).firstExecutionRunId;
  } catch (error) {
    if (error instanceof WorkflowExecutionAlreadyStartedError) return null;
    throw error;
  }
}

async function startWithKnownAttributes(
  context: ClientContext,
  push: CheckedPush,
  policies: Policies,
  before: RunInput['previousRun'],
) {
  const { temporal, taskQueue } = context;
  const known = await context.searchAttributes();
  const startOnce = (attributes: readonly string[]) =>
    temporal.workflow.start(push.action, { ...startOptions(push, taskQueue, attributes, before), ...policies });
  try {
    return await startOnce(known);
  } catch (error) {
    const refusedForThem =
      known.length > 0 && !isTransient(error) && !(error instanceof WorkflowExecutionAlreadyStartedError);
    if (!refusedForThem) throw error;
    return startOnce([]);
  }
}

function runOf({ temporal }: ClientContext, push: CheckedPush, runId: string, own: boolean | null): Started {
  return { how: 'running', handle: temporal.workflow.getHandle(push.workflowId, runId), runId, own };
}

interface Latest {
  readonly runId: string;
  readonly running: boolean;
  readonly memo: RunMemo;
}

/** Returns the latest run of the id. Null if Temporal keeps none. */
async function describeLatest({ temporal }: ClientContext, push: CheckedPush): Promise<Latest | null> {
  try {
    const { runId, status, memo } = await temporal.workflow.getHandle(push.workflowId).describe();
    return { runId, running: status.name === 'RUNNING', memo: memoOf(push, memo, runId) };
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** Reads the memo of a run. A run without our memo was started by another program under this id. */
export function memoOf(push: CheckedPush, memo: unknown, runId: string): RunMemo {
  const checked = runMemoSchema.safeParse(memo);
  if (checked.success) return checked.data;
  throw nameTaken(push, runId);
}

export function assertSamePush(push: CheckedPush, memo: RunMemo, runId: string): void {
  if (memo.identity !== push.identity.hash) throw nameTaken(push, runId);
}

function nameTaken({ workflowId }: CheckedPush, runId: string): PushError {
  return new PushError(
    createProblem({
      type: 'workflow_id_taken',
      reason: 'bad_action_parameters',
      stage: 'fetchProfile',
      message: `The workflow id ${workflowId} belongs to another push.`,
    }),
    null,
    { workflowId, runId },
  );
}

/** How a closed run ended. */
export interface Answer {
  readonly result: RunResult | null;
  readonly error: PushError | null;
}

async function readClosed({ temporal }: ClientContext, push: CheckedPush, runId: string): Promise<Answer> {
  return readAnswer(push, runId, temporal.workflow.getHandle(push.workflowId, runId, { followRuns: false }).result());
}

/** Reads how a run ended. */
export async function readAnswer(
  { workflowId }: Pick<CheckedPush, 'workflowId'>,
  runId: string,
  result: Promise<unknown>,
): Promise<Answer> {
  try {
    return { result: runResultSchema.parse(await result), error: null };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    const { problem, result: known } = readFailure(error);
    return { result: known, error: new PushError(problem, known, { workflowId, runId }) };
  }
}

/** Tells whether the candidate is in the ATS and nothing else is requested. */
export function isDelivered(push: CheckedPush, result: RunResult | null): boolean {
  const item = result?.items[0];
  if (!item) return false;
  if (push.action === 'enrichProfile') return item.outcome === 'enriched';
  return isThere(item.outcome) && (!push.enrich || item.enriched === true);
}

/**
 * Returns the result of an ended run for a push. If the candidate is there and no enrichment is requested now, an earlier enrichment
 * that failed does not count.
 *
 * @throws PushError if the run did not deliver
 */
export function resultFor(push: CheckedPush, { result, error }: Answer): RunResult {
  if (result && !error) return result;
  if (result && isDelivered(push, result)) return withoutEnrichment(result);
  throw error ?? new Error(`a run of ${push.workflowId} has no result`);
}

function withoutEnrichment(result: RunResult): RunResult {
  return {
    ...result,
    status: 'success',
    reason: '',
    events: { ...result.events, callback_failure: 0, callback_executed: 0 },
    items: result.items.map((item) => ({ ...item, enriched: null, stage: 'pushApplicant', message: null })),
  };
}
