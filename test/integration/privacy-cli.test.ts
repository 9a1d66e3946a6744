import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SECRET_TEXT } from '../../src/security/sensitivity';
import { generateEncryptionKey } from '../../src/security/encryption/key-ring';
import { startProcess, type ManagedProcess } from '../../tools/processes';
import { commandLine, type CommandLine, type Ended } from '../e2e/cli-support';
import { HRFLOW_ACCOUNT, samplePdf, startSimulators, type Simulators } from '../simulators';
import { until } from '../support/failures';
import { temporalAddress } from '../support/harness';
import { quickSettings } from '../support/settings';
import { markedProfile, STEMS, textMarker, TEXT_STEM, type MarkedProfile } from './privacy-markers';
import { search } from './privacy-search';

const CLI = join(__dirname, '../../dist/cli/main.js');
const CONNECTORS = ['talentSoft', 'oracleORC', 'flatchr'] as const;
type Connector = (typeof CONNECTORS)[number];
/** The secret target parameters of every connector. */
const SECRETS = ['client_secret_front', 'client_secret_back', 'password', 'auth'];

describe('the command line and a worker process that log everything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-privacy-cli-'));
  const ended: Ended[] = [];
  /** What was printed by commands that have nothing to say of anybody: no marker may stand there either. */
  const silent: Buffer[] = [];
  /** Secrets that must not be printed anywhere. */
  const secrets = new Set<string>();
  let simulators: Simulators;
  let cli: CommandLine;
  let worker: ManagedProcess;
  let codecServer: ManagedProcess;
  let profiles = 0;

  function newProfile(): MarkedProfile {
    profiles += 1;
    const url = simulators.files.put(`cv/${textMarker('link')}.pdf`, samplePdf(textMarker('cv')), 'application/pdf');
    const key = createHash('sha1').update(`by command line ${profiles}`).digest('hex');
    const marked = markedProfile(key, profiles, url);
    simulators.hrflow.putProfile(HRFLOW_ACCOUNT.source_key, marked.profile);
    return marked;
  }

  function parameters(connector: Connector, { profile }: MarkedProfile) {
    const addresses = simulators.addresses();
    const originParameters = { ...addresses.hrflow.originParameters, profile_key: profile.key };
    return { originParameters, targetParameters: { ...addresses[connector] } };
  }

  /** Lets the ATS refuse what it is sent, and repeat it. */
  function refuse(connector: Connector, { email }: MarkedProfile): void {
    const words = textMarker('words');
    simulators[connector].faults.setGenerator(({ operation, headers }) => {
      if (operation !== 'create') return null;
      return { kind: 'status', status: 422, body: { message: `${words} ${email}: ${headers.authorization ?? ''}` } };
    });
  }

  async function run(args: readonly string[], input: unknown = '', by = cli): Promise<Ended> {
    const one = await by.run(args, typeof input === 'string' ? input : JSON.stringify(input));
    ended.push(one);
    return one;
  }

  async function runSilently(args: readonly string[], input: unknown = '', by = cli): Promise<Ended> {
    const one = await run(args, input, by);
    silent.push(Buffer.from(one.stdout));
    return one;
  }

  /** The same parameters with a marker for each secret of the target. */
  function withWrongSecrets(groups: ReturnType<typeof parameters>): ReturnType<typeof parameters> {
    const wrong = (name: string, value: unknown): unknown =>
      SECRETS.includes(name) && typeof value === 'string' ? noted(textMarker(`wrong${name}`)) : value;
    return JSON.parse(JSON.stringify(groups, wrong));
  }

  function noted(secret: string): string {
    secrets.add(secret);
    return secret;
  }

  /** Pushes what will be held, and gives the id of its run. */
  async function hold(connector: Connector, groups: unknown): Promise<string> {
    const { status, documents } = await run(
      ['push', connector, '--params', '-', '--json', '--action.onFailure', 'hold'],
      groups,
    );
    expect(status).toBe(4);
    return String(documents[0]?.['workflowId']);
  }

  beforeAll(async () => {
    simulators = await startSimulators();
    const settings = join(folder, 'settings.json');
    writeFileSync(settings, JSON.stringify(quickSettings()));
    const env = {
      ...simulators.environment(),
      TEMPORAL_ADDRESS: temporalAddress(),
      HRFLOW_TEMPORAL_TASK_QUEUE: `privacy-${randomUUID()}`,
      HRFLOW_TEMPORAL_SETTINGS: settings,
      HRFLOW_TEMPORAL_ENCRYPTION_KEYS: generateEncryptionKey(),
      HRFLOW_TEMPORAL_LOG: 'debug',
      HRFLOW_SECRET_PRIVACY_VALUE: textMarker('valueOfSecret'),
    };
    noted(env.HRFLOW_TEMPORAL_ENCRYPTION_KEYS.replace(/^.*:/, ''));
    JSON.stringify(simulators.addresses(), (name, value: unknown) => {
      if ([...SECRETS, 'api_secret'].includes(name) && typeof value === 'string') noted(value);
      return value;
    });
    cli = commandLine(env);
    const options = (name: string) => ({ name, env: { ...process.env, ...env }, logFile: join(folder, name) });
    worker = await startProcess(process.execPath, [CLI, 'worker'], options('worker.log'));
    const codecArgs = ['codec-server', '--dev', '--port', '0', '--ui-origin', 'http://ui.test'];
    codecServer = await startProcess(process.execPath, [CLI, ...codecArgs], options('codec-server.log'));
    await Promise.all([worker.waitForLine(/worker started/), codecServer.waitForLine(/codec server started/)]);
  });

  afterAll(async () => {
    await Promise.all([worker.stop(), codecServer.stop()]);
    await simulators.close();
    await cli.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it.each(CONNECTORS)(
    '%s: tells the one who asked what the ATS said, on standard output and without the secret',
    async (name) => {
      const profile = newProfile();
      refuse(name, profile);
      const { status, documents } = await run(['push', name, '--params', '-', '--json'], parameters(name, profile));
      simulators[name].faults.clear();
      expect(status).toBe(1);
      expect(documents).toMatchObject([{ error: { message: expect.stringContaining(TEXT_STEM) } }]);
      expect(documents).toMatchObject([{ error: { message: expect.stringContaining(SECRET_TEXT) } }]);
    },
  );

  it.each(CONNECTORS)('%s: pushes, for a person', async (name) => {
    const { status } = await run(['push', name, '--params', '-'], parameters(name, newProfile()));
    expect(status).toBe(0);
  });

  it.each(CONNECTORS)('%s: says to a person what failed', async (name) => {
    const profile = newProfile();
    refuse(name, profile);
    const { status } = await run(['push', name, '--params', '-'], parameters(name, profile));
    simulators[name].faults.clear();
    expect(status).toBe(1);
  });

  it.each([
    ['an unknown member', { token: textMarker('unknownMember') }],
    ['a secret that is a list', { auth: [textMarker('listed')] }],
    ['a malformed reference', { auth: { secret: `../${textMarker('reference')}` } }],
    ['a vacancy that is an object', { vacancy: { id: textMarker('vacancy') } }],
  ])('refuses %s without repeating it', async (_, wrong) => {
    const { originParameters, targetParameters } = parameters('flatchr', newProfile());
    const input = { originParameters, targetParameters: { ...targetParameters, ...wrong } };
    expect((await run(['push', 'flatchr', '--params', '-'], input)).status).toBe(2);
  });

  it('refuses a file that is not JSON without repeating it', async () => {
    const input = `{"targetParameters": {"auth": "${textMarker('brokenFile')}" "vacancy"`;
    expect((await run(['push', 'flatchr', '--params', '-'], input)).status).toBe(2);
  });

  it.each(CONNECTORS)(
    '%s: shows a run that is held for its secrets without them, and resumes with others',
    async (name) => {
      const groups = parameters(name, newProfile());
      const id = await hold(name, withWrongSecrets(groups));
      const shown = await runSilently(['show', id]);
      expect(shown).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/as started\n.*originParameters\.api_secret/s),
      });
      expect(shown.stdout).toContain(`"${SECRET_TEXT}"`);
      const { documents } = await runSilently(['show', id, '--json']);
      expect(documents).toMatchObject([
        {
          state: 'held',
          parameters: {
            originParameters: { api_secret: SECRET_TEXT, profile_key: groups.originParameters.profile_key },
            targetParameters: JSON.parse(
              JSON.stringify(groups.targetParameters, (member, value: unknown) =>
                SECRETS.includes(member) && typeof value === 'string' ? SECRET_TEXT : value,
              ),
            ),
            actionParameters: { onFailure: 'hold', logics: [] },
          },
        },
      ]);
      const still = withWrongSecrets(groups).targetParameters;
      expect((await runSilently(['retry', id, '--wait', '--params', '-'], { targetParameters: still })).status).toBe(4);
      const right = { targetParameters: groups.targetParameters };
      expect((await runSilently(['retry', id, '--wait', '--params', '-', '--json'], right)).status).toBe(0);
    },
  );

  it('shows a reference by its name', async () => {
    const { originParameters, targetParameters } = parameters('flatchr', newProfile());
    const auth = { secret: 'privacy/value' };
    const id = await hold('flatchr', { originParameters, targetParameters: { ...targetParameters, auth } });
    expect((await runSilently(['show', id])).stdout).toContain('targetParameters.auth: the secret "privacy/value"');
    expect((await runSilently(['abandon', id, '--reason', textMarker('reason')])).status).toBe(0);
    // The reason was told by a person, to be read by others.
    expect((await run(['show', id])).stdout).toContain(TEXT_STEM);
  });

  it('refuses a correction without repeating it', async () => {
    const groups = parameters('flatchr', newProfile());
    const id = await hold('flatchr', withWrongSecrets(groups));
    for (const wrong of [
      { auth: [textMarker('listed')] },
      { vacancy: textMarker('vacancy') },
      { token: textMarker('unknownMember') },
    ]) {
      const { status, stderr } = await run(['retry', id, '--params', '-'], { targetParameters: wrong });
      expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: /)]);
    }
    expect((await runSilently(['abandon', id, '--json'])).status).toBe(0);
  });

  it('lists runs and resumes one whose outcome was unknown', async () => {
    const { originParameters, targetParameters } = parameters('flatchr', newProfile());
    const { enrich: _, ...withoutLookup } = targetParameters as Record<string, unknown>;
    const body = { message: textMarker('words') };
    simulators.flatchr.faults.add({
      operation: 'create',
      fault: { kind: 'status', status: 500, commit: 'before', body },
    });
    const id = await hold('flatchr', { originParameters, targetParameters: withoutLookup });
    await until('the list', async () => (await runSilently(['runs'])).stdout.includes(id));
    const held = ['runs', '--state', 'held', '--json'];
    await until('the list of held runs', async () => (await run(held)).stdout.includes(id));
    expect((await runSilently(['resolve', id, '--delivered', '--ats-id', '77'])).status).toBe(0);
  });

  it.each(CONNECTORS)('%s: checks a push, with secrets that are right and wrong', async (name) => {
    const groups = parameters(name, newProfile());
    expect((await runSilently(['check', name, '--params', '-'], groups)).status).toBe(0);
    const wrong = await runSilently(['check', name, '--params', '-', '--json'], withWrongSecrets(groups));
    expect(wrong.stdout).toContain('"failed"');
  });

  it('says where secrets are and not what they are', async () => {
    const check = await runSilently(['secrets', 'check', 'privacy/value', 'privacy/none']);
    expect(check).toMatchObject({ status: 1, stdout: expect.stringMatching(/found .*privacy\/value.*missing/s) });
    const input = { targetParameters: { auth: { secret: 'privacy/value' } }, note: textMarker('note') };
    expect((await runSilently(['secrets', 'check', '--params', '-', '--json'], input)).status).toBe(0);
  });

  it('looks at the set-up, also where the configuration of Temporal is broken', async () => {
    expect((await runSilently(['doctor'])).status).toBe(0);
    const broken = cli.file('temporal.toml', `[profile.default]\napi_key = "${textMarker('apiKey')}\n`);
    for (const args of [['doctor'], ['runs'], ['worker']]) {
      const { status, stdout, stderr } = await runSilently(args, '', cli.with({ TEMPORAL_CONFIG_FILE: broken }));
      expect([status, stdout + stderr]).toEqual([2, expect.stringContaining('not valid TOML; look at line 2')]);
    }
  });

  it('refuses to push without a key, and says what to do', async () => {
    const keyless = cli.with({ HRFLOW_TEMPORAL_ENCRYPTION_KEYS: '' });
    const one = await run(['push', 'flatchr', '--params', '-'], parameters('flatchr', newProfile()), keyless);
    expect(one).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/HRFLOW_TEMPORAL_ENCRYPTION_KEYS=.*keys generate/),
    });
  });

  it('answers the codec server’s callers', async () => {
    const line = await codecServer.waitForLine(/codec server started/);
    const url = /http:\S+/.exec(line)?.[0] ?? '';
    const body = JSON.stringify({ payloads: [textMarker('body')] });
    const answer = await fetch(`${url}/decode`, {
      method: 'POST',
      body,
      headers: { authorization: textMarker('token') },
    });
    expect(answer.status).toBe(401);
    await codecServer.waitForLine(/"status":401/);
  });

  it('left nothing of it on standard error and in the logs', () => {
    const evidence = {
      'standard error': ended.map(({ stderr }) => Buffer.from(stderr)),
      'log of the worker': [readFileSync(join(folder, 'worker.log'))],
      'log of the codec server': [readFileSync(join(folder, 'codec-server.log'))],
    };
    expect(evidence['log of the worker'][0]?.toString()).toMatch(/ debug /);
    expect(evidence['log of the codec server'][0]?.toString()).toContain('401');
    expect(evidence['standard error'].join('')).toContain('There is no encryption key');
    expect(secrets.size).toBeGreaterThan(10);
    expect(search(evidence, [...STEMS, ...secrets])).toEqual([]);
    expect(search({ 'standard output': silent }, STEMS)).toEqual([]);
    expect(search({ 'standard output': ended.map(({ stdout }) => Buffer.from(stdout)) }, [...secrets])).toEqual([]);
    // The control: the same search finds what standard output shows on purpose.
    expect(search({ out: ended.map(({ stdout }) => Buffer.from(stdout)) }, [TEXT_STEM])).not.toEqual([]);
  });
});
