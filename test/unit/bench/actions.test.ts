import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import type { temporal } from '@temporalio/proto';
import { countActions } from '../../../bench/actions';

type Event = temporal.api.history.v1.IHistoryEvent;

const started: Event = { workflowExecutionStartedEventAttributes: {} };
const scheduled: Event = { activityTaskScheduledEventAttributes: {} };
const taskScheduled: Event = { workflowTaskScheduledEventAttributes: {} };
const taskCompleted: Event = { workflowTaskCompletedEventAttributes: {} };
const attempt = (number: number): Event => ({ activityTaskStartedEventAttributes: { attempt: number } });
const marker = (task: number, markerName = 'core_local_activity'): Event => ({
  markerRecordedEventAttributes: {
    markerName,
    workflowTaskCompletedEventId: { low: task, high: 0, toString: () => String(task) } as never,
  },
});

describe('the billable actions of a run', () => {
  it.each<[string, Event[], number]>([
    ['its start', [started], 1],
    ['an activity', [scheduled, attempt(1)], 1],
    ['an activity and each of its retries', [scheduled, attempt(3)], 3],
    ['an activity that waits for a worker', [scheduled], 1],
    ['the local activities of one workflow task together', [marker(4), marker(4), marker(4)], 1],
    ['the local activities of two workflow tasks', [marker(4), marker(9)], 2],
    ['no other marker', [marker(4, 'core_patch')], 0],
    ['a timer', [{ timerStartedEventAttributes: {} }, { timerFiredEventAttributes: {} }], 1],
    ['a signal', [{ workflowExecutionSignaledEventAttributes: {} }], 1],
    ['an accepted update', [{ workflowExecutionUpdateAcceptedEventAttributes: {} }], 1],
    ['an upsert of search attributes', [{ upsertWorkflowSearchAttributesEventAttributes: {} }], 1],
    ['a change of the memo', [{ workflowPropertiesModifiedEventAttributes: {} }], 0],
    ['a child', [{ startChildWorkflowExecutionInitiatedEventAttributes: {} }], 2],
    ['workflow tasks', [taskScheduled, { workflowTaskStartedEventAttributes: {} }, taskCompleted], 0],
    ['a workflow task that only asks for more time', [taskScheduled, taskCompleted, taskScheduled, taskCompleted], 1],
    ['the end', [{ workflowExecutionCompletedEventAttributes: {} }], 0],
  ])('count %s', (_, events, expected) => {
    expect(countActions(events)).toBe(expected);
  });

  it('of a recorded push with enrichment are its start, three activities, one group of local ones and one upsert', () => {
    const path = join(__dirname, '..', '..', 'replay', 'histories', '0.1.0-flatchr-created-and-enriched.json');
    const { events } = historyFromJSON(JSON.parse(readFileSync(path, 'utf8')));
    expect(countActions(events ?? [])).toBe(6);
    expect(events).toHaveLength(26);
  });
});
