import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientContext } from '../../src/client/context';
import { checkPush } from '../../src/client/request';
import { push as pushWith } from '../../src/client/wait';
import { failed, until } from '../support/failures';
import { startHarness, type Groups, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

describe('starting the same push', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness();
    await harness.startWorker();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  const push = (asked: Groups, more: Record<string, unknown> = {}) =>
    harness.client.oracleORC.pushProfile({ ...asked, ...more } as never);
  const start = (asked: Groups, more: Record<string, unknown> = {}) =>
    harness.client.oracleORC.startPushProfile({ ...asked, ...more } as never);
  const candidates = () => harness.simulators.oracleORC.candidates;

  it('many times at once creates one run and one candidate, and returns the same result to everybody', async () => {
    const asked = uniqueRequest(harness, 'oracleORC');
    const results = await Promise.all(Array.from({ length: 8 }, () => push(asked)));
    expect(candidates()).toHaveLength(1);
    expect(new Set(results.map((result) => result.items[0]?.ats_id)).size).toBe(1);
  });

  it('after its delivery returns the stored result', async () => {
    const asked = uniqueRequest(harness, 'oracleORC');
    const first = await push(asked);
    expect(await push(asked)).toEqual(first);
    expect(candidates()).toHaveLength(1);
    expect(harness.simulators.hrflow.requests.filter(({ operation }) => operation === 'read')).toHaveLength(1);
  });

  it('without an enrichment accepts a candidate whose earlier enrichment failed', async () => {
    const asked = uniqueRequest(harness, 'flatchr');
    const refused = { kind: 'status', status: 403, commit: 'never' } as const;
    harness.simulators.flatchr.faults.add({ operation: 'enrich', fault: refused });
    const error = await failed(harness.client.flatchr.pushProfile(asked as never));
    expect(error.result?.items[0]).toMatchObject({ outcome: 'created', enriched: false });
    delete asked.targetParameters['enrich'];
    const { status, items } = await harness.client.flatchr.pushProfile(asked as never);
    expect([status, items[0]]).toEqual(['success', expect.objectContaining({ outcome: 'created', enriched: null })]);
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
  });

  it('is refused under the workflow id of another push, and never returns its result', async () => {
    const workflowId = `mine-${Date.now()}`;
    await push(uniqueRequest(harness, 'oracleORC'), { workflowId });
    const error = await failed(push(uniqueRequest(harness, 'oracleORC'), { workflowId }));
    expect(error).toMatchObject({ type: 'workflow_id_taken', result: null });
    expect(candidates()).toHaveLength(1);
  });

  it('is refused under such an id while the other push is running, too, before it is joined', async () => {
    const workflowId = `busy-${Date.now()}`;
    harness.simulators.oracleORC.faults.add({
      operation: 'create',
      fault: { kind: 'rateLimit', form: 'seconds', seconds: 1 },
    });
    const busy = await start(uniqueRequest(harness, 'oracleORC'), { workflowId });
    const other = uniqueRequest(harness, 'oracleORC');
    expect(await failed(start(other, { workflowId }))).toMatchObject({ type: 'workflow_id_taken', result: null });
    expect(await failed(push(other, { workflowId }))).toMatchObject({ type: 'workflow_id_taken', result: null });
    await busy.result();
    expect(candidates()).toHaveLength(1);
  });

  it('again, though never started before, does not mistake an applicant of another push for its own', async () => {
    const asked = uniqueRequest(harness, 'flatchr');
    const { flatchr } = harness.simulators;
    await harness.client.flatchr.pushProfile({ ...asked, workflowId: `elsewhere-${Date.now()}` } as never);
    flatchr.faults.add({ operation: 'create', fault: { kind: 'status', status: 500, commit: 'never' } });
    const { result } = await failed(harness.client.flatchr.pushProfile({ ...asked, again: true } as never));
    expect(result?.items[0]?.outcome).toBe('unknown');
    expect(flatchr.applicants).toHaveLength(1);
  });

  it('again creates a second application, and leaves the first unchanged', async () => {
    const asked = uniqueRequest(harness, 'oracleORC');
    const first = await push(asked);
    const second = await push(asked, { again: true });
    expect(candidates()).toHaveLength(2);
    expect(second.items[0]?.ats_id).not.toBe(first.items[0]?.ats_id);
  });

  it('again, with a lost response to the second create, finds the new one and not the old one', async () => {
    const asked = uniqueRequest(harness, 'oracleORC');
    const first = await push(asked);
    harness.simulators.oracleORC.faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });
    const second = await push(asked, { again: true });
    expect(candidates()).toHaveLength(2);
    expect(second.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(second.items[0]?.ats_id).not.toBe(first.items[0]?.ats_id);
  });

  it.each(['has ended', 'is under way'])(
    'again, overtaken by the first ordinary push, which %s, knows its applicant',
    async (how) => {
      const ended = how === 'has ended';
      const asked = uniqueRequest(harness, 'oracleORC');
      const { context } = harness;
      let overtaken = false;
      // Another client starts the push between the check and the start.
      const late: ClientContext = {
        ...context,
        async searchAttributes() {
          if (!overtaken) {
            overtaken = true;
            if (!ended) {
              const fault = { kind: 'rateLimit', form: 'seconds', seconds: 2 } as const;
              harness.simulators.oracleORC.faults.add({ operation: 'create', fault });
            }
            const handle = await start(asked);
            if (ended) await handle.result();
          }
          return context.searchAttributes();
        },
      };
      const again = checkPush('oracleORC', 'pushProfile', { ...asked, again: true }, true);
      if (!ended) {
        expect((await failed(pushWith(late, again))).message).toContain('in progress');
        await until('the end of the ordinary push', () => candidates().length === 1);
        return;
      }
      const { result, workflowId } = await pushWith(late, again);
      expect(result.items[0]).toMatchObject({ outcome: 'created' });
      expect(candidates()).toHaveLength(2);
      const { events } = await context.temporal.workflow.getHandle(workflowId).fetchHistory();
      const activities = events?.map((event) => event.activityTaskScheduledEventAttributes?.activityType?.name);
      expect(activities).toContain('recall');
    },
  );

  it('again is refused while a run of the push is open', async () => {
    const asked = uniqueRequest(harness, 'oracleORC');
    harness.simulators.oracleORC.faults.add({
      operation: 'create',
      fault: { kind: 'rateLimit', form: 'seconds', seconds: 2 },
    });
    const handle = await start(asked);
    const error = await failed(push(asked, { again: true }));
    expect(error.message).toContain('in progress');
    await handle.cancel();
    await handle.result().catch(() => undefined);
  });

  it('after a run that was cancelled before anything was sent starts another run, which delivers', async () => {
    const asked = uniqueRequest(harness, 'oracleORC');
    harness.simulators.oracleORC.faults.add({
      operation: 'create',
      fault: { kind: 'rateLimit', form: 'seconds', seconds: 20 },
    });
    const handle = await start(asked);
    await until('the wait', async () => (await handle.query<{ state: string }>('state')).state === 'waiting');
    await handle.cancel();
    expect((await failed(handle.result())).cause?.constructor.name).toBe('CancelledFailure');
    expect((await push(asked)).items[0]).toMatchObject({ outcome: 'created' });
    expect(candidates()).toHaveLength(1);
  });

  it('after a run that was terminated during its create finds the candidate and does not create again', async () => {
    const asked = uniqueRequest(harness, 'oracleORC');
    harness.simulators.oracleORC.faults.add({
      operation: 'create',
      fault: { kind: 'delay', ms: 1_500, commit: 'after' },
    });
    const handle = await start(asked);
    await until('the create', () =>
      harness.simulators.oracleORC.requests.some(({ operation }) => operation === 'create'),
    );
    await handle.terminate('terminated by an operator');
    const result = await push(asked);
    expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(candidates()).toHaveLength(1);
  });

  it('fails with the outcome of the create if it is cancelled during the create', async () => {
    const asked = { ...uniqueRequest(harness, 'flatchr') };
    harness.simulators.flatchr.faults.add({
      operation: 'create',
      fault: { kind: 'delay', ms: 1_000, commit: 'before' },
    });
    const handle = await harness.client.flatchr.startPushProfile(asked as never);
    await until('the create', () => harness.simulators.flatchr.applicants.length === 1);
    await handle.cancel();
    const { cause } = await failed(handle.result());
    expect(cause).toMatchObject({
      type: 'cancelled',
      details: [{ result: { items: [{ outcome: 'created', enriched: false }] }, problem: {}, knowledge: {} }],
    });
    const result = await harness.client.flatchr.pushProfile(asked as never);
    expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
  });
});
