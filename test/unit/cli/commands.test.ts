import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Command } from 'commander';
import { UsageError, type Cli } from '../../../src/cli/cli';
import { define as defineCheck } from '../../../src/cli/commands/check';
import { define as defineConnectors } from '../../../src/cli/commands/connectors';
import { define as defineDoctor } from '../../../src/cli/commands/doctor';
import { define as definePreview } from '../../../src/cli/commands/preview';
import { define as defineSecrets } from '../../../src/cli/commands/secrets';
import { define as defineSettings } from '../../../src/cli/commands/settings';
import { takeOverrides } from '../../../src/cli/input/overrides';
import { parametersOf, withMissingFilled } from '../../../src/cli/output/parameter-list';
import { connectors, connectorsByName, profileSource } from '../../../src/connectors/registry';
import { sampleProfiles } from '../../simulators/sample-data';
import { casePath } from '../../support/cases';
import { recordCli } from './support';

let folder: string;
const file = (name: string, content: unknown) => {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(content));
  return path;
};

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function run(
  define: (command: Command, cli: Cli) => void,
  args: readonly string[],
  env: Cli['env'] = {},
  input = '',
) {
  const { rest, overrides } = takeOverrides(args);
  const cli = recordCli({ env, overrides, input });
  const command = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  define(command, cli);
  await command.parseAsync(rest, { from: 'user' });
  return cli;
}

describe('settings', () => {
  it('prints the built-in values of the contract', async () => {
    const { stdout } = await run(defineSettings, ['--json']);
    const settings = JSON.parse(stdout.join(''));
    expect(Object.keys(settings.connectors).sort()).toEqual(['flatchr', 'hrflow', 'oracleORC', 'talentSoft']);
    expect(settings.connectors.flatchr).toMatchObject({
      connectTimeoutMs: 10_000,
      settleMs: 120_000,
      ratePerSecond: 2,
    });
    expect(settings.connectors.hrflow).toMatchObject({ ratePerSecond: 10 });
  });

  it('prints the values of the file over them, and refuses unknown keys by name', async () => {
    const good = { HRFLOW_TEMPORAL_SETTINGS: file('good.json', { connectors: { flatchr: { settleMs: 7 } } }) };
    const { stdout } = await run(defineSettings, [], good);
    expect(JSON.parse(stdout.join('')).connectors.flatchr).toMatchObject({ settleMs: 7, responseTimeoutMs: 60_000 });
    const bad = { HRFLOW_TEMPORAL_SETTINGS: file('bad.json', { connectors: { flatchr: { settle: 7 } } }) };
    await expect(run(defineSettings, [], bad)).rejects.toThrow('connectors.flatchr: unknown field "settle"');
  });
});

describe('connectors', () => {
  it('lists every parameter with its type, and marks required and secret ones', async () => {
    const text = (await run(defineConnectors, [])).stdout.join('\n');
    for (const { name } of connectors) expect(text).toContain(`${name}.pushProfile`);
    expect(text).toMatch(/--target\.authData\.password \* +secret +Password of the integration user/);
    expect(text).toMatch(/--target\.enrich\.compagny +text/);
    expect(text).toMatch(/--action\.onFailure +fail \| hold .*default "fail"/);
  });

  it('gives JSON Schemas, secrets marked', async () => {
    const { stdout } = await run(defineConnectors, ['flatchr', '--json']);
    const { connectors: listed, origin: from, actionParameters } = JSON.parse(stdout.join(''));
    expect(listed.map((one: { name: string }) => one.name)).toEqual(['flatchr']);
    const [push] = listed[0].actions;
    expect(push.targetParameters.properties.auth.secret).toBe(true);
    expect(push.targetParameters.required).toEqual(['auth', 'subdomain', 'vacancy']);
    expect(from.originParameters.properties.api_secret.secret).toBe(true);
    expect(actionParameters.properties.read_mode.enum).toEqual(['sync', 'incremental']);
  });

  it('knows nested requirements: a member is required only where its group is', () => {
    const required = parametersOf(connectorsByName.flatchr.actions.pushProfile.parameters).filter(
      (one) => one.required,
    );
    expect(required.map(({ path }) => path)).toEqual(['auth', 'subdomain', 'vacancy']);
    expect(parametersOf(profileSource.parameters).every((one) => one.required)).toBe(true);
  });

  it('refuses a name that it does not know', async () => {
    await expect(run(defineConnectors, ['nope'])).rejects.toThrow('there are: talentSoft, oracleORC, flatchr');
  });
});

