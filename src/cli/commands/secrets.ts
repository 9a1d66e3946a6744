import type { Command } from 'commander';
import { readEnvironment } from '../../config/environment';
import { isSecretReference } from '../../security/sensitivity';
import { REMOVE_ODDITIES } from '../../security/secrets/secret-text';
import { createSecretResolver, type SecretCheck } from '../../security/secrets/references';
import { UsageError, type Cli } from '../cli';
import { EXIT } from '../output/exit-status';
import { PARAMS_FLAG, PARAMS_HELP, readInput } from '../input/input';

interface Options {
  readonly params?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
Looks where a worker with this environment would look, in this order: the environment variable HRFLOW_SECRET_…, the folder
HRFLOW_TEMPORAL_SECRETS_DIR, the file HRFLOW_TEMPORAL_SECRETS_FILE. Values are never printed;
white space and quotes at their ends are warned of. Exit status 1: one was not found.

Examples:
  $ hrflow-temporal secrets check flatchr/prod hrflow/api
  $ hrflow-temporal secrets check --params push.json`;

/** `secrets check`: which references resolve, and from where. */
export function define(command: Command, cli: Cli): void {
  command
    .command('check')
    .description('Say which secret references resolve, and from where.')
    .argument('[names...]', 'names of secrets')
    .option(PARAMS_FLAG, `${PARAMS_HELP}: its references are checked`)
    .option('--json', 'print one JSON document per reference')
    .addHelpText('after', EXAMPLES)
    .action(async (names: readonly string[], { params, json = false }: Options) => {
      const wanted = new Set([...names, ...(params === undefined ? [] : await referencesIn(cli, params))]);
      if (wanted.size === 0)
        throw new UsageError('there is nothing to check: give names, or --params with references in it');
      const { secretsDir: dir, secretsFile: file } = readEnvironment(cli.env);
      const resolver = createSecretResolver({ env: cli.env, dir, file });
      let missing = 0;
      for (const name of wanted) {
        const check = await resolver.check({ secret: name });
        if (!check.found) missing += 1;
        print(cli, name, check, json);
      }
      cli.end(missing === 0 ? EXIT.ok : EXIT.failed);
    });
}

function print({ out, style }: Cli, name: string, check: SecretCheck, json: boolean): void {
  const { found, source, problems, warnings } = check;
  if (json) out(JSON.stringify({ name, found, source, problems, warnings }));
  else if (!found) out(`${style('red', 'missing')} ${name}: ${problems.join('; ')}`);
  else {
    out(`${style('green', 'found  ')} ${name}: ${[source, ...warnings].join('; ')}`);
    if (warnings.length > 0) out(`        ${REMOVE_ODDITIES}`);
  }
}

async function referencesIn(cli: Cli, path: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { value, problem } of readInput(cli, path)) {
    if (problem !== null) throw new UsageError(problem);
    collect(value, found);
  }
  return found;
}

function collect(value: unknown, found: string[]): void {
  if (typeof value !== 'object' || value === null) return;
  if (isSecretReference(value)) found.push(value.secret);
  else for (const member of Object.values(value)) collect(member, found);
}
