import { describe, expect, it } from '@jest/globals';
import { ActivityFailure, ApplicationFailure, TimeoutFailure } from '@temporalio/common';
import { problemOf, stepOfPreparation } from '../../../src/workflows/failures';

function failureOf(activity: string, cause: Error): ActivityFailure {
  return new ActivityFailure('Activity task failed', activity, '1', 'TIMEOUT', undefined, cause);
}

describe('a preparation that fails without details', () => {
  it.each([
    ['fetchProfile', 'read_failure'],
    ['applyLogics', 'logics_failure'],
    ['format', 'format_failure'],
    ['authenticate', 'write_failure'],
  ])('in %s names that step and its reason', (activity, reason) => {
    const timeout = failureOf(activity, new TimeoutFailure('timed out', undefined, 'START_TO_CLOSE'));
    const { stage, reason: why } = stepOfPreparation(timeout);
    expect(problemOf(timeout, stage, why)).toMatchObject({
      type: 'unavailable',
      stage: activity,
      reason,
      message: expect.stringContaining(activity),
    });
    const silent = failureOf(activity, ApplicationFailure.create({ message: 'no words' }));
    expect(problemOf(silent, stage, why)).toMatchObject({ type: 'internal', stage: activity, reason });
  });

  it('counts as a failed read if nothing names the step', () => {
    expect(stepOfPreparation(new Error('what'))).toEqual({ stage: 'fetchProfile', reason: 'read_failure' });
  });
});