describe('preview', () => {
  const [profile] = sampleProfiles({ fileUrl: (name) => `https://files.example/${name}` });

  it('prints the document, without secrets and without a network', async () => {
    const args = [
      'flatchr',
      '--profile',
      file('p.json', profile),
      '--target.subdomain',
      'careers',
      '--target.vacancy',
      'v',
    ];
    const { stdout } = await run(definePreview, args);
    expect(JSON.parse(stdout.join(''))).toMatchObject({
      vacancy: 'v',
      email: 'zoe.exemple@example.test',
      resume: { data: { $file: 'https://files.example/cv-zoe.pdf', encoding: 'base64' } },
    });
  });

  it('takes the answer of HrFlow.ai as it is, and shows the enrichment beside the document', async () => {
    const answer = file('answer.json', { code: 200, message: 'ok', data: profile });
    const target = { subdomain: 'careers', vacancy: 'v', enrich: { compagny: 'K' }, auth: 'do-not-print-me' };
    const params = file('params.json', { targetParameters: target });
    const text = (await run(definePreview, ['flatchr', '--profile', answer, '--params', params, '--json'])).stdout.join(
      '',
    );
    expect(JSON.parse(text)).toMatchObject({ document: { vacancy: 'v' }, enrichment: { app_name: 'HRMatch' } });
    expect(text).not.toContain('do-not-print-me');
  });

  it.each([
    ['p-parsing-answer.json', 'the profile is at data.profile'],
    ['hrflow-answers.json', 'the profile is at [1].data'],
    ['p-error-answer.json', '400 Invalid parameters. Unable to find object: profile'],
    ['hrflow-auth-answer.json', 'nothing in it has "info"'],
  ])('of %s, which is no profile, says where the profile stands', async (name, words) => {
    const running = run(definePreview, ['oracleORC', '--profile', casePath(name)]);
    await expect(running).rejects.toThrow(UsageError);
    await expect(running).rejects.toThrow(words);
  });

  it.each([
    [{ code: 200, message: 'Profile details', data: {} }, 'nothing in it has "info"'],
    [{ type: 'profile.parsing.success', profile: { key: 'k', source: {} } }, 'nothing in it has "info"'],
    [{ code: 200, data: { profiles: [{}, { info: {} }] } }, 'the profile is at data.profiles[1]'],
    [[{ info: {} }], 'the profile is at [0]'],
    [5, 'does not hold a JSON object'],
  ])('of %j prints no payload', async (saved, words) => {
    const running = run(definePreview, ['oracleORC', '--profile', file('saved.json', saved)]);
    await expect(running).rejects.toThrow(words);
  });

  it.each([
    [
      'talentSoft',
      'client_id_front, client_secret_front',
      { applicantApplication: { application: { type: 'offer' } } },
    ],
    ['oracleORC', 'authData.username, authData.password', { Email: 'zoe.exemple@example.test' }],
    ['flatchr', 'auth, subdomain, vacancy', { vacancy: '<vacancy>' }],
  ])('of %s needs a profile alone, and names what stands in for the parameters', async (connector, filled, payload) => {
    const { stdout, stderr } = await run(definePreview, [connector, '--profile', file('p.json', profile)]);
    expect(JSON.parse(stdout.join(''))).toMatchObject(payload);
    expect(stderr.join('')).toContain(`Not given, so something stands in for it: ${filled}`);
  });

  it('names parameters that are wrong, and the field of the profile that the format needs', async () => {
    const args = ['flatchr', '--profile', file('p.json', profile)];
    await expect(run(definePreview, [...args, '--target.subdomain', '/'])).rejects.toThrow(
      'targetParameters.subdomain',
    );
    const poor = file('poor.json', { ...profile, info: { ...profile?.info, email: null } });
    await expect(run(definePreview, ['flatchr', '--profile', poor])).rejects.toThrow('info.email');
  });

  it('takes a profile that is too large as a push does, and says what is left out', async () => {
    const long = file('long.json', { ...profile, text: 'x'.repeat(2_000_000) });
    const { stdout, stderr } = await run(definePreview, ['oracleORC', '--profile', long]);
    expect(JSON.parse(stdout.join(''))).toMatchObject({ Email: 'zoe.exemple@example.test' });
    expect(stderr.join('')).toContain('The text of the CV (2000002 bytes) was left out');
  });

  it('reads a profile with a byte order mark, from a file or from standard input', async () => {
    const path = join(__dirname, '..', '..', 'fixtures', 'cases', 'p-bom.json');
    const fromFile = await run(definePreview, ['flatchr', '--profile', path]);
    expect(JSON.parse(fromFile.stdout.join(''))).toMatchObject({ vacancy: '<vacancy>' });
    const piped = await run(definePreview, ['flatchr', '--profile', '-'], {}, readFileSync(path, 'utf8'));
    expect(piped.stdout).toEqual(fromFile.stdout);
    await expect(run(definePreview, ['flatchr', '--profile', '-', '--params', '-'])).rejects.toThrow(
      '--profile and --params cannot both be standard input',
    );
  });

  it('says where a profile is broken, or in which encoding it is', async () => {
    const broken = await run(definePreview, ['flatchr', '--profile', '-'], {}, '{"info":').catch(String);
    expect(broken).toContain('--profile: standard input: it is not valid JSON: line 1, column 9');
    const path = join(folder, 'utf16.json');
    writeFileSync(path, Buffer.from('\uFEFF{}', 'utf16le'));
    await expect(run(definePreview, ['flatchr', '--profile', path])).rejects.toThrow(
      `--profile: ${path}: it is UTF-16`,
    );
  });

  it('fills in only what is missing and needed', () => {
    const schema = connectorsByName.oracleORC.actions.pushProfile.parameters;
    expect(withMissingFilled(schema, { authData: { username: 'u' }, hostAndPort: { host: 'pod' } })).toEqual({
      value: { authData: { username: 'u', password: { secret: 'password' } }, hostAndPort: { host: 'pod', port: 443 } },
      filled: ['authData.password', 'hostAndPort.port'],
    });
  });
});

