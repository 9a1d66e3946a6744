import type { Command } from 'commander';
import type { ResolveArgs } from '../../protocol/messages';
import { UsageError, type Cli } from '../cli';
import { operate } from '../output/operation-output';
import { withRuns } from '../temporal';

interface Options {
  readonly delivered?: boolean;
  readonly notDelivered?: boolean;
  readonly atsId?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Only for a run whose outcome is unknown. --not-delivered sends again, and is refused while the create may still appear in the ATS.

Examples:
  $ hrflow-temporal resolve hrflow/8f0c…/oracleORC.pushProfile/1a2b3c4d5e6f --delivered --ats-id 300000123
  $ hrflow-temporal resolve hrflow/8f0c…/oracleORC.pushProfile/1a2b3c4d5e6f --not-delivered`;

/** `resolve ID`: records what was found in the ATS. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Record what you found in the ATS, for a run whose outcome is unknown.')
    .argument('<id>', 'workflow id')
    .option('--delivered', 'the applicant is in the ATS')
    .option('--not-delivered', 'the applicant is not in the ATS')
    .option('--ats-id <id>', 'with --delivered: the id of the applicant in the ATS')
    .option('--json', 'print JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, options: Options) => {
      const seen = whatWasSeen(options);
      const { status } = await withRuns(cli, (runs) =>
        operate(cli, id, { json: options.json }, () => runs.resolve(id, seen)),
      );
      cli.end(status);
    });
}

function whatWasSeen({ delivered = false, notDelivered = false, atsId }: Options): ResolveArgs {
  if (delivered === notDelivered) throw new UsageError('give one of --delivered and --not-delivered');
  if (delivered) return { delivered, ...(atsId !== undefined && { atsId }) };
  if (atsId !== undefined) throw new UsageError('--ats-id goes with --delivered only');
  return { delivered };
}
