import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { PushError, type RunResult } from '../../src/client';
import type { UserFunctions } from '../../src/push/functions';
import type { Stage } from '../../src/protocol/names';
import { until } from '../support/failures';
import { startHarness, type Groups, type Harness } from '../support/harness';
import { noise, uniqueRequest } from '../support/requests';
import { pushWith, received } from './connectors/support';

const FUNCTIONS: UserFunctions = {
  logics: {
    same: (profile) => profile,
    shorten: (profile) => ({ ...profile, text: 'short' }),
    grow: (profile) => ({ ...profile, educations: [{ description: noise(1_000_000), school: 'S' }] }),
    fail: () => {
      throw new Error('no');
    },
  },
  formats: {
    long: ({ info, text }) => ({
      ...(info && !Array.isArray(info) && { LastName: info.last_name, Email: info.email }),
      FirstName: text,
    }),
  },
};

/** A push to Oracle: the profile, the parameters, and the expected end. */
interface Case {
  readonly members: () => Record<string, unknown>;
  readonly asked?: Record<string, unknown>;
  readonly ends: 'created' | 'refused' | 'logics';
  readonly words?: RegExp;
  /** The stage that refuses it. Default: `fetchProfile`. */
  readonly stage?: Stage;
}

const described = (bytes: number) => ({ educations: [{ description: noise(bytes), school: 'S' }] });

const CASES: Record<string, Case> = {
  '1.88 MB that a format reads': { members: () => described(1_880_000), ends: 'created' },
  '1.88 MB that a logic leaves as it is': {
    members: () => described(1_880_000),
    asked: { logics: ['same'] },
    ends: 'created',
  },
  '0.99 MB that a logic leaves as it is': {
    members: () => described(990_000),
    asked: { logics: ['same'] },
    ends: 'created',
  },
  '2 MB that a format reads': { members: () => described(2_000_000), ends: 'refused', words: /"educations"/ },
  'a logic that makes it too large for the next steps': {
    members: () => ({ experiences: [{ company: 'C', title: noise(850_000) }] }),
    asked: { logics: ['grow'] },
    ends: 'refused',
    stage: 'format',
    words: /^Together the profile that the logics left \(18\d{5} bytes\).+at most 3800000/,
  },
  'an unused CV text of 2 MB': {
    members: () => ({ text: noise(2_000_000) }),
    ends: 'created',
    words: /text of the CV .+ was left out/,
  },
  'an unused CV text of 9 MB': {
    members: () => ({ text: noise(9_000_000) }),
    ends: 'created',
    words: /text of the CV .+ was left out/,
  },
  'a CV text of 2 MB that a logic shortens': {
    members: () => ({ text: noise(2_000_000) }),
    asked: { logics: ['shorten'] },
    ends: 'created',
  },
  'a CV text of 9 MB that a logic shortens': {
    members: () => ({ text: noise(9_000_000) }),
    asked: { logics: ['shorten'], format: 'long' },
    ends: 'created',
  },
  "a CV text of 2 MB that a user's format may read": {
    members: () => ({ text: noise(2_000_000) }),
    asked: { format: 'long' },
    ends: 'refused',
    words: /"text"; at most 1900000/,
  },
  'a CV text of 2 MB and a logic that throws': {
    members: () => ({ text: noise(2_000_000) }),
    asked: { logics: ['same', 'fail'] },
    ends: 'logics',
    stage: 'applyLogics',
    words: /"fail" threw/,
  },
  'a CV text of 20 MB': {
    members: () => ({ text: noise(20_000_000) }),
    ends: 'refused',
    words: /more than 16777216 bytes/,
  },
};

