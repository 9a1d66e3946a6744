import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { failed } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';
import { quickSettings } from '../support/settings';

describe('an enrichment that the vendor appends instead of replacing (enrichRepeatable: false)', () => {
  let harness: Harness;

  beforeAll(async () => {
    const { connectors } = quickSettings();
    const flatchr = { ...connectors.flatchr, enrichRepeatable: false };
    harness = await startHarness({ settings: { connectors: { ...connectors, flatchr } } });
    await harness.startWorker();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  const push = () => harness.client.flatchr.pushProfile(uniqueRequest(harness, 'flatchr') as never);
  const enrichments = () => harness.simulators.flatchr.requests.filter(({ operation }) => operation === 'enrich');

  it('is retried if nothing changed in the ATS', async () => {
    const { faults } = harness.simulators.flatchr;
    faults.add({ operation: 'enrich', fault: { kind: 'status', status: 404, commit: 'never' } });
    faults.add({ operation: 'enrich', fault: { kind: 'rateLimit', form: 'seconds', seconds: 1 } });
    expect((await push()).items[0]).toMatchObject({ outcome: 'created', enriched: true });
    expect(enrichments()).toHaveLength(3);
  });

  it('is left to an operator if it may have changed something', async () => {
    harness.simulators.flatchr.faults.add({ operation: 'enrich', fault: { kind: 'resetAfterCommit' } });
    const error = await failed(push());
    expect(error).toMatchObject({ type: 'enrich', stage: 'enrich' });
    expect(error.result?.items[0]).toMatchObject({ outcome: 'created', enriched: false });
    expect(enrichments()).toHaveLength(1);
  });
});
