import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startHarness, type Groups, type Harness } from '../support/harness';
import { noise, uniqueRequest } from '../support/requests';
import { received } from './connectors/support';

jest.setTimeout(120_000);

describe.each(['on', 'off'] as const)('a push of a large profile, with encryption %s', (encryption) => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness(encryption === 'off' ? { encryption } : {});
    await harness.startWorker({ functions: { logics: { same: (profile) => profile } } });
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  /** How many runs a push took: continue-as-new makes further ones. */
  async function runsOf(asked: Groups): Promise<number> {
    const key = String(asked.originParameters['profile_key']);
    const runs: string[] = [];
    const query = `WorkflowId STARTS_WITH 'hrflow/${key}/'`;
    for await (const run of harness.context.temporal.workflow.list({ query })) runs.push(run.runId);
    return runs.length;
  }

  it.each([1_500_000, 1_880_000])(
    'of %d bytes that are prepared and sent in different tasks is read once and sent once',
    async (bytes) => {
      const experiences = [{ company: noise(bytes), title: 'Engineer' }];
      const asked = {
        ...uniqueRequest(harness, 'talentSoft', { experiences, educations: [] }),
        actionParameters: { logics: ['same'] },
      };
      const result = await harness.client.talentSoft.pushProfile(asked as never);
      expect(result.items[0]).toMatchObject({ outcome: 'created' });
      expect(harness.simulators.talentSoft.applications).toHaveLength(1);
      expect(received(harness, 'hrflow', 'read')).toHaveLength(1);
      expect(await runsOf(asked)).toBe(1);
    },
  );
});
