import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/failures';
import { startHarness, type Groups, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';
import { quickSettings } from '../support/settings';

const BACKLOG = 40;
const BULK = 30;
const AT_ONCE = 25;

/** The system under test keeps the built-in limits: 2 calls per second, 4 at a time. */
function settings(): unknown {
  const { connectors } = quickSettings();
  const { ratePerSecond: _rate, maxInFlight: _calls, ...flatchr } = connectors.flatchr;
  return { connectors: { ...connectors, flatchr } };
}

describe('with the built-in rate limits', () => {
  let harness: Harness;

  beforeAll(async () => {
    harness = await startHarness({ settings: settings() });
    await harness.startWorker();
  });
  afterAll(() => harness.close());

  /** A push without enrichment, so that it is one call. */
  const at = (subdomain: string): Groups => {
    const asked = uniqueRequest(harness, 'flatchr');
    const { auth, vacancy } = asked.targetParameters;
    return { ...asked, targetParameters: { auth, vacancy, subdomain } };
  };
  const start = (subdomain: string) => harness.client.flatchr.startPushProfile(at(subdomain) as never);
  const creates = (subdomain: string): number =>
    harness.simulators.flatchr.applicants.filter((applicant) => applicant.subdomain === subdomain).length;
  const cvDownloads = (): number => harness.simulators.files.requests.length;

  const attemptsOf = async (handle: Awaited<ReturnType<typeof start>>): Promise<number> => {
    const { events } = await handle.fetchHistory();
    return (events ?? []).filter(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'pushApplicant',
    ).length;
  };

  it('each of many pushes to one account takes at most two attempts and one download of its CV', async () => {
    const before = cvDownloads();
    const attempts: number[] = [];
    let started = 0;
    const lane = async (): Promise<void> => {
      while (started < BULK) {
        started += 1;
        const handle = await start('bulk');
        await handle.result();
        attempts.push(await attemptsOf(handle));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    expect(creates('bulk')).toBe(BULK);
    // If the machine stalls for a second, a run may miss its slot.
    expect(attempts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2.2 * BULK);
    expect(cvDownloads() - before).toBeLessThanOrEqual(1.2 * BULK);
  });

  it('a push to another account does not wait for the backlog of the first', async () => {
    const backlog = await Promise.all(Array.from({ length: BACKLOG }, () => start('slow')));
    await until('the backlog to be under way', () => creates('slow') > 0);
    await harness.client.flatchr.pushProfile(at('quick') as never);
    expect(creates('quick')).toBe(1);
    expect(creates('slow')).toBeLessThan(BACKLOG);
    await Promise.all(backlog.map((handle) => handle.result()));
    expect(creates('slow')).toBe(BACKLOG);
  });

  it('a run that waits for its turn reports so, and takes no slot', async () => {
    const backlog = await Promise.all(Array.from({ length: 10 }, () => start('queue')));
    const last = await start('queue');
    await until('the wait', async () => (await last.query<{ state: string }>('state')).state === 'waiting');
    expect(await last.query('state')).toMatchObject({ doing: expect.stringContaining('for its turn'), attempts: 0 });
    expect((await last.describe()).raw.pendingActivities).toHaveLength(0);
    await last.result();
    await Promise.all(backlog.map((handle) => handle.result()));
    expect(creates('queue')).toBe(11);
  });
});
