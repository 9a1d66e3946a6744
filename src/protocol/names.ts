/**
 * The names that other programs see in Temporal. They are a contract: renaming one orphans running workflows, dashboards and
 * scripts, so a test pins each of them.
 */

export const WORKFLOW_TYPES = ['pushProfile', 'enrichProfile'] as const;
export type Action = (typeof WORKFLOW_TYPES)[number];

export const ACTIVITY_NAMES = [
  'fetchProfile',
  'applyLogics',
  'format',
  'authenticate',
  'pushApplicant',
  'enrich',
  'findApplicant',
  'recall',
] as const;
/** The step of a push in which something happened. */
export type Stage = (typeof ACTIVITY_NAMES)[number];

export const UPDATE_NAMES = ['retry', 'resolve', 'abandon'] as const;
export const STATE_QUERY = 'state';

export const SEARCH_ATTRIBUTES = {
  connector: 'HrflowConnector',
  action: 'HrflowAction',
  state: 'HrflowState',
  outcome: 'HrflowOutcome',
  account: 'HrflowAccount',
} as const;
export const SEARCH_ATTRIBUTE_NAMES: readonly string[] = Object.values(SEARCH_ATTRIBUTES);

export const RUN_STATES = ['running', 'waiting', 'held', 'done', 'failed'] as const;
/** A value of the search attribute `HrflowState`. */
export type RunState = (typeof RUN_STATES)[number];

export const OUTCOMES = [
  'created',
  'already_there',
  'enriched',
  'discarded',
  'not_found',
  'failed',
  'unknown',
] as const;
/** What became of one profile. */
export type Outcome = (typeof OUTCOMES)[number];

export const FAILURE_TYPES = [
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
] as const;
/** The `type` of every `ApplicationFailure` that ends a workflow of this package. */
export type FailureType = (typeof FAILURE_TYPES)[number];

export const WHO_MUST_ACT = ['user', 'operator', 'vendor'] as const;
export type WhoMustAct = (typeof WHO_MUST_ACT)[number];

export const REASONS = [
  '',
  'read_failure',
  'logics_failure',
  'format_failure',
  'write_failure',
  'callback_failure',
  'bad_action_parameters',
  'bad_origin_parameters',
  'bad_target_parameters',
  'origin_does_not_support_incremental',
] as const;
/** Why a run failed, in the terms of the Python reference. Empty if it did not. */
export type Reason = (typeof REASONS)[number];

/** The task queue of worker and client if `HRFLOW_TEMPORAL_TASK_QUEUE` is not set. */
export const DEFAULT_TASK_QUEUE = 'hrflow-connectors';
