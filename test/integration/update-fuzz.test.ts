import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { WorkflowUpdateFailedError } from '@temporalio/client';
import fc from 'fast-check';
import { refuseAbandonArgs, refuseResolveArgs } from '../../src/workflows/update-arguments';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { anyUpdateArgument } from '../support/odd-values';
import { uniqueRequest } from '../support/requests';

describe('a held run that receives arbitrary updates, which the Temporal UI can send', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness();
    await harness.startWorker();
  });
  afterAll(() => harness.close());

  const UPDATES = {
    retry: () => true,
    // An accepted update would end the run.
    resolve: (args: unknown) => refuseResolveArgs(args) !== null,
    abandon: (args: unknown) => refuseAbandonArgs(args) !== null,
  };

  it('refuses or accepts them, fails no workflow task, and can still be resolved', async () => {
    const asked = { ...uniqueRequest(harness, 'flatchr'), actionParameters: { onFailure: 'hold' } };
    delete asked.targetParameters['enrich'];
    harness.simulators.flatchr.faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });
    const handle = await harness.client.flatchr.startPushProfile(asked as never);
    const stateOf = async () => (await handle.query<{ state: string }>('state')).state;
    await until('the hold', async () => (await stateOf()) === 'held');

    for (const sample of fc.sample(anyUpdateArgument, 30)) {
      for (const [name, mayBeSent] of Object.entries(UPDATES)) {
        const args: unknown = sample === undefined ? undefined : JSON.parse(JSON.stringify(sample));
        if (!mayBeSent(args)) continue;
        try {
          await handle.executeUpdate(name, { args: [args] });
        } catch (error) {
          if (!(error instanceof WorkflowUpdateFailedError)) throw error;
          expect(error.cause).toMatchObject({ type: 'input', message: expect.stringMatching(/.{5,}/) });
        }
        await until(`the hold after ${name} ${JSON.stringify(args)}`, async () => (await stateOf()) === 'held');
      }
    }

    // Undoes what the corrections may have broken. Then resolves with a numeric id, as the ATS shows it.
    await handle.executeUpdate('retry', { args: [{ targetParameters: asked.targetParameters }] });
    await until('the hold after the last retry', async () => (await stateOf()) === 'held');
    await handle.executeUpdate('resolve', { args: [{ delivered: true, atsId: 300_000_123 }] });
    const delivered = { items: [{ outcome: 'already_there', ats_id: '300000123' }] };
    expect(await handle.result()).toMatchObject(delivered);
    expect(await harness.client.flatchr.pushProfile(asked as never)).toMatchObject(delivered);
    const { events } = await handle.fetchHistory();
    expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
    expect(harness.simulators.flatchr.applicants).toHaveLength(1);
  });
});
