import { Option, type Command } from 'commander';
import { retryRun, waitAfter, type Accepted } from '../../client/runs/operations';
import type { ClientContext } from '../../client/context';
import type { Corrections } from '../../client/runs/corrections';
import { listRuns } from '../../client/runs/runs';
import { FAILURE_TYPES, type FailureType } from '../../protocol/names';
import { UsageError, type Cli } from '../cli';
import { EXIT, statusOf, worse, type ExitStatus } from '../output/exit-status';
import { PARAMS_FLAG, readRequest } from '../input/input';
import { assertConnector } from '../input/names';
import { operate } from '../output/operation-output';
import { printReport } from '../output/output';
import { completed, failed, type PushReport } from '../output/report';
import { withTemporal } from '../temporal';
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
    .description('Let held runs go on, with corrected parameters if need be.')
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
      const retry = (context: ClientContext, runId: string) => retryOne(cli, context, runId, corrections, options);
      cli.end(
        await withTemporal(cli, (context) =>
          id === undefined ? retryAll(cli, context, options, retry) : retry(context, id),
        ),
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
  context: ClientContext,
  id: string,
  corrections: Corrections,
  { wait = false, json = false }: Options,
): Promise<ExitStatus> {
  const { status, accepted } = await operate(cli, id, { json, quiet: wait }, () => retryRun(context, id, corrections));
  if (!wait || !accepted) return status;
  cli.onInterrupt(() => [`The run goes on without this command: ${id}.`]);
  const report = await outcomeOf(context, accepted);
  printReport(cli, report, json);
  return statusOf(report);
}

async function outcomeOf(context: ClientContext, accepted: Accepted): Promise<PushReport> {
  const { workflowId } = accepted;
  let { runId } = accepted;
  try {
    const { result, error, runId: ended } = await waitAfter(context, accepted);
    runId = ended;
    if (error) throw error;
    if (!result) throw new Error('the run has no result');
    return completed({ workflowId, runId, result });
  } catch (error) {
    return failed(error, { workflowId, runId, profileKey: null });
  }
}

/** One after the other is enough for what waits for people. */
async function retryAll(
  cli: Cli,
  context: ClientContext,
  { connector, reason }: Options,
  retry: (context: ClientContext, id: string) => Promise<ExitStatus>,
): Promise<ExitStatus> {
  const held: string[] = [];
  const unreadable = countUnreadable(cli);
  for await (const { workflowId, hold } of listRuns(context, { connector, state: 'held', ...unreadable.filter })) {
    if (reason === undefined || hold?.error.type === reason) held.push(workflowId);
  }
  unreadable.say();
  let status: ExitStatus = EXIT.ok;
  for (const id of held) status = worse(status, await retry(context, id));
  cli.err(held.length === 0 ? 'There is no such held run.' : `${held.length} held runs were told to go on.`);
  return status;
}
