import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/failures';
import { startHarness, type Groups, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';
import { quickSettings } from '../support/settings';

/** Retry-After of the slow account. A slot that waited for it would be blocked for that long. */
const SLOW_SECONDS = 60;

describe('two accounts of one system', () => {
  let harness: Harness;

  beforeAll(async () => {
    const patient = { initialMs: 50, maximumMs: 500, giveUpAfterMs: 2 * SLOW_SECONDS * 1_000 };
    harness = await startHarness({ settings: quickSettings({ retry: patient }) });
    await harness.startWorker({ worker: { maxConcurrentActivityTaskExecutions: 4 } });
  });
  afterAll(() => harness.close());

  const at = (subdomain: string): Groups => {
    const asked = uniqueRequest(harness, 'flatchr');
    return {
      ...asked,
      targetParameters: { auth: asked.targetParameters['auth'], vacancy: asked.targetParameters['vacancy'], subdomain },
    };
  };

  it('do not starve each other: the backlog of a slow one takes no slot that the other needs', async () => {
    const { flatchr } = harness.simulators;
    flatchr.faults.setGenerator((request) =>
      request.path.includes('/slow/') && request.operation === 'create'
        ? { kind: 'rateLimit', form: 'seconds', seconds: SLOW_SECONDS }
        : null,
    );
    const backlog = await Promise.all(
      Array.from({ length: 20 }, () => harness.client.flatchr.startPushProfile(at('slow') as never)),
    );
    await until('the slow account to be full', () => flatchr.requests.some(({ path }) => path.includes('/slow/')));
    const before = Date.now();
    const result = await harness.client.flatchr.pushProfile(at('quick') as never);
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(Date.now() - before).toBeLessThan((SLOW_SECONDS * 1_000) / 2);
    expect(flatchr.applicants.filter(({ subdomain }) => subdomain === 'slow')).toHaveLength(0);
    await Promise.all(backlog.map((handle) => handle.terminate()));
  });

  it('are slowed only by their own 429, and wait in Temporal instead of the worker', async () => {
    const { flatchr } = harness.simulators;
    flatchr.faults.setGenerator((request) =>
      request.path.includes('/told/') && request.operation === 'create'
        ? { kind: 'rateLimit', form: 'seconds', seconds: 3 }
        : null,
    );
    const handle = await harness.client.flatchr.startPushProfile(at('told') as never);
    await until('the wait', async () => (await handle.query<{ state: string }>('state')).state === 'waiting');
    expect((await handle.describe()).raw.pendingActivities).toHaveLength(0);
    await handle.terminate();
  });
});
