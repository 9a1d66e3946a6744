import type { Command } from 'commander';
import { connectors } from '../../connectors/registry';
import type { Action } from '../../protocol/names';
import type { Cli } from '../cli';
import { definePush, type PushOptions, runPushes } from '../pushes';
import { assertConnector, parseAction } from '../input/names';

const EXAMPLES = `
Input: one JSON object, or one per line (JSON Lines: one push per line, many in flight):
  { "workflowId"?, "actionParameters"?, "originParameters", "targetParameters" }
Flags such as --origin.profile_key, --target.hostAndPort.port, --target.auth.secret (a reference) and --action.logics a,b
override it. "hrflow-temporal connectors" lists all parameters.

Exit status: 0 as wanted; 1 failed, or not enriched; 2 refused; 3 Temporal not reachable; 4 held, or outcome unknown.

Examples:
  $ hrflow-temporal push flatchr --params push.json
  $ hrflow-temporal push flatchr --params push.json --origin.profile_key 8f0c… --target.vacancy developer-lyon
  $ hrflow-temporal push oracleORC --params many.jsonl --concurrency 25 --json > results.jsonl`;

/** `push <connector>`. */
export function define(command: Command, cli: Cli): void {
  definePush(command.argument('<connector>', `one of ${connectors.map(({ name }) => name).join(', ')}`))
    .option('--action <name>', 'pushProfile or enrichProfile', parseAction, 'pushProfile')
    .addHelpText('after', EXAMPLES)
    .action(async (connector: string, options: PushOptions & { readonly action: Action }) => {
      const { name } = assertConnector(connector, options.action);
      cli.end(await runPushes(cli, name, options.action, options));
    });
}
