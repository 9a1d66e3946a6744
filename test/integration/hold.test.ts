import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { OperationRefusedError } from '../../src/client';
import { HRFLOW_ACCOUNT } from '../simulators';
import { failed, until } from '../support/failures';
import { startHarness, type Groups, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

describe('a held push', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness();
    await harness.startWorker();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  const held = (
    connector: 'oracleORC' | 'flatchr',
    more: Record<string, unknown> = {},
  ): Groups & Record<string, unknown> => ({
    ...uniqueRequest(harness, connector),
    actionParameters: { onFailure: 'hold', ...more },
  });
  const refuseKey = () =>
    harness.simulators.flatchr.faults.add({
      operation: 'create',
      times: 2,
      fault: { kind: 'status', status: 401, commit: 'never' },
    });
  const loseAnswer = () =>
    harness.simulators.flatchr.faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });

  async function runOf(asked: Groups): Promise<WorkflowHandle> {
    return harness.client.flatchr.startPushProfile(asked as never);
  }
  const isHeld = async (handle: WorkflowHandle): Promise<boolean> =>
    (await handle.query<{ state: string }>('state')).state === 'held';

  it('responds to the waiting client at once, with the result so far and the next step', async () => {
    refuseKey();
    const error = await failed(harness.client.flatchr.pushProfile(held('flatchr') as never));
    expect(error).toMatchObject({ state: 'held', type: 'auth', stage: 'pushApplicant', whoMustAct: 'user' });
    expect(error.result?.items[0]).toMatchObject({ outcome: 'failed' });
  });

  it('shows what it waits for in search attribute, memo, query and details, and takes no worker slot', async () => {
    refuseKey();
    const handle = await runOf(held('flatchr'));
    await until('the hold', () => isHeld(handle));
    const { typedSearchAttributes, memo, raw } = await handle.describe();
    expect(typedSearchAttributes.get(defineSearchAttributeKey('HrflowState', 'KEYWORD'))).toBe('held');
    expect(memo).toMatchObject({ hold: { number: 1, error: { type: 'auth' } } });
    expect(raw.pendingActivities).toHaveLength(0);
    await handle.terminate();
  });

  it('is joined by a second push, which returns held at once', async () => {
    refuseKey();
    const asked = held('flatchr');
    const handle = await runOf(asked);
    await until('the hold', () => isHeld(handle));
    const before = Date.now();
    const error = await failed(harness.client.flatchr.pushProfile(asked as never));
    expect(error.state).toBe('held');
    expect(Date.now() - before).toBeLessThan(10_000);
    await handle.terminate();
  });

  it('resumes after retry with a corrected key, and creates the applicant once', async () => {
    const asked = held('flatchr');
    const right = asked.targetParameters['auth'];
    asked.targetParameters['auth'] = 'wrong-key';
    const handle = await runOf(asked);
    await until('the hold', () => isHeld(handle));
    await handle.executeUpdate('retry', { args: [{ targetParameters: { auth: right } }] });
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created', enriched: true }] });
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
  });

  it('is held again, with a new number, if the correction is wrong', async () => {
    const asked = held('flatchr');
    asked.targetParameters['auth'] = 'wrong-key';
    const handle = await runOf(asked);
    await until('the hold', () => isHeld(handle));
    await handle.executeUpdate('retry', { args: [{ targetParameters: { auth: '' } }] });
    await until(
      'the second hold',
      async () => (await handle.describe()).memo?.['hold'] !== null && (await isHeld(handle)),
    );
    expect((await handle.describe()).memo).toMatchObject({ hold: { number: 2, error: { type: 'input' } } });
    await handle.terminate();
  });

  it('refuses a correction that would turn it into another push', async () => {
    refuseKey();
    const handle = await runOf(held('flatchr'));
    await until('the hold', () => isHeld(handle));
    const refused = await failed(
      handle.executeUpdate('retry', { args: [{ targetParameters: { vacancy: 'another' } }] }),
    );
    expect(refused.cause).toMatchObject({ message: expect.stringContaining('start the right push') });
    await handle.terminate();
  });

  it('looks up the applicant that was actually sent, after a refusal and a retry with another e-mail', async () => {
    const { flatchr, hrflow } = harness.simulators;
    flatchr.faults.add({ operation: 'create', fault: { kind: 'status', status: 422, commit: 'never' } });
    flatchr.faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });
    const asked = held('flatchr');
    const handle = await runOf(asked);
    await until('the hold', () => isHeld(handle));
    const key = String(asked.originParameters['profile_key']);
    const info = { first_name: 'Ada', last_name: 'Fictive', email: `other.${key}@example.test` };
    hrflow.putProfile(HRFLOW_ACCOUNT.source_key, { key, ...{ info } });
    await handle.executeUpdate('retry', { args: [{}] });
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'already_there', enriched: true }] });
    expect(flatchr.applicants.map(({ email }) => email)).toEqual([info.email]);
  });

  it('only enriches after retry if only the enrichment failed', async () => {
    harness.simulators.flatchr.faults.add({
      operation: 'enrich',
      fault: { kind: 'status', status: 422, commit: 'never' },
    });
    const handle = await runOf(held('flatchr'));
    await until('the hold', () => isHeld(handle));
    await handle.executeUpdate('retry', { args: [{}] });
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created', enriched: true }] });
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
    expect(harness.simulators.flatchr.enrichments).toHaveLength(1);
  });

  it('accepts "delivered" from an operator', async () => {
    const asked = held('flatchr');
    delete asked.targetParameters['enrich'];
    loseAnswer();
    const handle = await runOf(asked);
    await until('the hold', () => isHeld(handle));
    await handle.executeUpdate('resolve', { args: [{ delivered: true, atsId: '77' }] });
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'already_there', ats_id: '77' }] });
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
  });

  it('accepts "not delivered" only once every create must be visible, then sends again', async () => {
    const asked = held('flatchr');
    delete asked.targetParameters['enrich'];
    harness.simulators.flatchr.faults.add({ operation: 'create', fault: { kind: 'resetBeforeCommit' } });
    const handle = await runOf(asked);
    await until('the hold', () => isHeld(handle));
    const refused = await failed(handle.executeUpdate('resolve', { args: [{ delivered: false }] }));
    expect(refused.cause).toMatchObject({ message: expect.stringMatching(/again after \d{4}-/) });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await handle.executeUpdate('resolve', { args: [{ delivered: false }] });
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created' }] });
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
  });

  it('fails with the result so far if it is abandoned', async () => {
    refuseKey();
    const asked = held('flatchr');
    const handle = await runOf(asked);
    await until('the hold', () => isHeld(handle));
    await handle.executeUpdate('abandon', { args: [{ reason: 'the position is filled' }] });
    const error = await failed(handle.result());
    expect(error.cause).toMatchObject({
      type: 'abandoned',
      message: expect.stringContaining('the position is filled'),
    });
  });

  describe('while a lookup is retried for hours', () => {
    async function looking(): Promise<WorkflowHandle> {
      loseAnswer();
      const down = { kind: 'status', status: 503, commit: 'never' } as const;
      harness.simulators.flatchr.faults.add({ operation: 'search', times: 1_000, fault: down });
      const handle = await runOf(held('flatchr'));
      await until('a lookup', () =>
        harness.simulators.flatchr.requests.some(({ operation }) => operation === 'search'),
      );
      return handle;
    }

    it('is abandoned at once', async () => {
      const handle = await looking();
      await handle.executeUpdate('abandon', { args: [] });
      expect((await failed(handle.result())).cause).toMatchObject({
        type: 'abandoned',
        details: [{ result: { items: [{ outcome: 'unknown' }] }, problem: {}, knowledge: {} }],
      });
    });

    it('is resolved at once, and resumes', async () => {
      const handle = await looking();
      await handle.executeUpdate('resolve', { args: [{ delivered: true }] });
      expect(await handle.result()).toMatchObject({ items: [{ outcome: 'already_there', enriched: true }] });
      expect(harness.simulators.flatchr.applicants).toHaveLength(1);
    });
  });

  it('reports its end in the query', async () => {
    refuseKey();
    const handle = await runOf(held('flatchr'));
    await until('the hold', () => isHeld(handle));
    await handle.executeUpdate('abandon', { args: [] });
    await failed(handle.result());
    expect(await handle.query('state')).toMatchObject({ state: 'failed', hold: null, waitingUntil: null });
  });

  it('fails once holdFor has passed', async () => {
    refuseKey();
    const handle = await runOf(held('flatchr', { holdFor: '1 second' }));
    expect((await failed(handle.result())).cause).toMatchObject({ type: 'auth' });
  });

  it('refuses resolve if the outcome is not unknown', async () => {
    refuseKey();
    const handle = await runOf(held('flatchr'));
    await until('the hold', () => isHeld(handle));
    const refused = await failed(handle.executeUpdate('resolve', { args: [{ delivered: true }] }));
    expect(refused.cause).toMatchObject({ message: expect.stringContaining('not unknown') });
    await handle.terminate();
  });

  it('is listed, shown, retried, resolved and abandoned through the client', async () => {
    const { runs } = harness.client;
    refuseKey();
    const asked = held('flatchr');
    const { workflowId } = await runOf(asked);
    await until('the hold', async () => (await runs.show(workflowId)).state === 'held');
    const { profileKey, error } = await runs.show(workflowId);
    expect(error).toMatchObject({ type: 'auth' });
    const listed: string[] = [];
    await until('the run in the list', async () => {
      for await (const run of runs.list({ state: 'held', profileKey })) listed.push(run.workflowId);
      return listed.includes(workflowId);
    });
    await expect(runs.resolve(workflowId, { delivered: true })).rejects.toThrow('the outcome is not unknown');
    harness.simulators.flatchr.faults.clear();
    const retried = await runs.retry(workflowId);
    expect((await retried.result()).result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
    await expect(runs.abandon(workflowId)).rejects.toThrow(OperationRefusedError);
    await expect(runs.show('hrflow/nobody')).rejects.toThrow(OperationRefusedError);
  });
});
