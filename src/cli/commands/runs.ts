import { Option, type Command } from 'commander';
import { LISTED_STATES, type ListedState, type RunSummary } from '../../client';
import type { Cli } from '../cli';
import { EXIT } from '../output/exit-status';
import { countUnreadable } from '../output/unreadable-runs';
import { assertConnector, parseCount } from '../input/names';
import { table } from '../output/style';
import { withRuns } from '../temporal';

interface Options {
  readonly connector?: string;
  readonly state?: ListedState;
  readonly profile?: string;
  readonly limit: number;
  readonly json?: boolean;
}

const EXAMPLES = `
A run that waits between attempts counts as running; "hrflow-temporal show" tells them apart.

Examples:
  $ hrflow-temporal runs --state held
  $ hrflow-temporal runs --connector flatchr --limit 100 --json`;

/** `runs`: one line per run, the newest first. */
export function define(command: Command, cli: Cli): void {
  command
    .description('List runs, the newest first.')
    .option('--connector <name>', 'only runs of this connector')
    .addOption(new Option('--state <state>', 'only runs in this state').choices(LISTED_STATES))
    .option('--profile <key>', 'only runs of this profile')
    .option('--limit <n>', 'how many at most', parseCount, 20)
    .option('--json', 'print one JSON document per run')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      if (options.connector !== undefined) assertConnector(options.connector);
      const unreadable = countUnreadable(cli);
      const runs = await withRuns(cli, async (all) => {
        const { connector, state, profile: profileKey, limit } = options;
        const found: RunSummary[] = [];
        for await (const run of all.list({ connector, state, profileKey, ...unreadable.filter })) {
          if (found.push(run) >= limit) break;
        }
        return found;
      });
      unreadable.say();
      if (options.json) for (const run of runs) cli.out(JSON.stringify(run));
      else print(cli, runs);
      cli.end(EXIT.ok);
    });
}

function print(cli: Cli, runs: readonly RunSummary[]): void {
  if (runs.length === 0) {
    cli.err('There are no such runs.');
    return;
  }
  const rows = runs.map(({ startedAt, state, outcome, connector, hold, workflowId }) => [
    startedAt.slice(0, 19).replace('T', ' '),
    state,
    outcome ?? '-',
    connector,
    hold ? `${hold.error.type} (${hold.error.whoMustAct})` : '-',
    workflowId,
  ]);
  const [head = '', ...lines] = table([
    ['STARTED (UTC)', 'STATE', 'OUTCOME', 'CONNECTOR', 'WAITS FOR', 'WORKFLOW ID'],
    ...rows,
  ]);
  cli.out(cli.style('bold', head));
  for (const line of lines) cli.out(line);
}
