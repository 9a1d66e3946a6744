import type { AbandonArgs, ResolveArgs } from '../../protocol/messages';
import type { ClientContext } from '../context';
import type { PushEnd } from '../wait';
import type { Corrections } from './corrections';
import { listRuns, type RunFilter } from './list';
import { abandonRun, resolveRun, retryRun, type Accepted } from './operate';
import { showRun, type RunDetails } from './show';
import type { RunSummary } from './summary';
import { waitAfter } from './wait';

/** A run that accepted an operation. */
export interface AcceptedRun {
  readonly workflowId: string;
  readonly runId: string;
  /**
   * Waits until the run ends, or is held again.
   *
   * @throws PushError if it does not deliver, or is held again (`state: 'held'`)
   */
  result(): Promise<PushEnd>;
}

/** What operators do with runs. A workflow id stands for its latest run. */
export interface Runs {
  /**
   * Lists runs, the newest first, page by page as they are read. Runs that were encrypted with a key that is not here are left out,
   * see {@link RunFilter.onUnreadable}.
   */
  list(filter?: RunFilter): AsyncIterable<RunSummary>;
  /**
   * Returns what is known of a run: state, result or hold, parameters without secrets and personal data, and a timeline.
   *
   * @throws OperationRefusedError if there is no such run
   */
  show(workflowId: string): Promise<RunDetails>;
  /**
   * Resumes a held run. Corrections are merged into its parameters; what makes a push the same push cannot be corrected.
   *
   * @throws OperationRefusedError with the reason, InputError if the corrected request is not valid, OperationUnansweredError if no
   *   worker answers within 15 s
   */
  retry(workflowId: string, corrections?: Corrections): Promise<AcceptedRun>;
  /**
   * Records what you found in the ATS, for a run whose outcome is unknown. `{ delivered: false }` sends again; it is refused while the
   * create may still appear in the ATS.
   *
   * @throws OperationRefusedError with the reason, OperationUnansweredError
   */
  resolve(workflowId: string, found: ResolveArgs): Promise<AcceptedRun>;
  /**
   * Ends a run as failed, with what is known of the applicant.
   *
   * @throws OperationRefusedError with the reason, OperationUnansweredError
   */
  abandon(workflowId: string, args?: AbandonArgs): Promise<AcceptedRun>;
}

/** Binds the operations to a connection. */
export function createRuns(context: ClientContext): Runs {
  const accepted = async (operation: Promise<Accepted>): Promise<AcceptedRun> => {
    const run = await operation;
    const { workflowId, runId } = run;
    return { workflowId, runId, result: () => waitAfter(context, run) };
  };
  return {
    list: (filter) => listRuns(context, filter),
    show: (workflowId) => showRun(context, workflowId),
    retry: (workflowId, corrections) => accepted(retryRun(context, workflowId, corrections)),
    resolve: (workflowId, found) => accepted(resolveRun(context, workflowId, found)),
    abandon: (workflowId, args = {}) => accepted(abandonRun(context, workflowId, args)),
  };
}
