import { type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { type RunMemo, runMemoSchema } from '../../history/stored-shapes';
import type { ClientContext } from '../context';
import { withReconnect } from '../reconnect';
import { OperationRefusedError } from './errors';
import { type RunSummary, summaryOf } from './summary';

/** One run with what only a description knows. */
export interface FoundRun {
  readonly summary: RunSummary;
  readonly memo: RunMemo;
  readonly description: WorkflowExecutionDescription;
  readonly running: boolean;
}

/**
 * Finds the latest run of a workflow id.
 *
 * @throws OperationRefusedError if there is none, or it is not one of ours
 */
export async function findRun({ temporal }: ClientContext, workflowId: string): Promise<FoundRun> {
  const description = await withReconnect(() => temporal.workflow.getHandle(workflowId).describe()).catch(
    notFound(workflowId),
  );
  const summary = summaryOf(description);
  const memo = runMemoSchema.safeParse(description.memo);
  if (!summary || !memo.success) throw new OperationRefusedError(`${workflowId} is not a run of hrflow-temporal.`);
  return { summary, memo: memo.data, description, running: description.status.name === 'RUNNING' };
}

function notFound(workflowId: string): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new OperationRefusedError(
      `Temporal has no run with the workflow id ${workflowId}; look with "hrflow-temporal runs". Closed runs are deleted after a while.`,
    );
  };
}
