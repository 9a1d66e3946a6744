import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { startProcess, type ManagedProcess } from '../../tools/processes';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

const CLI = join(__dirname, '../../dist/cli/main.js');

describe('a killed worker process', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness();
  });
  afterAll(() => harness.close());

  async function startWorker(): Promise<ManagedProcess> {
    const worker = await startProcess(process.execPath, [CLI, 'worker'], {
      name: 'a worker',
      env: { ...process.env, ...harness.env },
    });
    await worker.waitForLine(/worker started/, 30_000);
    return worker;
  }

  it('between push and enrich leaves one candidate and one enrichment, and another worker completes the run', async () => {
    const { flatchr } = harness.simulators;
    flatchr.faults.add({ operation: 'enrich', fault: { kind: 'rateLimit', form: 'seconds', seconds: 3 } });
    const first = await startWorker();
    const handle = await harness.client.flatchr.startPushProfile(uniqueRequest(harness, 'flatchr') as never);
    await until('the refused enrichment', () => flatchr.requests.some(({ operation }) => operation === 'enrich'));
    expect(flatchr.applicants).toHaveLength(1);
    await first.kill();

    const second = await startWorker();
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created', enriched: true }] });
    expect(flatchr.applicants).toHaveLength(1);
    expect(flatchr.enrichments).toHaveLength(1);
    await second.stop();
  });

  it('during a create leaves a run that finds the candidate and does not create it again', async () => {
    const { oracleORC } = harness.simulators;
    oracleORC.faults.add({ operation: 'create', fault: { kind: 'delay', ms: 1_500, commit: 'before' } });
    const first = await startWorker();
    const handle = await harness.client.oracleORC.startPushProfile(uniqueRequest(harness, 'oracleORC') as never);
    await until('the create', () => oracleORC.candidates.length === 1);
    await first.kill();

    const second = await startWorker();
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'already_there' }] });
    expect(oracleORC.candidates).toHaveLength(1);
    await second.stop();
  });

  it('finishes a sent create and starts no other if it is stopped gracefully', async () => {
    const { oracleORC } = harness.simulators;
    const before = oracleORC.candidates.length;
    oracleORC.faults.add({ operation: 'create', fault: { kind: 'delay', ms: 1_500, commit: 'after' } });
    const first = await startWorker();
    const handle = await harness.client.oracleORC.startPushProfile(uniqueRequest(harness, 'oracleORC') as never);
    await until(
      'the create',
      () => oracleORC.requests.filter(({ operation }) => operation === 'create').length > before,
    );
    await first.stop();

    const second = await startWorker();
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created' }] });
    expect(oracleORC.candidates).toHaveLength(before + 1);
    await second.stop();
  });
});
