import {
  WorkflowNotFoundError,
  type WorkflowExecutionDescription,
  type WorkflowExecutionInfo,
  type WorkflowExecutionStatusName,
} from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers';
import type { temporal } from '@temporalio/proto';
import { PayloadDecryptionError } from '../../security/encryption/payload-codec';
import { runMemoSchema, type RunMemo } from '../../history/stored-shapes';
import { OUTCOMES, SEARCH_ATTRIBUTES, WORKFLOW_TYPES, type Outcome, type RunState } from '../../protocol/names';
import type { HoldMemo } from '../../protocol/messages';
import type { ClientContext } from '../context';
import { withReconnect } from '../reconnect';

/** The operation cannot be done to that run, now or at all. The message says why, in our words only. */
export class OperationRefusedError extends Error {
  override readonly name = 'OperationRefusedError';
}

/** States that runs are listed by. `waiting` is known to the run alone: here it counts as `running`. */
export const LISTED_STATES = ['running', 'held', 'done', 'failed'] as const satisfies readonly RunState[];
export type ListedState = (typeof LISTED_STATES)[number];

/** One run as lists show it. */
export interface RunSummary {
  readonly workflowId: string;
  readonly runId: string;
  readonly connector: string;
  readonly action: string;
  readonly profileKey: string;
  readonly state: ListedState;
  /** As the search attribute says; null where the server lacks it, or nothing is known yet. */
  readonly outcome: Outcome | null;
  readonly account: string | null;
  /** ISO times. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Set while the run waits for a person. */
  readonly hold: HoldMemo | null;
}

export interface RunFilter {
  readonly connector?: string | undefined;
  readonly state?: ListedState | undefined;
  readonly profileKey?: string | undefined;
  /** Called for each run that is left out because it was encrypted with a key that is not here. */
  readonly onUnreadable?: () => void;
}

type RawRun = temporal.api.workflow.v1.IWorkflowExecutionInfo;

const PAGE_SIZE = 200;

/**
 * Lists runs, the newest first. State and hold are read from status and memo, so that servers without our search attributes, and runs
 * that were started without them, are listed, too.
 */
export async function* listRuns(context: ClientContext, filter: RunFilter = {}): AsyncGenerator<RunSummary> {
  const query = queryOf(filter, await context.searchAttributes());
  for await (const raw of listRaw(context, query)) {
    const info = await decoded(context, raw);
    if (info === null) filter.onUnreadable?.();
    const run = info && summaryOf(info);
    if (run && matches(run, filter)) yield run;
  }
}

/** Page by page: the SDK's own list ends at the first run that cannot be decoded. */
async function* listRaw({ temporal: client }: ClientContext, query: string): AsyncGenerator<RawRun> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const request = { namespace, query, pageSize: PAGE_SIZE, ...(nextPageToken && { nextPageToken }) };
    const page = await withReconnect(() => client.workflowService.listWorkflowExecutions(request));
    yield* page.executions;
    ({ nextPageToken } = page);
  } while (nextPageToken.length > 0);
}

/** Null for a run whose memo was encrypted with a key that is not here. */
async function decoded({ temporal: client }: ClientContext, raw: RawRun) {
  const { loadedDataConverter, namespace } = client.options;
  try {
    return await executionInfoFromRaw(raw, loadedDataConverter, raw, namespace);
  } catch (error) {
    if (error instanceof PayloadDecryptionError) return null;
    throw error;
  }
}

const STATUSES: Readonly<Record<ListedState, readonly string[]>> = {
  running: ['Running'],
  held: ['Running'],
  done: ['Completed'],
  failed: ['Failed', 'Canceled', 'Terminated', 'TimedOut'],
};

