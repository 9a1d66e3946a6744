import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

describe('a push', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness({ functions: { logics: { dropAll: () => null } } });
    await harness.startWorker();
  });
  beforeEach(() => {
    for (const system of ['hrflow', 'talentSoft', 'oracleORC', 'flatchr'] as const) {
      harness.simulators[system].requests.length = 0;
    }
  });
  afterAll(() => harness.close());

  it('creates an application in TalentSoft and returns its id', async () => {
    const result = await harness.client.talentSoft.pushProfile(uniqueRequest(harness, 'talentSoft') as never);
    const [application] = harness.simulators.talentSoft.applications;
    expect(harness.simulators.talentSoft.applications).toHaveLength(1);
    expect(result).toMatchObject({
      status: 'success',
      items: [{ outcome: 'created', ats_id: String(application?.applicationId) }],
    });
  });

  it('creates a candidate in Oracle and returns its number', async () => {
    const result = await harness.client.oracleORC.pushProfile(uniqueRequest(harness, 'oracleORC') as never);
    expect(harness.simulators.oracleORC.candidates).toHaveLength(1);
    expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: null });
    expect(result.items[0]?.ats_id).toMatch(/^\d+$/);
  });

  it('creates an applicant in Flatchr and enriches it', async () => {
    const result = await harness.client.flatchr.pushProfile(uniqueRequest(harness, 'flatchr') as never);
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
    expect(harness.simulators.flatchr.enrichments).toHaveLength(1);
    expect(result.events).toMatchObject({ read_success: 1, callback_executed: 1, callback_failure: 0 });
    expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true, ats_id: null });
  });
});
