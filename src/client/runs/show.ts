import { z } from 'zod';
import { findConnector, profileSource } from '../../connectors/registry';
import { actionParametersSchema } from '../../push/action-parameters';
import { redact } from '../../security/sensitivity';
import { PayloadDecryptionError } from '../../security/encryption/payload-codec';
import { eventsOf, type RunEvent } from '../../history/events';
import { problemSchema } from '../../history/stored-shapes';
import { OUTCOMES, RUN_STATES, STATE_QUERY, WORKFLOW_TYPES } from '../../protocol/names';
import type { Problem } from '../../protocol/delivery';
import type { RunResult, StateAnswer } from '../../protocol/messages';
import type { ClientContext } from '../context';
import { readClosed } from './wait';
import { findRun } from './find';
import { type RunSummary } from './summary';
import { repeatedSteps, type RepeatedStep } from './repeated-steps';
import { withReconnect } from '../reconnect';

/** How long a worker may take to answer the query, in milliseconds. */
const QUERY_DEADLINE_MS = 4_000;

/** Everything that can be said of one run. */
export interface RunDetails extends RunSummary {
  readonly taskQueue: string;
  /** What the run itself says. Null if it has ended, or if no worker answered in time. */
  readonly now: StateAnswer | null;
  /** What the run retries, and why. Empty if nothing has failed so far, and for a run that has ended. */
  readonly repeats: readonly RepeatedStep[];
  readonly result: RunResult | null;
  readonly error: Problem | null;
  /**
   * As the run was started, without what `retry` corrected since; null if they cannot be read here, or are those of another
   * version.
   */
  readonly parameters: ShownParameters | null;
  readonly timeline: readonly TimelineEntry[];
}

/** The groups of a request, made fit to be seen by the marks of their schemas: no literal secret, no personal data. */
export interface ShownParameters {
  readonly originParameters: unknown;
  readonly targetParameters: unknown;
  readonly actionParameters: unknown;
}

export interface TimelineEntry {
  /** ISO time. */
  readonly at: string;
  /** What happened, in our words. */
  readonly what: string;
}

export const stateSchema: z.ZodType<StateAnswer> = z.object({
  state: z.enum(RUN_STATES),
  outcome: z.enum(OUTCOMES).nullable(),
  doing: z.string(),
  attempts: z.int(),
  waitingUntil: z.string().nullable(),
  hold: z.object({ number: z.int(), until: z.string() }).nullable(),
  error: problemSchema.nullable(),
  // Not said by workers of the first release.
  retryReason: problemSchema.nullable().default(null),
});

/**
 * Reads what is known of the latest run of a workflow id.
 *
 * @throws OperationRefusedError if there is none
 */
export async function showRun(context: ClientContext, workflowId: string): Promise<RunDetails> {
  const { summary, running, description } = await findRun(context, workflowId);
  const [now, closed, events] = await Promise.all([
    running ? askState(context, workflowId) : null,
    running ? null : readClosed(context, workflowId, summary.runId),
    readEvents(context, summary),
  ]);
  const result = closed?.result ?? summary.hold?.result ?? null;
  const error = closed?.error?.toJSON() ?? summary.hold?.error ?? now?.error ?? null;
  return {
    ...summary,
    outcome: summary.outcome ?? result?.items[0]?.outcome ?? now?.outcome ?? null,
    taskQueue: description.taskQueue,
    now,
    repeats: running ? await repeatedSteps(context, description, now) : [],
    result,
    error,
    parameters: await readParameters(events),
    timeline: timelineOf(events),
  };
}

async function askState({ temporal: client }: ClientContext, workflowId: string): Promise<StateAnswer | null> {
  const handle = client.workflow.getHandle(workflowId);
  try {
    const answer = await client.withDeadline(Date.now() + QUERY_DEADLINE_MS, () => handle.query(STATE_QUERY));
    return stateSchema.safeParse(answer).data ?? null;
  } catch {
    // Without a worker there is the description; that is why there is a deadline at all.
    return null;
  }
}

async function readEvents({ temporal: client }: ClientContext, run: RunSummary): Promise<readonly RunEvent[]> {
  const handle = client.workflow.getHandle(run.workflowId, run.runId);
  return eventsOf(await withReconnect(() => handle.fetchHistory()), client.options.loadedDataConverter);
}

const inputSchema = z.object({
  connector: z.string(),
  originParameters: z.unknown(),
  targetParameters: z.unknown(),
  actionParameters: z.unknown(),
});

async function readParameters([first]: readonly RunEvent[]): Promise<ShownParameters | null> {
  if (first?.kind !== 'runStarted') return null;
  const action = WORKFLOW_TYPES.find((type) => type === first.workflowType);
  const { data: input } = inputSchema.safeParse(await nullWithoutKey(first.input));
  const definition = input && action && findConnector(input.connector)?.actions[action];
  if (!input || !definition) return null;
  return {
    originParameters: redact(profileSource.parameters, input.originParameters),
    targetParameters: redact(definition.parameters, input.targetParameters),
    actionParameters: redact(actionParametersSchema, input.actionParameters),
  };
}

/** The key of the memo, which was read before, may be a newer one. */
async function nullWithoutKey(value: () => Promise<unknown>): Promise<unknown> {
  try {
    return await value();
  } catch (error) {
    if (error instanceof PayloadDecryptionError) return null;
    throw error;
  }
}

function timelineOf(events: readonly RunEvent[]): TimelineEntry[] {
  return events.flatMap((event) => {
    const what = inWords(event);
    return what === null ? [] : [{ at: new Date(event.at ?? 0).toISOString(), what }];
  });
}

/** Of failures, the type alone: the message may hold the words of an ATS. */
function inWords(event: RunEvent): string | null {
  const activity = event.activity?.name ?? (event.kind === 'localActivityEnded' ? 'a local activity' : 'an activity');
  switch (event.kind) {
    case 'runStarted':
      return 'run started';
    case 'activityCompleted':
      return `${activity}: done`;
    case 'activityFailed':
      return `${activity}: failed (${event.type ?? 'unknown'})`;
    case 'activityTimedOut':
      return `${activity}: its worker stopped responding`;
    case 'activityCancelled':
      return `${activity}: cancelled`;
    case 'localActivityEnded':
      return `${activity}: ${event.failureType === null ? 'done' : `failed (${event.failureType})`}`;
    case 'updateAccepted':
      return `${event.name}, by an operator`;
    case 'timerStarted':
      return 'waiting';
    case 'cancellationRequested':
      return 'cancellation requested';
    case 'runEnded':
      return event.as === 'completed' ? 'run ended' : `run ${event.as}`;
    case 'continuedAsNew':
      return 'run continues as new';
    case 'activityScheduled':
    case 'other':
      return null;
  }
}
