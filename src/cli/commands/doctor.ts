import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import { z } from 'zod';
import { readEnvironment, type Environment } from '../../config/environment';
import { parseEgressAllowList } from '../../http/egress/allow-list';
import { encryptionNamespace, keyRingFromEnvironment } from '../../security/encryption/key-ring';
import { REMOVE_ODDITIES } from '../../security/secrets/secret-text';
import { surveySecrets } from '../../security/secrets/references';
import { loadSettings } from '../../config/settings';
import type { Cli } from '../cli';
import {
  Checklist,
  CheckFailedError,
  checkTemporal,
  encryptionSeen,
  seen,
  seenWith,
  type CheckOutcome,
} from '../checks/checks';

const manifestSchema = z.object({ engines: z.object({ node: z.string() }) });
const SDK_PACKAGES = ['client', 'common', 'proto', 'worker'] as const;
const ENCRYPTION = 'encryption';

/** `doctor`: diagnoses the setup. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Diagnose the setup: Node, packages, environment, Temporal.')
    .option('--json', 'print one JSON document per step')
    .addHelpText('after', '\nExample:\n  $ hrflow-temporal doctor')
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const list = new Checklist(cli, json);
      await list.step('Node', [], () => nodeSeen(process.versions.node));
      await list.step('protobufjs', [], protobufSeen);
      await list.step(ENCRYPTION, [], () => encryptionFound(cli));
      await checkEnvironment(cli, list);
      await checkTemporal(cli, list, ENCRYPTION);
      cli.end(list.status);
    });
}

function encryptionFound({ env }: Cli): CheckOutcome {
  const keys = keyRingFromEnvironment(env);
  const namespace = keys === 'off' ? undefined : encryptionNamespace(env);
  return seen(`${encryptionSeen(keys)}${namespace === undefined ? '' : `; bound to the namespace "${namespace}"`}`);
}

/**
 * Compares with what package.json says.
 *
 * @throws CheckFailed if it is too old
 */
export function nodeSeen(version: string): CheckOutcome {
  const minimum = minimumNode();
  const [wantedMajor = 0, wantedMinor = 0] = minimum.split('.').map(Number);
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return seen(version);
  throw new CheckFailedError(`${version} is too old`, `Install Node ${minimum} or later.`);
}

function minimumNode(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '..', '..', '..', 'package.json'), 'utf8'));
  return manifestSchema.parse(manifest).engines.node.replace('>=', '');
}

/** The JSON of Temporal's messages breaks where its packages do not share one copy of protobufjs. */
function protobufSeen(): CheckOutcome {
  const ours = require.resolve('protobufjs/package.json');
  const apart = SDK_PACKAGES.filter((name) => {
    const home = dirname(require.resolve(`@temporalio/${name}/package.json`));
    return require.resolve('protobufjs/package.json', { paths: [home] }) !== ours;
  });
  if (apart.length === 0) return seen(`one copy, ${versionIn(ours)}`);
  const names = apart.map((name) => `@temporalio/${name}`).join(', ');
  throw new CheckFailedError(
    `${names} use another copy than this package (${versionIn(ours)}): replay of JSON histories can break`,
    'Make protobufjs ^8.7.1 a direct dependency of your project and install again.',
  );
}

function versionIn(manifestPath: string): string {
  const manifest: unknown = JSON.parse(readFileSync(manifestPath, 'utf8'));
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}

const IGNORED_PROXIES = ['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy', 'ALL_PROXY', 'all_proxy'];

const PROXY_TODO =
  'Only HRFLOW_TEMPORAL_PROXY counts for calls to the other systems: set it if they are reached through a proxy alone.';

/** What other programs take for a proxy is not used: it would see every call, so the operator has to choose it. */
function proxySeen({ env }: Cli, { proxy, noProxy }: Environment): CheckOutcome {
  const user = proxy?.authorization === undefined ? '' : ', with a user';
  const spared = noProxy === undefined ? '' : `, but for ${noProxy}`;
  const used = proxy ? `calls to the other systems go through ${proxy.host}:${proxy.port}${user}${spared}` : 'none';
  const ignored = IGNORED_PROXIES.filter((name) => env[name]).map((name) => `${name} is not used for these calls`);
  return seenWith(used, ignored, PROXY_TODO);
}

async function checkEnvironment(cli: Cli, list: Checklist): Promise<void> {
  const environment = await list.step('environment', [], () => {
    const value = readEnvironment(cli.env);
    return { seen: `task queue "${value.taskQueue}", log level ${value.logLevel}`, value };
  });
  if (!environment) return;
  const { settingsFile, egressAllow, secretsDir: dir, secretsFile: file } = environment;
  await list.step('settings', [], () => {
    loadSettings(settingsFile);
    return seen(settingsFile ?? 'built-in values');
  });
  await list.step('egress', [], () => {
    parseEgressAllowList(egressAllow ?? '');
    return seen(egressAllow ? `open to ${egressAllow}, beside public https` : 'public https only');
  });
  await list.step('proxy', [], () => proxySeen(cli, environment));
  await list.step('secrets', [], async () => {
    const { sources, warnings, problems } = await surveySecrets({ env: cli.env, dir, file });
    if (problems.length > 0) throw new CheckFailedError(problems.join('; '), 'Correct the variable, or what it names.');
    return seenWith(sources.join(', '), warnings, REMOVE_ODDITIES);
  });
}
