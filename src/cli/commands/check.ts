import type { Command } from 'commander';
import type { Dependencies } from '../../push/dependencies';
import { createContext } from '../../push/context';
import type { StartRequest } from '../../client/request';
import type { ConnectorCheck, ConnectorContext } from '../../connectors/connector';
import { profileSource } from '../../connectors/registry';
import { checkRequest, type CheckedRequest } from '../../push/check';
import { keyRingFromEnvironment } from '../../security/encryption/key-ring';
import { collectSecrets } from '../../security/sensitivity';
import { REMOVE_ODDITIES } from '../../security/secrets/secret-text';
import { workerDependencies } from '../../push/worker-dependencies';
import type { Action } from '../../protocol/names';
import type { Cli } from '../cli';
import {
  Checklist,
  CheckFailedError,
  checkTemporal,
  encryptionSeen,
  seen,
  seenWith,
  CheckSkippedError,
} from '../checks/checks';
import { PARAMS_FLAG, PARAMS_HELP, readRequest } from '../input/input';
import { assertConnector, parseAction } from '../input/names';
import { createScope } from '../../push/scope';

interface Options {
  readonly params?: string;
  readonly action: Action;
  readonly json?: boolean;
}

const EXAMPLES = `
Tries, from this machine and with this environment, what a worker would do, and says for each step what was seen and what to do.
Input and flags are those of "push".

Exit status: 0 nothing failed; 1 something failed; 2 the input was refused; 3 Temporal not reachable.

Example:
  $ hrflow-temporal check flatchr --params push.json`;

/** `check <connector>`: everything about a push that can be tried without writing. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Try a push step by step without writing anything.')
    .usage('<connector> [options] [--origin.NAME VALUE] [--target.NAME VALUE] [--action.NAME VALUE]')
    .argument('<connector>', 'name of the connector')
    .option(PARAMS_FLAG, PARAMS_HELP)
    .option('--action <name>', 'pushProfile or enrichProfile', parseAction, 'pushProfile')
    .option('--json', 'print one JSON document per step')
    .addHelpText('after', EXAMPLES)
    .action(async (name: string, options: Options) => {
      const connector = assertConnector(name, options.action).name;
      const request = await readRequest(cli, options.params);
      const list = new Checklist(cli, options.json ?? false);
      await checkPush(cli, list, connector, options.action, request);
      await checkTemporal(cli, list, STEPS.encryption);
      cli.end(list.status);
    });
}

const STEPS = { encryption: 'encryption', settings: 'worker settings', parameters: 'parameters' } as const;

async function checkPush(
  cli: Cli,
  list: Checklist,
  connector: string,
  action: Action,
  request: StartRequest,
): Promise<void> {
  const { encryption, settings, parameters } = STEPS;
  const keys = await list.step(encryption, [], () => {
    const value = keyRingFromEnvironment(cli.env);
    return { seen: encryptionSeen(value), value };
  });
  const encrypted = keys !== 'off';
  const dependencies = await list.step(settings, [], () => ({
    seen: 'environment and settings file can be used',
    value: workerDependencies(cli.env, { encrypted }),
  }));
  const checked = await list.step(parameters, [], () => ({
    seen: 'complete and well-formed',
    value: checkRequest(connector, action, request, encrypted),
  }));
  if (!dependencies || !checked) return;
  await checkAddresses(list, dependencies, checked);
  await checkSecrets(list, dependencies, checked, request);
  const { target, source } = checked;
  await tryAll(list, source.checks, ioOf(dependencies, profileSource.name, profileSource.title, source.account));
  await tryAll(list, target.checks, ioOf(dependencies, connector, checked.connector.title, target.account));
  await list.step('lookup of applicants', [], () => {
    if ('unavailable' in target.lookup) throw new CheckSkippedError(target.lookup.unavailable);
    return seen('possible with these parameters');
  });
}

async function checkAddresses(
  list: Checklist,
  { checkTenantUrl }: Dependencies,
  { target }: CheckedRequest,
): Promise<void> {
  for (const { path, url } of target.tenantUrls) {
    await list.step(`address targetParameters.${path}`, [], () => {
      checkTenantUrl(url);
      return seen('may be reached');
    });
  }
}

async function checkSecrets(
  list: Checklist,
  { secrets }: Dependencies,
  { definition }: CheckedRequest,
  { originParameters, targetParameters }: StartRequest,
): Promise<void> {
  const found = [
    ...collectSecrets(profileSource.parameters, originParameters).map(({ path, secret }) => ({
      path: ['originParameters', ...path],
      secret,
    })),
    ...collectSecrets(definition.parameters, targetParameters).map(({ path, secret }) => ({
      path: ['targetParameters', ...path],
      secret,
    })),
  ];
  for (const { path, secret } of found) {
    await list.step(`secret ${path.join('.')}`, [], async () => {
      const { source, problems, warnings } = await secrets.check(secret);
      if (source !== null)
        return seenWith(source === 'literal' ? 'stands in the parameters' : source, warnings, REMOVE_ODDITIES);
      throw new CheckFailedError(
        problems.join('; '),
        'Give the secret to this environment and to that of the workers.',
      );
    });
  }
}

function ioOf(dependencies: Dependencies, system: string, title: string, account: string): ConnectorContext {
  return createContext(dependencies, { system, title, account }, createScope());
}

async function tryAll(list: Checklist, checks: readonly ConnectorCheck[], ctx: ConnectorContext): Promise<void> {
  for (const one of checks) {
    await list.step(one.name, [], async () => {
      const answer = await one.run(ctx);
      if (answer === null) throw new CheckSkippedError('nothing can be tried without writing');
      return typeof answer === 'string' ? seen(answer) : { ...seen(answer.seen), todo: answer.todo };
    });
  }
}
