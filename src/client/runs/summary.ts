import type { WorkflowExecutionInfo, WorkflowExecutionStatusName } from '@temporalio/client';
import { runMemoSchema } from '../../history/stored-shapes';
import type { HoldMemo } from '../../protocol/messages';
import { type Outcome, OUTCOMES, type RunState, SEARCH_ATTRIBUTES } from '../../protocol/names';

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
  /** As the search attribute says; null if the server lacks it, or nothing is known yet. */
  readonly outcome: Outcome | null;
  readonly account: string | null;
  /** ISO times. */
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** Set while the run waits for an operator. */
  readonly hold: HoldMemo | null;
}

/** Null for a run that is not ours, though its workflow type has the name of one of ours. */
export function summaryOf(info: Omit<WorkflowExecutionInfo, 'raw'>): RunSummary | null {
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
