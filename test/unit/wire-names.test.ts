import { describe, expect, it } from '@jest/globals';
import * as names from '../../src/protocol/names';

/** Other programs rely on these: a change here breaks runs that are open, dashboards and scripts. */
describe('the names that others meet in Temporal', () => {
  it('are the workflow types, activities, updates and the query of the contract', () => {
    expect(names.WORKFLOW_TYPES).toEqual(['pushProfile', 'enrichProfile']);
    expect([...names.ACTIVITY_NAMES].sort()).toEqual(
      [
        'applyLogics',
        'authenticate',
        'enrich',
        'fetchProfile',
        'findApplicant',
        'format',
        'pushApplicant',
        'recall',
      ].sort(),
    );
    expect(names.UPDATE_NAMES).toEqual(['retry', 'resolve', 'abandon']);
    expect(names.STATE_QUERY).toBe('state');
  });

  it('are the search attributes of the contract', () => {
    expect(names.SEARCH_ATTRIBUTES).toEqual({
      connector: 'HrflowConnector',
      action: 'HrflowAction',
      state: 'HrflowState',
      outcome: 'HrflowOutcome',
      account: 'HrflowAccount',
    });
    expect(names.RUN_STATES).toEqual(['running', 'waiting', 'held', 'done', 'failed']);
    expect(names.OUTCOMES).toEqual([
      'created',
      'already_there',
      'enriched',
      'discarded',
      'not_found',
      'failed',
      'unknown',
    ]);
  });

  it('are the failure types and the people of the contract', () => {
    expect(names.FAILURE_TYPES).toEqual([
      'input',
      'auth',
      'quota',
      'refused',
      'attachment',
      'unavailable',
      'unknown_outcome',
      'logics',
      'format',
      'enrich',
      'abandoned',
      'cancelled',
      'workflow_id_taken',
      'internal',
    ]);
    expect(names.WHO_MUST_ACT).toEqual(['user', 'operator', 'vendor']);
  });

  it('is the task queue of the contract', () => {
    expect(names.DEFAULT_TASK_QUEUE).toBe('hrflow-connectors');
  });
});
