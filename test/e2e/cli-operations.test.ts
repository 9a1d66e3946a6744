import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';
import { commandLine, type CommandLine } from './cli-support';

describe('a held run on the command line', () => {
  let harness: Harness;
  let cli: CommandLine;

  beforeAll(async () => {
    harness = await startHarness();
    cli = commandLine(harness.env);
    await cli.worker();
  });
  afterAll(async () => {
    await cli.close();
    await harness.close();
  });

  /** A push that is held because its key is wrong. */
  async function holdOne(): Promise<{ id: string; file: string; auth: string }> {
    const request = uniqueRequest(harness, 'flatchr');
    const file = cli.file('push.json', request);
    const args = ['push', 'flatchr', '--params', file, '--json', '--action.onFailure', 'hold'];
    const { status, documents } = await cli.run([...args, '--target.auth', 'wrong']);
    expect(documents).toMatchObject([
      { state: 'held', result: { items: [{ outcome: 'failed' }] }, error: { type: 'auth' } },
    ]);
    expect(status).toBe(4);
    return { id: String(documents[0]?.['workflowId']), file, auth: String(request.targetParameters['auth']) };
  }

  /** A push whose create was answered with a 500, at an ATS that cannot be asked. */
  async function holdUnknown(): Promise<string> {
    const request = uniqueRequest(harness, 'flatchr');
    delete request.targetParameters['enrich'];
    harness.simulators.flatchr.faults.add({
      operation: 'create',
      fault: { kind: 'status', status: 500, commit: 'before' },
    });
    const args = ['push', 'flatchr', '--params', cli.file('unknown.json', request), '--json'];
    const { status, documents } = await cli.run([...args, '--action.onFailure', 'hold']);
    expect(documents).toMatchObject([{ state: 'held', result: { items: [{ outcome: 'unknown' }] } }]);
    expect(status).toBe(4);
    return String(documents[0]?.['workflowId']);
  }

  it('resumes with a corrected key and waits; a wrong one holds it again', async () => {
    const { id, auth } = await holdOne();
    const wrong = await cli.run(['retry', id, '--wait', '--json', '--target.auth', 'still wrong']);
    expect(wrong.documents).toMatchObject([{ workflowId: id, state: 'held', error: { type: 'auth' } }]);
    expect(wrong.status).toBe(4);

    const right = await cli.run(['retry', id, '--wait', '--json', '--target.auth', auth]);
    expect(right.documents).toMatchObject([
      { workflowId: id, state: 'completed', result: { items: [{ outcome: 'created', enriched: true }] } },
    ]);
    expect(right.status).toBe(0);

    const late = await cli.run(['retry', id, '--json']);
    expect(late.documents).toMatchObject([
      { workflowId: id, accepted: false, reason: expect.stringContaining('has ended') },
    ]);
    expect(late.status).toBe(2);
  });

  it('refuses corrections that are not valid or make another push of it', async () => {
    const { id } = await holdOne();
    const empty = await cli.run(['retry', id, '--target.auth=']);
    expect([empty.status, empty.stderr]).toEqual([
      2,
      expect.stringContaining('targetParameters.auth: must not be empty'),
    ]);
    const moved = await cli.run(['retry', id, '--target.vacancy', 'elsewhere']);
    expect([moved.status, moved.stderr]).toEqual([2, expect.stringContaining('another push')]);
    const forbidden = await cli.run(['retry', id, '--action.onFailure', 'fail']);
    expect([forbidden.status, forbidden.stderr]).toEqual([2, expect.stringContaining('actionParameters.onFailure')]);
    const resolved = await cli.run(['resolve', id, '--delivered']);
    expect([resolved.status, resolved.stderr]).toEqual([2, expect.stringContaining('the outcome is not unknown')]);
    expect((await cli.run(['abandon', id])).status).toBe(0);
  });

  it('is answered at once to whoever joins it, and takes the whole file as correction', async () => {
    const { id, file } = await holdOne();
    const joined = await cli.run(['push', 'flatchr', '--params', file, '--json']);
    expect(joined.documents).toMatchObject([{ workflowId: id, state: 'held', error: { type: 'auth' } }]);
    expect(joined.status).toBe(4);
    const retried = await cli.run(['retry', id, '--params', file, '--wait']);
    expect(retried.stdout).toContain(`created ${id}`);
    expect(retried.status).toBe(0);
  });

  it('is listed and shown, held and after it was abandoned', async () => {
    const { id } = await holdOne();
    const [, key = ''] = id.split('/');
    const listed = async (...args: string[]) =>
      (await cli.run(['runs', '--json', '--profile', key, ...args])).documents;
    await until('the list', async () => (await listed('--state', 'held')).length === 1);
    expect(await listed('--connector', 'flatchr')).toMatchObject([
      {
        workflowId: id,
        connector: 'flatchr',
        action: 'pushProfile',
        profileKey: key,
        state: 'held',
        hold: { number: 1 },
      },
    ]);
    expect(await listed('--connector', 'oracleORC')).toEqual([]);
    expect(await cli.run(['runs', '--profile', key])).toMatchObject({
      stdout: expect.stringMatching(/held +failed +flatchr +auth \(user\)/),
      status: 0,
    });

    const shown = await cli.run(['show', id, '--json']);
    expect(shown.documents).toMatchObject([
      {
        state: 'held',
        now: { state: 'held', attempts: 1 },
        error: { type: 'auth' },
        result: { items: [{ outcome: 'failed' }] },
      },
    ]);
    expect((await cli.run(['show', id])).stdout).toContain('pushApplicant: failed (auth)');

    const abandoned = await cli.run(['abandon', id, '--reason', 'offer closed', '--json']);
    expect(abandoned.documents).toMatchObject([{ workflowId: id, accepted: true, reason: null }]);
    await until('the end', async () => (await listed('--state', 'failed')).length === 1);
    const end = await cli.run(['show', id, '--json']);
    expect(end.documents).toMatchObject([
      { state: 'failed', hold: null, error: { type: 'abandoned', message: expect.stringContaining('offer closed') } },
    ]);
  });

  it('of unknown outcome is resolved by a person', async () => {
    const there = await holdUnknown();
    const both = await cli.run(['resolve', there, '--delivered', '--not-delivered']);
    expect(both.status).toBe(2);
    expect((await cli.run(['resolve', there, '--delivered', '--ats-id', '77'])).status).toBe(0);
    await until('the end', async () => (await cli.run(['show', there, '--json'])).documents[0]?.['state'] === 'done');
    expect((await cli.run(['show', there, '--json'])).documents).toMatchObject([
      { result: { items: [{ outcome: 'already_there', ats_id: '77' }] } },
    ]);

    const absent = await holdUnknown();
    await until('the settle time', async () => (await cli.run(['resolve', absent, '--not-delivered'])).status === 0);
    await until('the end', async () => (await cli.run(['show', absent, '--json'])).documents[0]?.['state'] === 'done');
  });

  it('is retried with all others that wait for the same thing', async () => {
    const held = [await holdOne(), await holdOne()];
    const good = held[0]?.auth ?? '';
    await until('the list', async () => (await cli.run(['runs', '--state', 'held', '--json'])).documents.length >= 2);
    const none = await cli.run(['retry', '--all', '--connector', 'oracleORC']);
    expect([none.status, none.stdout]).toEqual([0, '']);
    const other = await cli.run(['retry', '--all', '--reason', 'quota']);
    expect(other.stderr).toContain('There is no such held run');
    const all = await cli.run([
      'retry',
      '--all',
      '--connector',
      'flatchr',
      '--reason',
      'auth',
      '--wait',
      '--json',
      '--target.auth',
      good,
    ]);
    expect(all.status).toBe(0);
    const done = new Map(all.documents.map(({ workflowId, state }) => [workflowId, state]));
    for (const { id } of held) expect(done.get(id)).toBe('completed');
  });

  it('is refused by name where it does not exist', async () => {
    for (const args of [
      ['show', 'nope'],
      ['retry', 'nope'],
      ['resolve', 'nope', '--delivered'],
      ['abandon', 'nope'],
    ]) {
      const { status, stderr } = await cli.run(args);
      expect([status, stderr]).toEqual([2, expect.stringContaining('no run with the workflow id nope')]);
    }
    expect((await cli.run(['retry'])).status).toBe(2);
    expect((await cli.run(['retry', 'x', '--all'])).status).toBe(2);
  });
});
