import { InputError, OperationRefusedError, type AcceptedRun } from '../../client';
import type { Cli } from '../cli';
import { EXIT, type ExitStatus } from './exit-status';
import { explain } from './explain';

/** What `retry`, `resolve` and `abandon` print with `--json`. */
export interface OperationReport {
  readonly workflowId: string;
  readonly runId: string | null;
  readonly accepted: boolean;
  /** Why not. */
  readonly reason: string | null;
}

/**
 * Does one operation on one run and says what came of it.
 *
 * @param quiet whether to say nothing when it was accepted, because more is to come
 */
export async function operate(
  cli: Cli,
  workflowId: string,
  { json = false, quiet = false }: { readonly json?: boolean | undefined; readonly quiet?: boolean },
  operation: () => Promise<AcceptedRun>,
): Promise<{ readonly status: ExitStatus; readonly accepted: AcceptedRun | null }> {
  try {
    const accepted = await operation();
    const { runId } = accepted;
    if (quiet) return { status: EXIT.ok, accepted };
    if (json) print(cli, { workflowId, runId, accepted: true, reason: null });
    else cli.out(`${cli.style('green', 'accepted')} ${cli.style('dim', workflowId)}`);
    return { status: EXIT.ok, accepted };
  } catch (error) {
    const refused = error instanceof OperationRefusedError || error instanceof InputError;
    if (refused && json) print(cli, { workflowId, runId: null, accepted: false, reason: error.message });
    return { status: explain(cli, error), accepted: null };
  }
}

function print(cli: Cli, report: OperationReport): void {
  cli.out(JSON.stringify(report));
}
