import { Option, type Command } from 'commander';
import type { AcceptedRun, Corrections, Runs } from '../../client';
import { FAILURE_TYPES, type FailureType } from '../../protocol/names';
import { UsageError, type Cli } from '../cli';
import { EXIT, statusOf, worse, type ExitStatus } from '../output/exit-status';
import { PARAMS_FLAG, readRequest } from '../input/input';
import { assertConnector } from '../input/names';
import { operate } from '../output/operation-output';
import { printReport } from '../output/output';
import { completed, failed, type PushReport } from '../output/report';
import { withRuns } from '../temporal';
import { countUnreadable } from '../output/unreadable-runs';

interface Options {
  readonly wait?: boolean;
  readonly params?: string;
  readonly all?: boolean;
  readonly connector?: string;
  readonly reason?: FailureType;
  readonly json?: boolean;
}

const EXAMPLES = `
Credentials, enrich, lookup, logics and format may be corrected; what makes a push the same push may not.

Exit status: 0 accepted (with --wait: as push); 2 refused, with the reason; 3 Temporal or a worker not reachable.

Examples:
  $ hrflow-temporal retry hrflow/8f0c…/flatchr.pushProfile/1a2b3c4d5e6f --target.auth.secret flatchr/new --wait
  $ hrflow-temporal retry --all --connector flatchr --reason auth`;

/** `retry ID` and `retry --all`. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Resume held runs, with corrected parameters if necessary.')
    .usage('<id> [options] [--target.NAME VALUE] | --all [options]')
    .argument('[id]', 'workflow id')
    .option('--wait', 'wait for the result, and print it as push does')
    .option(PARAMS_FLAG, 'JSON file with the corrected parts; "-" is standard input')
    .option('--all', 'every held run')
    .option('--connector <name>', 'with --all: of this connector')
    .addOption(new Option('--reason <type>', 'with --all: held for this type of error').choices(FAILURE_TYPES))
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, options: Options) => {
      assertUsable(id, options);
      const corrections = await readCorrections(cli, id, options);
      const retry = (runs: Runs, runId: string) => retryOne(cli, runs, runId, corrections, options);
      cli.end(
        await withRuns(cli, (runs) => (id === undefined ? retryAll(cli, runs, options, retry) : retry(runs, id))),
      );
    });
}

function assertUsable(id: string | undefined, { all = false, connector, reason }: Options): void {
  if ((id === undefined) !== all) throw new UsageError('give either a workflow id or --all');
  if (!all && (connector !== undefined || reason !== undefined))
    throw new UsageError('--connector and --reason go with --all');
  if (connector !== undefined) assertConnector(connector);
}

async function readCorrections(cli: Cli, id: string | undefined, { params }: Options): Promise<Corrections> {
  if (params === undefined && cli.overrides.length === 0) return {};
  const { workflowId, originParameters, targetParameters, actionParameters } = await readRequest(cli, params);
  if (workflowId !== undefined && workflowId !== id)
    throw new UsageError('workflowId: this file belongs to another run');
  return { originParameters, targetParameters, ...(actionParameters && { actionParameters: { ...actionParameters } }) };
}

async function retryOne(
  cli: Cli,
  runs: Runs,
  id: string,
  corrections: Corrections,
  { wait = false, json = false }: Options,
): Promise<ExitStatus> {
  const { status, accepted } = await operate(cli, id, { json, quiet: wait }, () => runs.retry(id, corrections));
  if (!wait || !accepted) return status;
  cli.onInterrupt(() => [`The run continues without this command: ${id}.`]);
  const report = await outcomeOf(accepted);
  printReport(cli, report, json);
  return statusOf(report);
}

async function outcomeOf(accepted: AcceptedRun): Promise<PushReport> {
  const { workflowId, runId } = accepted;
  try {
    return completed(await accepted.result());
  } catch (error) {
    return failed(error, { workflowId, runId, profileKey: null });
  }
}

/** One after the other is enough for what waits for people. */
async function retryAll(
  cli: Cli,
  runs: Runs,
  { connector, reason }: Options,
  retry: (runs: Runs, id: string) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const held: string[] = [];
  const unreadable = countUnreadable(cli);
  for await (const { workflowId, hold } of runs.list({ connector, state: 'held', ...unreadable.filter })) {
    if (reason === undefined || hold?.error.type === reason) held.push(workflowId);
  }
  unreadable.say();
  let status: ExitStatus = EXIT.ok;
  for (const id of held) status = worse(status, await retry(runs, id));
  cli.err(held.length === 0 ? 'There is no such held run.' : `${held.length} held runs were resumed.`);
  return status;
}
