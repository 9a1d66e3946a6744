import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ManagedProcess } from '../../tools/processes';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';
import { commandLine, type CommandLine } from './cli-support';

const FUNCTIONS = `export const logics = { dropAll: () => null, confused: () => undefined };
export const formats = { short: (profile, { targetParameters }) => ({ ...targetParameters.made, email: profile.info.email,
  firstname: 'F', lastname: 'L', type: 'document', vacancy: targetParameters.vacancy }) };`;

describe('push on the command line', () => {
  let harness: Harness;
  let cli: CommandLine;
  let worker: ManagedProcess;

  beforeAll(async () => {
    harness = await startHarness();
    cli = commandLine(harness.env);
    worker = await cli.worker(['--functions', cli.file('functions.mjs', FUNCTIONS)]);
  });
  afterAll(async () => {
    await cli.close();
    await harness.close();
  });

  const params = (connector: 'talentSoft' | 'oracleORC' | 'flatchr') =>
    cli.file('push.json', uniqueRequest(harness, connector));

  it.each([
    ['talentSoft', expect.any(String)],
    ['oracleORC', expect.any(String)],
    ['flatchr', null],
  ] as const)('delivers to %s and prints the document of the contract', async (connector, atsId) => {
    const { status, documents, stderr } = await cli.run(['push', connector, '--params', params(connector), '--json']);
    expect(stderr).toBe('');
    expect(documents).toEqual([
      {
        line: 1,
        workflowId: expect.stringMatching(new RegExp(`^hrflow/[0-9a-f]{40}/${connector}\\.pushProfile/[0-9a-f]{12}$`)),
        runId: expect.any(String),
        state: 'completed',
        result: expect.objectContaining({
          status: 'success',
          items: [expect.objectContaining({ outcome: 'created', ats_id: atsId })],
        }),
        error: null,
      },
    ]);
    expect(status).toBe(0);
  });

  it('enriches a candidate of Flatchr', async () => {
    const request = uniqueRequest(harness, 'flatchr');
    await cli.run(['push', 'flatchr', '--params', cli.file('push.json', request)]);
    const { auth, vacancy, enrich } = request.targetParameters as { auth: string; vacancy: string; enrich: object };
    const file = cli.file('enrich.json', { ...request, targetParameters: { auth, vacancy, ...enrich } });
    const { status, documents } = await cli.run(['enrich', 'flatchr', '--params', file, '--json']);
    expect(documents).toMatchObject([{ state: 'completed', result: { items: [{ outcome: 'enriched' }] } }]);
    expect(status).toBe(0);
  });

  it('is one run for the same push, and flags override the file', async () => {
    const file = params('flatchr');
    const first = await cli.run(['push', 'flatchr', '--params', file, '--json']);
    const same = await cli.run(['push', 'flatchr', '--params', file, '--json', '--target.enrich.subdomain', 'api']);
    expect(same.documents).toEqual(first.documents);
    const other = await cli.run(['push', 'flatchr', '--params', file, '--json', '--origin.profile_key', 'nobody']);
    expect(other.documents).toMatchObject([{ result: { items: [{ key: 'nobody', outcome: 'not_found' }] } }]);
    expect(other.status).toBe(0);
  });

  it('reads JSON Lines from standard input, and refuses a bad line by itself', async () => {
    const good = () => JSON.stringify(uniqueRequest(harness, 'oracleORC'));
    const input = [good(), '{"nonsense"', good(), '{"originParameters": {}}', good()].join('\n');
    const args = ['push', 'oracleORC', '--params', '-', '--json', '--concurrency', '2'];
    const { status, documents, stderr } = await cli.run(args, input);
    const byLine = [...documents].sort((a, b) => Number(a['line']) - Number(b['line']));
    const refused = { state: 'failed', result: null, error: { type: 'input', stage: 'fetchProfile' } };
    expect(byLine).toMatchObject([
      { line: 1, state: 'completed' },
      { line: 2, ...refused },
      { line: 3, state: 'completed' },
      { line: 4, ...refused },
      { line: 5, state: 'completed' },
    ]);
    expect(stderr).toContain('line 2: refused: --params: standard input: it is not valid JSON: line 2, column 12');
    expect(stderr).toContain('originParameters.api_user: is missing');
    expect(status).toBe(2);
  });

  it('does not wait with --no-wait', async () => {
    const { status, documents } = await cli.run([
      'push',
      'flatchr',
      '--params',
      params('flatchr'),
      '--no-wait',
      '--json',
    ]);
    expect(documents).toMatchObject([{ state: 'started', result: null, error: null }]);
    expect(status).toBe(0);
  });

  it('uses the functions of the worker: discarded, refused, failed, formatted', async () => {
    const push = (...args: string[]) => cli.run(['push', 'flatchr', '--params', params('flatchr'), '--json', ...args]);
    const discarded = await push('--action.logics', 'dropAll');
    expect(discarded.documents).toMatchObject([{ state: 'completed', result: { items: [{ outcome: 'discarded' }] } }]);
    expect(discarded.status).toBe(0);
    const refused = await push('--action.logics', 'nope');
    expect(refused.documents).toMatchObject([
      { state: 'failed', error: { type: 'input', reason: 'bad_action_parameters' } },
    ]);
    expect(refused.stdout).toContain('\\"confused\\"');
    expect(refused.status).toBe(2);
    const failed = await push('--action.logics', 'confused');
    expect(failed.documents).toMatchObject([
      { error: { type: 'logics', reason: 'logics_failure', stage: 'applyLogics' } },
    ]);
    expect(failed.status).toBe(1);
    const formatted = await push('--action.format', 'short');
    expect(formatted.documents).toMatchObject([{ result: { items: [{ outcome: 'created' }] } }]);
    expect(harness.simulators.flatchr.applicants.at(-1)).toMatchObject({ firstname: 'F' });
  });

  it('fails with 1 and keeps the words of the ATS out of standard error and the log', async () => {
    const { status, documents, stderr } = await cli.run([
      ...['push', 'flatchr', '--params', params('flatchr'), '--json'],
      ...['--target.auth', 'wrong-and-secret'],
    ]);
    expect(documents).toMatchObject([
      {
        state: 'failed',
        result: { items: [{ outcome: 'failed' }] },
        error: { type: 'auth', stage: 'pushApplicant', whoMustAct: 'user' },
      },
    ]);
    expect(String(documents[0]?.['error'] && JSON.stringify(documents[0]['error']))).toContain('401');
    for (const text of [stderr, worker.output()]) {
      expect(text).not.toContain('wrong-and-secret');
      expect(text).not.toContain('Unauthorized');
    }
    expect(status).toBe(1);
  });

  it('refuses --again while the push is under way, a name that is taken, and several flags that do not exist', async () => {
    const request = uniqueRequest(harness, 'oracleORC');
    harness.simulators.oracleORC.faults.add({
      operation: 'create',
      times: 10_000,
      fault: { kind: 'status', status: 503, commit: 'never' },
    });
    const args = ['push', 'oracleORC', '--params', cli.file('slow.json', request), '--json'];
    expect((await cli.run([...args, '--no-wait'])).status).toBe(0);
    const again = await cli.run([...args, '--again']);
    expect(again.documents).toMatchObject([{ result: null, error: { type: 'input' } }]);
    expect(again.status).toBe(2);
    harness.simulators.oracleORC.faults.clear();

    const workflowId = `named-${String(request.originParameters['profile_key'])}`;
    const named = cli.file('named.json', { ...uniqueRequest(harness, 'oracleORC'), workflowId });
    expect((await cli.run(['push', 'oracleORC', '--params', named, '--json'])).documents).toMatchObject([
      { workflowId, state: 'completed' },
    ]);
    const taken = await cli.run([...args.slice(0, 3), cli.file('taken.json', { ...request, workflowId }), '--json']);
    expect(taken.documents).toMatchObject([{ workflowId, result: null, error: { type: 'workflow_id_taken' } }]);
    expect(taken.status).toBe(2);

    for (const wrong of [
      ['push'],
      ['push', 'nope'],
      ['push', 'flatchr', '--wrong'],
      ['nope'],
      ['settings', '--target.x', '1'],
    ]) {
      expect((await cli.run(wrong)).status).toBe(2);
    }
  });

  it('needs a key unless encryption is off explicitly, and then refuses literal secrets', async () => {
    const file = params('flatchr');
    const without = cli.with({ HRFLOW_TEMPORAL_ENCRYPTION_KEYS: '' });
    for (const args of [['push', 'flatchr', '--params', file], ['worker']]) {
      const { status, stderr, stdout } = await without.run(args);
      expect([status, stdout]).toEqual([2, '']);
      expect(stderr).toContain('HRFLOW_TEMPORAL_ENCRYPTION_KEYS');
    }
    const off = await cli
      .with({ HRFLOW_TEMPORAL_ENCRYPTION: 'off' })
      .run(['push', 'flatchr', '--params', file, '--json']);
    expect(off.stdout).toContain('originParameters.api_secret');
    expect(off.status).toBe(2);
  });

  it('is checked step by step without writing anything', async () => {
    const before = harness.simulators.flatchr.applicants.length;
    const good = await cli.run(['check', 'flatchr', '--params', params('flatchr'), '--json']);
    expect(good.documents.filter(({ status }) => status !== 'passed')).toEqual([]);
    expect(good.status).toBe(0);

    const bad = await cli.run(['check', 'flatchr', '--params', params('flatchr'), '--json', '--target.auth', 'wrong']);
    expect(bad.documents.filter(({ status }) => status === 'failed')).toMatchObject([
      { name: 'Flatchr key, and lookup of applicants', todo: expect.stringContaining('Renew') },
    ]);
    expect(bad.status).toBe(1);

    const unresolved = await cli.run([
      'check',
      'talentSoft',
      '--params',
      params('talentSoft'),
      '--target.client_secret_back.secret',
      'nowhere',
    ]);
    expect(unresolved.stdout).toContain('HRFLOW_SECRET_NOWHERE has none');
    expect(unresolved.status).toBe(1);

    const incomplete = await cli.run(['check', 'oracleORC', '--target.hostAndPort.port', 'x']);
    expect(incomplete.stdout).toContain('originParameters.api_user: is missing');
    expect(incomplete.status).toBe(2);
    expect(harness.simulators.flatchr.applicants).toHaveLength(before);
  });

  it('ends with 0 when the worker is asked to end', async () => {
    const other = await cli.worker();
    expect(await other.stop({ graceMs: 30_000 })).toEqual({ code: 0, signal: null });
  });

  it('has a set-up that doctor finds in order', async () => {
    const { status, documents } = await cli.run(['doctor', '--json']);
    expect(documents.filter((step) => step['status'] !== 'passed')).toEqual([]);
    expect(status).toBe(0);
  });
});
