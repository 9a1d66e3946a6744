import type { Command } from 'commander';
import type { Cli } from '../cli';
import { operate } from '../output/operation-output';
import { withRuns } from '../temporal';

interface Options {
  readonly reason?: string;
  readonly json?: boolean;
}

/** `abandon ID`: ends a run as failed, with what is known. */
export function define(command: Command, cli: Cli): void {
  command
    .description('End a run as failed, with what is known of the applicant.')
    .argument('<id>', 'workflow id')
    .option('--reason <text>', 'stands in the result')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nExample:\n  $ hrflow-temporal abandon hrflow/8f0c…/flatchr.pushProfile/1a2b3c4d5e6f --reason "offer closed"',
    )
    .action(async (id: string, { reason, json = false }: Options) => {
      const { status } = await withRuns(cli, (runs) =>
        operate(cli, id, { json }, () => runs.abandon(id, reason === undefined ? {} : { reason })),
      );
      cli.end(status);
    });
}
