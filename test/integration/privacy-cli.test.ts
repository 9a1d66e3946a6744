import { createHash, randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SECRET_TEXT } from '../../src/security/marks';
import { generateEncryptionKey } from '../../src/security/key-ring';
import { startProcess, type ManagedProcess } from '../../tools/processes';
import { commandLine, type CommandLine, type Ended } from '../e2e/cli-support';
import { HRFLOW_ACCOUNT, samplePdf, startSimulators, type Simulators } from '../simulators';
import { temporalAddress } from '../support/harness';
import { quickSettings } from '../support/settings';
import { markedProfile, STEMS, textMarker, TEXT_STEM, type MarkedProfile } from './privacy-markers';
import { search } from './privacy-search';

const CLI = join(__dirname, '../../dist/cli/main.js');
const CONNECTORS = ['talentSoft', 'oracleORC', 'flatchr'] as const;
type Connector = (typeof CONNECTORS)[number];

describe('the command line and a worker process that log everything', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-privacy-cli-'));
  const ended: Ended[] = [];
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

  async function run(args: readonly string[], input: unknown): Promise<Ended> {
    const one = await cli.run(args, typeof input === 'string' ? input : JSON.stringify(input));
    ended.push(one);
    return one;
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
    };
    cli = commandLine(env);
    const options = (name: string) => ({ name, env: { ...process.env, ...env }, logFile: join(folder, name) });
    worker = await startProcess(process.execPath, [CLI, 'worker'], options('worker.log'));
    const codecArgs = ['codec-server', '--dev', '--port', '0', '--ui-origin', 'http://ui.test'];
    codecServer = await startProcess(process.execPath, [CLI, ...codecArgs], options('codec-server.log'));
    await Promise.all([worker.waitForLine(/worker started/), codecServer.waitForLine(/codec server started/)]);
  }, 60_000);

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

  it('refuses to push without a key, and says what to do', async () => {
    const keyless = cli.with({ HRFLOW_TEMPORAL_ENCRYPTION_KEYS: '' });
    const one = await keyless.run(
      ['push', 'flatchr', '--params', '-'],
      JSON.stringify(parameters('flatchr', newProfile())),
    );
    ended.push(one);
    expect(one).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/HRFLOW_TEMPORAL_ENCRYPTION_KEYS=.*openssl/),
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
    const { auth } = simulators.addresses().flatchr;
    const evidence = {
      'standard error': ended.map(({ stderr }) => Buffer.from(stderr)),
      'log of the worker': [readFileSync(join(folder, 'worker.log'))],
      'log of the codec server': [readFileSync(join(folder, 'codec-server.log'))],
    };
    expect(evidence['log of the worker'][0]?.toString()).toMatch(/ DEBUG /);
    expect(evidence['log of the codec server'][0]?.toString()).toContain('401');
    expect(evidence['standard error'].join('')).toContain('There is no encryption key');
    expect(search(evidence, [...STEMS, auth])).toEqual([]);
    // The control: the same search finds what standard output shows on purpose.
    expect(search({ out: ended.map(({ stdout }) => Buffer.from(stdout)) }, [TEXT_STEM])).not.toEqual([]);
  });
});
