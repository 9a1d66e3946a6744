/** The one reader of histories: turns the events of a run into plain facts. Payloads are decoded only if they are asked for. */
import type { LoadedDataConverter } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow';
import type { temporal } from '@temporalio/proto';
import { z } from 'zod';
import { epochMsOf } from './time';

/** The value of a payload. Rejects if it cannot be decoded, for example without the key. */
type Value = () => Promise<unknown>;

/** What happened in a run. */
type Fact =
  | {
      readonly kind: 'runStarted';
      readonly workflowType: string | null;
      readonly isContinued: boolean;
      readonly input: Value;
    }
  | { readonly kind: 'activityScheduled'; readonly input: Value }
  | { readonly kind: 'activityCompleted'; readonly output: Value }
  | { readonly kind: 'activityFailed'; readonly type: string | null; readonly error: Value }
  | { readonly kind: 'activityTimedOut' | 'activityCancelled' }
  | { readonly kind: 'localActivityEnded'; readonly failureType: string | null }
  | { readonly kind: 'updateAccepted'; readonly name: string; readonly args: Value }
  | { readonly kind: 'timerStarted' | 'cancellationRequested' | 'other' }
  | { readonly kind: 'runEnded'; readonly as: 'completed' | 'failed' | 'cancelled' | 'terminated' | 'timed out' }
  | { readonly kind: 'continuedAsNew'; readonly runId: string | null };

/** A fact, when it happened, and which activity it is about. */
export type RunEvent = Fact & {
  /** In epoch milliseconds. Null if the history does not tell. */
  readonly at: number | null;
  /** The activity of the event. Null if there is none, or if the history does not tell. */
  readonly activity: { readonly id: string; readonly name: string | null } | null;
};

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** Returns the events of a history in order. */
export function eventsOf(
  { events }: temporal.api.history.v1.IHistory,
  converter: LoadedDataConverter,
): readonly RunEvent[] {
  const names = new Map<string, string | null>();
  return (events ?? []).map((event) => {
    const id = activityIdOf(event);
    const scheduled = event.activityTaskScheduledEventAttributes;
    if (id !== null && scheduled) names.set(id, scheduled.activityType?.name ?? null);
    const activity = id === null ? localActivityOf(event) : { id, name: names.get(id) ?? null };
    return { ...factOf(event, converter), at: epochMsOf(event.eventTime), activity };
  });
}

function activityIdOf(event: HistoryEvent): string | null {
  if (event.activityTaskScheduledEventAttributes) return String(event.eventId);
  const ended =
    event.activityTaskCompletedEventAttributes ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes;
  return ended ? String(ended.scheduledEventId) : null;
}

function factOf(event: HistoryEvent, converter: LoadedDataConverter): Fact {
  const value = (payloads: Payloads): Value => {
    return async () => (await decodeArrayFromPayloads(converter, payloads?.payloads))[0];
  };
  const { workflowExecutionStartedEventAttributes: started } = event;
  if (started) {
    return {
      kind: 'runStarted',
      workflowType: started.workflowType?.name ?? null,
      isContinued: Boolean(started.continuedExecutionRunId),
      input: value(started.input),
    };
  }
  const update = event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input;
  if (update) return { kind: 'updateAccepted', name: update.name ?? '', args: value(update.args) };
  return activityFact(event, value, converter) ?? runFact(event);
}

function activityFact(
  event: HistoryEvent,
  value: (payloads: Payloads) => Value,
  converter: LoadedDataConverter,
): Fact | null {
  const { activityTaskScheduledEventAttributes: scheduled, activityTaskCompletedEventAttributes: completed } = event;
  if (scheduled) return { kind: 'activityScheduled', input: value(scheduled.input) };
  if (completed) return { kind: 'activityCompleted', output: value(completed.result) };
  const { activityTaskFailedEventAttributes: failed, markerRecordedEventAttributes: marker } = event;
  if (failed) {
    const error = (): Promise<unknown> => decodeOptionalFailureToOptionalError(converter, failed.failure);
    return { kind: 'activityFailed', type: failed.failure?.applicationFailureInfo?.type ?? null, error };
  }
  if (event.activityTaskTimedOutEventAttributes) return { kind: 'activityTimedOut' };
  if (event.activityTaskCanceledEventAttributes) return { kind: 'activityCancelled' };
  if (marker?.markerName !== LOCAL_ACTIVITY) return null;
  const failureType = marker.failure ? (marker.failure.applicationFailureInfo?.type ?? 'unknown') : null;
  return { kind: 'localActivityEnded', failureType };
}

function runFact(event: HistoryEvent): Fact {
  if (event.timerStartedEventAttributes) return { kind: 'timerStarted' };
  if (event.workflowExecutionCancelRequestedEventAttributes) return { kind: 'cancellationRequested' };
  if (event.workflowExecutionCompletedEventAttributes) return { kind: 'runEnded', as: 'completed' };
  if (event.workflowExecutionFailedEventAttributes) return { kind: 'runEnded', as: 'failed' };
  if (event.workflowExecutionCanceledEventAttributes) return { kind: 'runEnded', as: 'cancelled' };
  if (event.workflowExecutionTerminatedEventAttributes) return { kind: 'runEnded', as: 'terminated' };
  if (event.workflowExecutionTimedOutEventAttributes) return { kind: 'runEnded', as: 'timed out' };
  const { workflowExecutionContinuedAsNewEventAttributes: continued } = event;
  return continued ? { kind: 'continuedAsNew', runId: continued.newExecutionRunId ?? null } : { kind: 'other' };
}

const LOCAL_ACTIVITY = 'core_local_activity';
const markerSchema = z.object({ activity_type: z.string() });

/** Local activities leave a marker, which the SDK itself writes unencrypted. */
function localActivityOf({ markerRecordedEventAttributes: marker }: HistoryEvent): RunEvent['activity'] {
  if (marker?.markerName !== LOCAL_ACTIVITY) return null;
  const data = marker.details?.['data']?.payloads?.[0]?.data;
  const name = data ? markerSchema.safeParse(parsed(Buffer.from(data).toString('utf8'))).data?.activity_type : null;
  return { id: '', name: name ?? null };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