describe.each(['on', 'off'] as const)('a push of a large profile, with encryption %s', (encryption) => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness({ functions: FUNCTIONS, ...(encryption === 'off' && { encryption }) });
    await harness.startWorker();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  /** Returns the statuses of the runs of a push: continue-as-new adds runs. */
  async function runsOf(asked: Groups): Promise<string[]> {
    const key = String(asked.originParameters['profile_key']);
    const statuses: string[] = [];
    const query = `WorkflowId STARTS_WITH 'hrflow/${key}/'`;
    for await (const { status } of harness.context.temporal.workflow.list({ query })) statuses.push(status.name);
    return statuses;
  }

  async function endOf(connector: string, asked: Parameters<typeof pushWith>[2]): Promise<RunResult | PushError> {
    try {
      return await pushWith(harness, connector, asked);
    } catch (error) {
      if (error instanceof PushError) return error;
      throw error;
    }
  }

  it.each(Object.entries(CASES))('%s', async (_, { members, asked: actionParameters = {}, ends, words, stage }) => {
    const asked = { ...uniqueRequest(harness, 'oracleORC', members()), actionParameters };
    const end = await endOf('oracleORC', asked);
    const creates = harness.simulators.oracleORC.candidates;
    const reads = received(harness, 'hrflow', 'read');
    if (end instanceof PushError) {
      expect(end).toMatchObject({ state: 'failed', type: ends, stage: stage ?? 'fetchProfile', whoMustAct: 'user' });
      expect(end.nextStep).toMatch(/logic|^Shorten/);
      expect(creates).toHaveLength(0);
    } else {
      expect(end.items[0]?.outcome).toBe(ends);
      expect(creates).toHaveLength(1);
    }
    const message = end instanceof PushError ? end.message : end.items[0]?.message;
    expect(message ?? '').toMatch(words ?? /^$/);
    expect(reads).toHaveLength(1);
    expect(await runsOf(asked)).toHaveLength(1);
  });

  it('whose run was terminated during the create is found by another run, which reads the long history', async () => {
    harness.simulators.oracleORC.faults.add({ operation: 'create', fault: { kind: 'delay', ms: 1_000 } });
    const asked = uniqueRequest(harness, 'oracleORC', described(1_880_000));
    const handle = await harness.client.oracleORC.startPushProfile(asked as never);
    await until('the create', () => received(harness, 'oracleORC', 'create').length > 0);
    await handle.terminate();
    expect(await endOf('oracleORC', asked)).toMatchObject({ items: [{ outcome: 'already_there' }] });
    expect(harness.simulators.oracleORC.candidates).toHaveLength(1);
  });

  it('that is held continues in a new history, and is read again and sent after a retry', async () => {
    const fault = { kind: 'status', status: 400, commit: 'never' } as const;
    harness.simulators.oracleORC.faults.add({ operation: 'create', fault });
    const asked = {
      ...uniqueRequest(harness, 'oracleORC', described(1_880_000)),
      actionParameters: { onFailure: 'hold' },
    };
    const { workflowId } = await harness.client.oracleORC.startPushProfile(asked as never);
    const latest = harness.context.temporal.workflow.getHandle(workflowId);
    await until('the hold', async () => (await latest.query<{ state: string }>('state')).state === 'held');
    await latest.executeUpdate('retry', { args: [] });
    expect(await latest.result()).toMatchObject({ items: [{ outcome: 'created' }] });
    expect(received(harness, 'hrflow', 'read')).toHaveLength(2);
    expect(harness.simulators.oracleORC.candidates).toHaveLength(1);
  });

  it.each([1_500_000, 1_880_000])(
    'of %d bytes that are prepared and sent in different tasks is read once and sent once',
    async (bytes) => {
      const experiences = [{ company: noise(bytes), title: 'Engineer' }];
      const asked = {
        ...uniqueRequest(harness, 'talentSoft', { experiences, educations: [] }),
        actionParameters: { logics: ['same'] },
      };
      expect((await pushWith(harness, 'talentSoft', asked)).items[0]).toMatchObject({ outcome: 'created' });
      expect(harness.simulators.talentSoft.applications).toHaveLength(1);
      expect(received(harness, 'hrflow', 'read')).toHaveLength(1);
      expect(await runsOf(asked)).toHaveLength(1);
    },
  );
});
