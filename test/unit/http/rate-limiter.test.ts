import { describe, expect, it } from '@jest/globals';
import { createRateLimiter, type Admission, type RateLimit } from '../../../src/http/rate-limiter';

class Clock {
  time = 1_000_000;
  readonly now = (): number => this.time;
}

const limit: RateLimit = { ratePerSecond: 2, maxInFlight: 100 };

function waitOf(admission: Admission): number {
  if (admission.admitted) throw new Error('it was admitted');
  return admission.waitMs;
}

function release(admission: Admission): void {
  if (!admission.admitted) throw new Error('it was turned away');
  admission.release();
}

describe('the rate limiter', () => {
  it('lets a burst of one second through, then turns away', async () => {
    const { now } = new Clock();
    const limiter = createRateLimiter(now);
    const answers = [];
    for (let call = 0; call < 4; call += 1) answers.push(await limiter.admit('a', limit, 0));
    expect(answers.map(({ admitted }) => admitted)).toEqual([true, true, false, false]);
  });

  it('holds the rate in the long run', async () => {
    const clock = new Clock();
    const limiter = createRateLimiter(clock.now);
    let admitted = 0;
    for (let step = 0; step < 1_000; step += 1) {
      const answer = await limiter.admit('a', limit, 0);
      if (answer.admitted) {
        admitted += 1;
        answer.release();
      }
      clock.time += 100;
    }
    expect(admitted).toBeGreaterThanOrEqual(200);
    expect(admitted).toBeLessThanOrEqual(203);
  });

  it('takes rates below one call a second', async () => {
    const clock = new Clock();
    const limiter = createRateLimiter(clock.now);
    const slow = { ratePerSecond: 0.1, maxInFlight: 1 };
    release(await limiter.admit('a', slow, 0));
    expect(waitOf(await limiter.admit('a', slow, 0))).toBeGreaterThanOrEqual(10_000);
    clock.time += 10_000;
    expect((await limiter.admit('a', slow, 0)).admitted).toBe(true);
  });

  it('counts the calls under way, and a place given back twice counts once', async () => {
    const limiter = createRateLimiter(new Clock().now);
    const one = { ratePerSecond: 1_000, maxInFlight: 1 };
    const first = await limiter.admit('a', one, 0);
    expect((await limiter.admit('a', one, 0)).admitted).toBe(false);
    release(first);
    release(first);
    expect((await limiter.admit('a', one, 0)).admitted).toBe(true);
    expect((await limiter.admit('a', one, 0)).admitted).toBe(false);
  });

  it('answers a wait of more than a second at once and says when to come back', async () => {
    const limiter = createRateLimiter(new Clock().now);
    const slow = { ratePerSecond: 0.5, maxInFlight: 4 };
    await limiter.admit('a', slow);
    const started = performance.now();
    const waitMs = waitOf(await limiter.admit('a', slow));
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(waitMs).toBeGreaterThanOrEqual(2_000);
    expect(waitMs).toBeLessThanOrEqual(3_000);
  });

  it('waits for a short while itself', async () => {
    const limiter = createRateLimiter();
    const quick = { ratePerSecond: 20, maxInFlight: 100 };
    for (let call = 0; call < 20; call += 1) await limiter.admit('a', quick, 0);
    expect((await limiter.admit('a', quick)).admitted).toBe(true);
  });

  it('sends nothing to an account after a 429 until its time has passed, then half as much', async () => {
    const clock = new Clock();
    const limiter = createRateLimiter(clock.now);
    await limiter.admit('a', limit, 0);
    limiter.slowDown('a', 5_000);
    expect(waitOf(await limiter.admit('a', limit, 0))).toBeGreaterThanOrEqual(5_000);
    clock.time += 5_000;
    let admitted = 0;
    for (let step = 0; step < 200; step += 1) {
      if ((await limiter.admit('a', limit, 0)).admitted) admitted += 1;
      clock.time += 100;
    }
    // 20 s at one call a second, and the burst that had gathered.
    expect(admitted).toBeGreaterThanOrEqual(20);
    expect(admitted).toBeLessThanOrEqual(23);
  });

  it('is back at the full rate a minute after the 429', async () => {
    const clock = new Clock();
    const limiter = createRateLimiter(clock.now);
    await limiter.admit('a', limit, 0);
    limiter.slowDown('a', null);
    clock.time += 62_000;
    await limiter.admit('a', limit, 0);
    await limiter.admit('a', limit, 0);
    expect((await limiter.admit('a', limit, 0)).admitted).toBe(false);
    clock.time += 500;
    expect((await limiter.admit('a', limit, 0)).admitted).toBe(true);
  });

  it('does not shorten a wait that was asked for before', async () => {
    const limiter = createRateLimiter(new Clock().now);
    await limiter.admit('a', limit, 0);
    limiter.slowDown('a', 60_000);
    limiter.slowDown('a', 10);
    expect(waitOf(await limiter.admit('a', limit, 0))).toBeGreaterThanOrEqual(60_000);
  });

  it('lets one slow account not starve another', async () => {
    const limiter = createRateLimiter(new Clock().now);
    const one = { ratePerSecond: 2, maxInFlight: 1 };
    await limiter.admit('slow', one, 0);
    limiter.slowDown('slow', 600_000);
    expect((await limiter.admit('slow', one, 0)).admitted).toBe(false);
    expect((await limiter.admit('other', one, 0)).admitted).toBe(true);
  });

  it('spreads those who come back', async () => {
    const limiter = createRateLimiter(new Clock().now);
    await limiter.admit('a', limit, 0);
    limiter.slowDown('a', 10_000);
    const waits = new Set<number>();
    for (let call = 0; call < 20; call += 1) waits.add(waitOf(await limiter.admit('a', limit, 0)));
    expect(waits.size).toBeGreaterThan(5);
  });

  it('takes a 429 for an account that it does not know as nothing', () => {
    expect(() => createRateLimiter().slowDown('nobody', 1_000)).not.toThrow();
  });
});
