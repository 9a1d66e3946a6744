import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createContext } from '../../../src/push/context';
import { createScope } from '../../../src/push/scope';
import { profileSource } from '../../../src/connectors/registry';
import { HRFLOW_ACCOUNT } from '../../simulators';
import { readCase } from '../../support/cases';
import { startBench, type Bench } from '../activities/support';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

function checkKey(api_secret: string = HRFLOW_ACCOUNT.keys.all) {
  const source = profileSource.bind({ ...bench.origin(), api_secret });
  const io = createContext(
    bench.dependencies,
    { system: profileSource.name, title: profileSource.title, account: source.account },
    createScope(),
  );
  const [key] = source.checks;
  if (!key) throw new Error('there is no check of the key');
  return key.run(io);
}

function play(status: number, body: unknown): void {
  bench.simulators.hrflow.faults.add({ fault: { kind: 'status', status, body: JSON.stringify(body) } });
}

describe('the check of a key of HrFlow.ai', () => {
  it.each(['api_key_permission', 'api_secret_permission'] as const)(
    'passes a good one that says %s',
    async (member) => {
      bench.simulators.hrflow.switches.permissionMember = member;
      expect(await checkKey()).toBe('the key is accepted, with permission "all"');
      expect(await checkKey(HRFLOW_ACCOUNT.keys.read)).toBe('the key is accepted, with permission "read"');
    },
  );

  it('passes the answer that HrFlow.ai gives today', async () => {
    play(200, readCase('hrflow-auth-answer.json'));
    expect(await checkKey()).toContain('"all"');
  });

  it('passes one whose answer names the team alone', async () => {
    bench.simulators.hrflow.switches.permissionMember = 'none';
    expect(await checkKey()).toContain('the key is accepted');
  });

  it('warns of a key that may only write', async () => {
    expect(await checkKey(HRFLOW_ACCOUNT.keys.write)).toEqual({
      seen: 'the key is accepted, with permission "write"',
      todo: 'Reading profiles needs a key with permission "read" or "all".',
    });
  });

  it('fails a key that is not known', async () => {
    await expect(checkKey('ask_wrong')).rejects.toMatchObject({ facts: { type: 'auth' } });
  });

  it.each([{}, { team_name: '' }, { team_name: 5 }, [], 'text', null])(
    'fails where the answer holds neither a team nor a permission: %j',
    async (data) => {
      play(200, { code: 200, message: 'ok', data });
      await expect(checkKey()).rejects.toMatchObject({
        facts: { type: 'refused', retryable: false, nextStep: expect.stringContaining('HRFLOW_API_URL') },
      });
    },
  );
});
