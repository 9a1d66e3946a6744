import type { Command } from 'commander';
import { readEnvironment } from '../../config/environment';
import { loadSettings } from '../../config/settings';
import type { Cli } from '../cli';
import { EXIT } from '../output/exit-status';
import { printJson } from '../output/output';

/** `settings`: the values in force, as JSON. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Print the settings in force as JSON: the file of HRFLOW_TEMPORAL_SETTINGS over the built-in values.')
    .option('--json', 'on one line')
    .addHelpText('after', '\nExample:\n  $ hrflow-temporal settings > settings.json')
    .action(({ json = false }: { readonly json?: boolean }) => {
      printJson(cli, loadSettings(readEnvironment(cli.env).settingsFile), json);
      cli.end(EXIT.ok);
    });
}
