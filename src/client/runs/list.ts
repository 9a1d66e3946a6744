import { executionInfoFromRaw } from '@temporalio/client/lib/helpers';
import type { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTES, WORKFLOW_TYPES } from '../../protocol/names';
import { PayloadDecryptionError } from '../../security/encryption/payload-codec';
import type { ClientContext } from '../context';
import { withReconnect } from '../reconnect';
import { LISTED_STATES, type ListedState, type RunSummary, summaryOf } from './summary';

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