describe('secrets check', () => {
  it('says where references resolve, never what they hold', async () => {
    const params = file('secrets.json', {
      targetParameters: { auth: { secret: 'flatchr/prod' } },
      originParameters: {},
    });
    const cli = await run(defineSecrets, ['check', 'hrflow/api', '--params', params], {
      HRFLOW_SECRET_FLATCHR_PROD: 'hidden-value',
    });
    expect(cli.stdout).toEqual([
      'missing hrflow/api: the environment variable HRFLOW_SECRET_HRFLOW_API has none',
      'found   flatchr/prod: the environment variable HRFLOW_SECRET_FLATCHR_PROD',
    ]);
    expect(cli.status()).toBe(1);
  });

  it('warns of white space and quotes at the ends, not of one line break, and never shows the value', async () => {
    const env = { HRFLOW_SECRET_A: '"hidden"\n', HRFLOW_SECRET_B: 'hidden\n' };
    const cli = await run(defineSecrets, ['check', 'a', 'b'], env);
    expect(cli.stdout).toEqual([
      'found   a: the environment variable HRFLOW_SECRET_A; it begins or ends with a quote',
      '        Remove white space and quotes at the ends of a secret, unless they belong to it.',
      'found   b: the environment variable HRFLOW_SECRET_B',
    ]);
    expect(cli.status()).toBe(0);
    const json = (await run(defineSecrets, ['check', 'a', '--json'], env)).stdout.join('');
    expect(JSON.parse(json)).toMatchObject({ found: true, warnings: ['it begins or ends with a quote'] });
  });

  it('needs something to check', async () => {
    await expect(run(defineSecrets, ['check'])).rejects.toThrow('there is nothing to check');
  });
});

