import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { failed } from '../support/failures';
import { startHarness, type Groups, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

describe('the delivery of a push', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness();
    await harness.startWorker();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  const creates = () => harness.simulators.oracleORC.requests.filter(({ operation }) => operation === 'create');
  const oracle = () => uniqueRequest(harness, 'oracleORC');
  const flatchr = () => uniqueRequest(harness, 'flatchr');

  it('honors Retry-After of a 429 and a 503, then delivers once', async () => {
    const { faults } = harness.simulators.oracleORC;
    faults.add({ operation: 'create', fault: { kind: 'rateLimit', form: 'seconds', seconds: 1 } });
    faults.add({ operation: 'create', fault: { kind: 'status', status: 503, headers: { 'retry-after': '1' } } });
    const before = Date.now();
    const result = await push(oracle());
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(Date.now() - before).toBeGreaterThanOrEqual(2_000);
    expect(creates()).toHaveLength(3);
    expect(harness.simulators.oracleORC.candidates).toHaveLength(1);
  });

  it('finds the applicant of a create whose response was lost', async () => {
    harness.simulators.oracleORC.faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });
    const result = await push(oracle());
    expect(result.items[0]).toMatchObject({ outcome: 'already_there', stage: 'findApplicant' });
    expect(result.items[0]?.ats_id).toBe(harness.simulators.oracleORC.candidates[0]?.candidateNumber);
    expect(creates()).toHaveLength(1);
  });

  it('sends again if a lookup after the settle time does not find a lost create', async () => {
    harness.simulators.oracleORC.faults.add({ operation: 'create', fault: { kind: 'resetBeforeCommit' } });
    const before = Date.now();
    const result = await push(oracle());
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(Date.now() - before).toBeGreaterThanOrEqual(1_000);
    expect(creates()).toHaveLength(2);
    expect(harness.simulators.oracleORC.candidates).toHaveLength(1);
  });

  it('waits for a create that becomes visible late', async () => {
    harness.simulators.oracleORC.visibleAfterMs = 700;
    harness.simulators.oracleORC.faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });
    const result = await push(oracle());
    harness.simulators.oracleORC.visibleAfterMs = 0;
    expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(harness.simulators.oracleORC.candidates).toHaveLength(1);
  });

  it('ends unknown and never sends again if no lookup is possible', async () => {
    const asked = flatchr();
    delete asked.targetParameters['enrich'];
    harness.simulators.flatchr.faults.add({
      operation: 'create',
      fault: { kind: 'status', status: 500, commit: 'before' },
    });
    const error = await failed(harness.client.flatchr.pushProfile(asked as never));
    expect(error).toMatchObject({ type: 'unknown_outcome', reason: 'write_failure', whoMustAct: 'user' });
    expect(error.result?.items[0]).toMatchObject({ outcome: 'unknown' });
    expect(error.nextStep).toContain('hold');
    const again = await failed(harness.client.flatchr.pushProfile(asked as never));
    expect(again.result?.items[0]).toMatchObject({ outcome: 'unknown' });
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
  });

  it('ends refused with the message of the ATS, and starts again on request', async () => {
    const asked = oracle();
    harness.simulators.oracleORC.faults.add({
      operation: 'create',
      fault: {
        kind: 'status',
        status: 400,
        commit: 'never',
        body: { title: 'Bad Request', 'o:errorDetails': [{ detail: 'City is unknown' }] },
      },
    });
    const error = await failed(harness.client.oracleORC.pushProfile(asked as never));
    expect(error).toMatchObject({ type: 'refused', reason: 'write_failure', stage: 'pushApplicant' });
    expect(error.message).toContain('City is unknown');
    const result = await push(asked);
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(harness.simulators.oracleORC.candidates).toHaveLength(1);
  });

  it('gives up after giveUpAfter', async () => {
    const impatient = await startHarness({
      settings: { connectors: { oracleORC: { retry: { initialMs: 20, maximumMs: 50, giveUpAfterMs: 300 } } } },
    });
    try {
      await impatient.startWorker();
      impatient.simulators.oracleORC.faults.add({
        operation: 'create',
        times: 100,
        fault: { kind: 'rateLimit', form: 'seconds', seconds: 1 },
      });
      const error = await failed(
        impatient.client.oracleORC.pushProfile(uniqueRequest(impatient, 'oracleORC') as never),
      );
      expect(error).toMatchObject({ type: 'unavailable', result: { items: [{ outcome: 'failed' }] } });
    } finally {
      await impatient.close();
    }
  });

  it('keeps the created candidate if the enrichment fails permanently, and enriches it in the next push', async () => {
    const asked = flatchr();
    harness.simulators.flatchr.faults.add({
      operation: 'enrich',
      fault: { kind: 'status', status: 422, commit: 'never', body: { message: 'no such attribute' } },
    });
    const error = await failed(harness.client.flatchr.pushProfile(asked as never));
    expect(error).toMatchObject({ type: 'enrich', stage: 'enrich' });
    expect(error.result).toMatchObject({
      status: 'success_with_failures',
      events: { callback_executed: 1, callback_failure: 1, write_failure: 0 },
      items: [{ outcome: 'created', enriched: false }],
    });
    const result = await harness.client.flatchr.pushProfile(asked as never);
    expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
    expect(harness.simulators.flatchr.enrichments).toHaveLength(1);
  });

  it('looks up the applicant before the first create if requested', async () => {
    const asked = oracle();
    await push(asked);
    const other = { ...asked, workflowId: `elsewhere-${Date.now()}`, actionParameters: { lookupFirst: true } };
    const result = await harness.client.oracleORC.pushProfile(other as never);
    expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(creates()).toHaveLength(1);
  });

  async function push(asked: Groups) {
    return harness.client.oracleORC.pushProfile(asked as never);
  }
});