/** What the server can sort out; an attribute that a run was started without excludes nothing. */
function queryOf({ connector, state, profileKey }: RunFilter, known: readonly string[]): string {
  const orMissing = (name: string, value: string | undefined) =>
    value !== undefined && known.includes(name) ? [`(${name} = ${quoted(value)} OR ${name} IS NULL)`] : [];
  const statuses = state ? STATUSES[state] : LISTED_STATES.flatMap((each) => STATUSES[each]);
  return [
    `WorkflowType IN (${listOf(WORKFLOW_TYPES)})`,
    `ExecutionStatus IN (${listOf([...new Set(statuses)])})`,
    ...orMissing(SEARCH_ATTRIBUTES.connector, connector),
    ...orMissing(SEARCH_ATTRIBUTES.state, state === 'held' ? 'held' : undefined),
    ...(profileKey === undefined ? [] : [idMayBeOf(profileKey)]),
  ].join(' AND ');
}

/** Ids that callers chose say nothing of the profile: those runs are told apart by their memo. */
function idMayBeOf(profileKey: string): string {
  return `(WorkflowId STARTS_WITH ${quoted(`hrflow/${profileKey}/`)} OR NOT WorkflowId STARTS_WITH 'hrflow/')`;
}

function listOf(values: readonly string[]): string {
  return values.map(quoted).join(', ');
}

function quoted(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

function matches(run: RunSummary, { connector, state, profileKey }: RunFilter): boolean {
  return (
    (connector === undefined || run.connector === connector) &&
    (state === undefined || run.state === state) &&
    (profileKey === undefined || run.profileKey === profileKey)
  );
}

/** Null for a run that is not ours, though its workflow type has the name of one of ours. */
function summaryOf(info: Omit<WorkflowExecutionInfo, 'raw'>): RunSummary | null {
  const memo = runMemoSchema.safeParse(info.memo);
  if (!memo.success) return null;
  const { connector, action, profileKey } = memo.data;
  const hold = info.status.name === 'RUNNING' ? (memo.data.hold ?? null) : null;
  const attribute = attributesOf(info);
  return {
    workflowId: info.workflowId,
    runId: info.runId,
    connector,
    action,
    profileKey,
    state: hold ? 'held' : stateOf(info.status.name),
    outcome:
      OUTCOMES.find((outcome) => outcome === attribute(SEARCH_ATTRIBUTES.outcome)) ??
      hold?.result.items[0]?.outcome ??
      null,
    account: attribute(SEARCH_ATTRIBUTES.account) ?? null,
    startedAt: info.startTime.toISOString(),
    endedAt: info.closeTime?.toISOString() ?? null,
    hold,
  };
}

function attributesOf({
  typedSearchAttributes,
}: Pick<WorkflowExecutionInfo, 'typedSearchAttributes'>): (name: string) => string | undefined {
  const pairs = new Map(typedSearchAttributes.getAll().map(({ key, value }) => [key.name, value]));
  return (name) => {
    const value = pairs.get(name);
    return typeof value === 'string' ? value : undefined;
  };
}

function stateOf(status: WorkflowExecutionStatusName): ListedState {
  if (status === 'RUNNING') return 'running';
  return status === 'COMPLETED' ? 'done' : 'failed';
}

/** One run with what only a description knows. */
export interface FoundRun {
  readonly summary: RunSummary;
  readonly memo: RunMemo;
  readonly description: WorkflowExecutionDescription;
  readonly running: boolean;
}

/**
 * Finds the latest run of a workflow id.
 *
 * @throws OperationRefusedError where there is none, or it is not one of ours
 */
export async function findRun({ temporal }: ClientContext, workflowId: string): Promise<FoundRun> {
  const description = await withReconnect(() => temporal.workflow.getHandle(workflowId).describe()).catch(
    notFound(workflowId),
  );
  const summary = summaryOf(description);
  const memo = runMemoSchema.safeParse(description.memo);
  if (!summary || !memo.success) throw new OperationRefusedError(`${workflowId} is not a run of hrflow-temporal.`);
  return { summary, memo: memo.data, description, running: description.status.name === 'RUNNING' };
}

function notFound(workflowId: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new OperationRefusedError(
      `Temporal has no run with the workflow id ${workflowId}; look with "hrflow-temporal runs". Closed runs are deleted after a while.`,
    );
  };
}
