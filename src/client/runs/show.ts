import { decodeArrayFromPayloads } from '@temporalio/common/lib/internal-non-workflow';
import type { temporal } from '@temporalio/proto';
import { z } from 'zod';
import { findConnector, profileSource } from '../../connectors/registry';
import { actionParametersSchema } from '../../push/check';
import { redact } from '../../security/sensitivity';
import { PayloadDecryptionError } from '../../security/encryption/payload-codec';
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
  /** What the run itself says; null where it has ended, or no worker answered in time. */
  readonly now: StateAnswer | null;
  /** What it repeats, and why; empty where nothing has failed so far, and of a run that has ended. */
  readonly repeats: readonly RepeatedStep[];
  readonly result: RunResult | null;
  readonly error: Problem | null;
  /**
   * As the run was started, without what `retry` corrected since; null where they cannot be read here, or are those of another
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
 * @throws OperationRefusedError where there is none
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
    parameters: await readParameters(context, events),
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

async function readEvents({ temporal: client }: ClientContext, run: RunSummary): Promise<readonly HistoryEvent[]> {
  const handle = client.workflow.getHandle(run.workflowId, run.runId);
  const { events } = await withReconnect(() => handle.fetchHistory());
  return events ?? [];
}

const inputSchema = z.object({
  connector: z.string(),
  originParameters: z.unknown(),
  targetParameters: z.unknown(),
  actionParameters: z.unknown(),
});

async function readParameters(
  context: ClientContext,
  [first]: readonly HistoryEvent[],
): Promise<ShownParameters | null> {
  const started = first?.workflowExecutionStartedEventAttributes;
  const action = WORKFLOW_TYPES.find((type) => type === started?.workflowType?.name);
  const { data: input } = inputSchema.safeParse(await firstOf(context, started?.input?.payloads));
  const definition = input && action && findConnector(input.connector)?.actions[action];
  if (!input || !definition) return null;
  return {
    originParameters: redact(profileSource.parameters, input.originParameters),
    targetParameters: redact(definition.parameters, input.targetParameters),
    actionParameters: redact(actionParametersSchema, input.actionParameters),
  };
}

type Payloads = temporal.api.common.v1.IPayload[] | null | undefined;

/** Null without the key: that of the memo, which was read before, may be a newer one. */
async function firstOf({ temporal: client }: ClientContext, payloads: Payloads): Promise<unknown> {
  try {
    return (await decodeArrayFromPayloads(client.options.loadedDataConverter, payloads))[0];
  } catch (error) {
    if (error instanceof PayloadDecryptionError) return null;
    throw error;
  }
}

function timelineOf(events: readonly HistoryEvent[]): TimelineEntry[] {
  const scheduled = new Map<string, string>();
  return events.flatMap((event) => {
    const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
    if (activity) scheduled.set(String(event.eventId), activity);
    const what = inWords(event, (id) => scheduled.get(String(id)) ?? 'an activity');
    return what === null ? [] : [{ at: timeOf(event), what }];
  });
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Of failures the type alone: the message may hold the words of an ATS. */
function inWords(event: HistoryEvent, activityOf: (scheduledEventId: unknown) => string): string | null {
  const { activityTaskCompletedEventAttributes: done, activityTaskFailedEventAttributes: failed } = event;
  const { activityTaskTimedOutEventAttributes: timedOut, activityTaskCanceledEventAttributes: cancelled } = event;
  if (done) return `${activityOf(done.scheduledEventId)}: done`;
  if (failed)
    return `${activityOf(failed.scheduledEventId)}: failed (${failed.failure?.applicationFailureInfo?.type ?? 'unknown'})`;
  if (timedOut) return `${activityOf(timedOut.scheduledEventId)}: its worker stopped responding`;
  if (cancelled) return `${activityOf(cancelled.scheduledEventId)}: cancelled`;
  const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name;
  if (update) return `${update}, by a person`;
  return localActivity(event) ?? endOfRun(event);
}

/** Local activities leave a marker, which the SDK itself writes in the clear. */
function localActivity({ markerRecordedEventAttributes: marker }: HistoryEvent): string | null {
  if (marker?.markerName !== 'core_local_activity') return null;
  const data = marker.details?.['data']?.payloads?.[0]?.data;
  const name = data ? markerSchema.safeParse(parse(Buffer.from(data).toString('utf8'))).data?.activity_type : undefined;
  return `${name ?? 'a local activity'}: ${marker.failure ? `failed (${marker.failure.applicationFailureInfo?.type ?? 'unknown'})` : 'done'}`;
}

const markerSchema = z.object({ activity_type: z.string() });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function endOfRun(event: HistoryEvent): string | null {
  if (event.workflowExecutionStartedEventAttributes) return 'run started';
  if (event.timerStartedEventAttributes) return 'waiting';
  if (event.workflowExecutionCancelRequestedEventAttributes) return 'cancellation asked for';
  if (event.workflowExecutionCompletedEventAttributes) return 'run ended';
  if (event.workflowExecutionFailedEventAttributes) return 'run failed';
  if (event.workflowExecutionCanceledEventAttributes) return 'run cancelled';
  if (event.workflowExecutionTerminatedEventAttributes) return 'run terminated';
  if (event.workflowExecutionContinuedAsNewEventAttributes) return 'run continues as new';
  return null;
}

function timeOf({ eventTime }: HistoryEvent): string {
  return new Date(Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1_000_000).toISOString();
}
