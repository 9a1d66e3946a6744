import type { temporal } from '@temporalio/proto';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Members of an event that each count as one billable action, by Temporal Cloud's rules. */
const ONE_ACTION = [
  'workflowExecutionStartedEventAttributes',
  'activityTaskScheduledEventAttributes',
  'timerStartedEventAttributes',
  'workflowExecutionSignaledEventAttributes',
  'workflowExecutionUpdateAcceptedEventAttributes',
  'upsertWorkflowSearchAttributesEventAttributes',
  'nexusOperationScheduledEventAttributes',
] as const satisfies readonly (keyof HistoryEvent)[];

/** Starting a child counts for the parent's command and the child's start. */
const CHILD_START_ACTIONS = 2;
const LOCAL_ACTIVITY_MARKER = 'core_local_activity';

/**
 * Counts the billable actions of one run from its history. Each attempt of an activity counts. The local activities of one workflow
 * task count as one. A workflow task that only keeps local activities alive counts as one more. Not seen is what leaves no event:
 * heartbeats, queries, and refused updates.
 */
export function countActions(events: readonly HistoryEvent[]): number {
  const single = events.filter((event) => ONE_ACTION.some((member) => event[member])).length;
  return single + children(events) + repeats(events) + localActivityGroups(events) + taskHeartbeats(events);
}

function children(events: readonly HistoryEvent[]): number {
  return (
    events.filter((event) => event.startChildWorkflowExecutionInitiatedEventAttributes).length * CHILD_START_ACTIONS
  );
}

/** Counts retries: an activity's start is recorded once, with the number of its last attempt. */
function repeats(events: readonly HistoryEvent[]): number {
  const attempts = events.map((event) => event.activityTaskStartedEventAttributes?.attempt ?? 1);
  return attempts.reduce((sum, attempt) => sum + attempt - 1, 0);
}

function localActivityGroups(events: readonly HistoryEvent[]): number {
  const tasks = events.flatMap(({ markerRecordedEventAttributes: marker }) =>
    marker?.markerName === LOCAL_ACTIVITY_MARKER ? [String(marker.workflowTaskCompletedEventId)] : [],
  );
  return new Set(tasks).size;
}

/** Counts completed tasks directly followed by a new one: the worker only asked for more time. */
function taskHeartbeats(events: readonly HistoryEvent[]): number {
  return events.filter(
    (event, index) =>
      event.workflowTaskCompletedEventAttributes && events[index + 1]?.workflowTaskScheduledEventAttributes,
  ).length;
}
