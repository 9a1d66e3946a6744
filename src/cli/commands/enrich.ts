import type { Command } from 'commander';
import { connectors } from '../../connectors/registry';
import type { Cli } from '../cli';
import { assertConnector } from '../input/names';
import { definePush, type PushOptions, runPushes } from '../pushes';

const EXAMPLES = `
Input, flags and exit statuses are those of "push"; "hrflow-temporal connectors NAME" lists the target parameters.

Example:
  $ hrflow-temporal enrich flatchr --params enrich.json --origin.profile_key 8f0c…`;

const enriching = connectors.filter(({ actions }) => actions.enrichProfile).map(({ name }) => name);

/** `enrich <connector>`. */
export function define(command: Command, cli: Cli): void {
  definePush(command.argument('<connector>', enriching.join(', ')))
    .addHelpText('after', EXAMPLES)
    .action(async (connector: string, options: PushOptions) => {
      const { name } = assertConnector(connector, 'enrichProfile');
      cli.end(await runPushes(cli, name, 'enrichProfile', options));
    });
}
