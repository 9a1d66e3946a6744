import type { Command } from 'commander';
import type { Cli } from '../cli';
import { assertConnector } from '../input/names';
import { definePush, type PushOptions, runPushes } from '../pushes';

const EXAMPLES = `
Input, flags and exit statuses are those of "push"; the target parameters are auth, subdomain, vacancy and compagny.

Example:
  $ hrflow-temporal enrich flatchr --params enrich.json --origin.profile_key 8f0c…`;

/** `enrich flatchr`. */
export function define(command: Command, cli: Cli): void {
  definePush(command.argument('<connector>', 'flatchr'))
    .addHelpText('after', EXAMPLES)
    .action(async (connector: string, options: PushOptions) => {
      const { name } = assertConnector(connector, 'enrichProfile');
      cli.end(await runPushes(cli, name, 'enrichProfile', options));
    });
}