describe('check and doctor', () => {
  // Without keys Temporal is not tried.
  const env = { HRFLOW_SECRET_A: ' hidden-value', HRFLOW_SECRET_B: 'hidden-value\n' };
  const todo = 'Remove white space and quotes at the ends of a secret, unless they belong to it.';

  it('doctor warns of secrets of its environment', async () => {
    const { stdout } = await run(defineDoctor, ['--json'], env);
    const steps = stdout.map((line) => JSON.parse(line));
    const seen = 'the environment (2); the environment variable HRFLOW_SECRET_A: it begins with white space';
    expect(steps).toContainEqual({ name: 'secrets', status: 'passed', seen, todo });
    const gone = { ...env, HRFLOW_TEMPORAL_SECRETS_DIR: join(folder, 'gone') };
    const failed = (await run(defineDoctor, ['--json'], gone)).stdout.map((line) => JSON.parse(line));
    expect(failed).toContainEqual(
      expect.objectContaining({ name: 'secrets', status: 'failed', seen: expect.stringContaining('(ENOENT)') }),
    );
  });

  it('check warns of the secrets of its push, references and literals', async () => {
    const params = file('check.json', {
      originParameters: { api_secret: { secret: 'a' }, api_user: 'u@example.test', source_key: 's', profile_key: 'p' },
      targetParameters: { auth: '"hidden-value"', subdomain: 'careers', vacancy: 'v' },
    });
    const closed = { HRFLOW_API_URL: 'http://127.0.0.1:1', FLATCHR_URL: 'http://127.0.0.1:1/{subdomain}' };
    const { stdout } = await run(defineCheck, ['flatchr', '--params', params, '--json'], { ...env, ...closed });
    const steps = stdout.map((line) => JSON.parse(line));
    expect(steps).toContainEqual({
      name: 'secret originParameters.api_secret',
      status: 'passed',
      seen: 'the environment variable HRFLOW_SECRET_A; it begins with white space',
      todo,
    });
    expect(steps).toContainEqual({
      name: 'secret targetParameters.auth',
      status: 'passed',
      seen: 'stands in the parameters; it begins or ends with a quote',
      todo,
    });
    expect(stdout.join('')).not.toContain('hidden-value');
  });
});

describe('doctor', () => {
  it.each([
    [{}, 'none', null],
    [
      { HRFLOW_TEMPORAL_PROXY: 'http://me:the-password@proxy.corp:3128', NO_PROXY: '.corp' },
      'calls to the other systems go through proxy.corp:3128, with a user, but for .corp',
      null,
    ],
    [
      { HTTPS_PROXY: 'http://me:the-password@proxy.corp:3128', all_proxy: 'http://proxy.corp:1' },
      'none; HTTPS_PROXY is not used for these calls; all_proxy is not used for these calls',
      'HRFLOW_TEMPORAL_PROXY',
    ],
  ])('says which proxy is used, and which is not: %j', async (env, seen, todo) => {
    const { stdout } = await run(defineDoctor, ['--json'], env);
    const step: unknown = stdout.map((line) => JSON.parse(line)).find(({ name }) => name === 'proxy');
    expect(step).toMatchObject({ status: 'passed', seen, todo: todo ? expect.stringContaining(todo) : null });
    expect(stdout.join('')).not.toContain('the-password');
  });

  it('refuses a proxy that it cannot use, without its password', async () => {
    const env = { HRFLOW_TEMPORAL_PROXY: 'https://me:the-password@proxy.corp:3128' };
    const { stdout, status } = await run(defineDoctor, ['--json'], env);
    expect(status()).not.toBe(0);
    expect(stdout.join('')).toContain('HRFLOW_TEMPORAL_PROXY');
    expect(stdout.join('')).not.toContain('the-password');
  });
});
