import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { createRateLimiter, type Admission, type PermitRequest, type RateLimit } from '../../../src/http/rate-limiter';

const USUAL: RateLimit = { ratePerSecond: 2, maxInFlight: 100 };
const ONE_AT_A_TIME: RateLimit = { ratePerSecond: 1_000, maxInFlight: 1 };
const DAY_MS = 86_400_000;

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const pass = (ms: number): Promise<void> => jest.advanceTimersByTimeAsync(ms);

/** The answer, if there is one without time passing. */
async function now(answer: Promise<Admission>): Promise<Admission | 'waits'> {
  return Promise.race([answer, pass(0).then(() => 'waits' as const)]);
}

function waitOf(admission: Admission | 'waits'): number {
  if (admission === 'waits' || admission.admitted) throw new Error('it was not told to come back');
  return admission.waitMs;
}

function release(admission: Admission | 'waits'): void {
  if (admission === 'waits' || !admission.admitted) throw new Error('it was not admitted');
  admission.release();
}

function accountOf(limit: RateLimit = USUAL) {
  const limiter = createRateLimiter();
  const ask = (place: string | null, more: Partial<PermitRequest> = {}): Promise<Admission> =>
    limiter.admit('a', limit, { permit: place, ...more });
  return { limiter, ask };
}

describe('the rate', () => {
  it('lets a burst of one second through; the next waits for its moment within a second', async () => {
    const { ask } = accountOf();
    release(await now(ask('1')));
    release(await now(ask('2')));
    const third = ask('3');
    expect(await now(third)).toBe('waits');
    await pass(500);
    release(await now(third));
  });

  it('holds in the long run', async () => {
    const { ask } = accountOf();
    let admitted = 0;
    for (let tenths = 0; tenths < 1_000; tenths += 1) {
      const answer = await now(ask('always the same', { patienceMs: 0 }));
      if (answer !== 'waits' && answer.admitted) {
        admitted += 1;
        answer.release();
      }
      await pass(100);
    }
    expect(admitted).toBeGreaterThanOrEqual(200);
    expect(admitted).toBeLessThanOrEqual(203);
  });

  it('may be below one call a second', async () => {
    const { ask } = accountOf({ ratePerSecond: 0.1, maxInFlight: 1 });
    release(await now(ask('1')));
    expect(waitOf(await now(ask('2')))).toBeCloseTo(10_000, -2);
    await pass(10_000);
    release(await now(ask('2')));
  });

  it('is one for each account', async () => {
    const { limiter, ask } = accountOf();
    for (const place of ['1', '2', '3', '4']) void ask(place, { patienceMs: 0 });
    release(await now(limiter.admit('b', USUAL, { permit: '5', patienceMs: 0 })));
  });

  it('does not care about the wall clock', async () => {
    const { ask } = accountOf();
    release(await now(ask('1')));
    jest.setSystemTime(Date.now() - DAY_MS);
    release(await now(ask('2')));
    await pass(500);
    release(await now(ask('3')));
    jest.setSystemTime(Date.now() + 3 * DAY_MS);
    expect(waitOf(await now(ask('4', { patienceMs: 0 })))).toBeLessThanOrEqual(1_000);
  });
});

describe('the queue', () => {
  it('gives each asker its own moment, first come, first served', async () => {
    const { ask } = accountOf();
    release(await now(ask('1')));
    release(await now(ask('2')));
    const waits = [];
    for (let place = 3; place < 23; place += 1) waits.push(waitOf(await now(ask(`${place}`, { patienceMs: 0 }))));
    expect(waits).toEqual([1_000, 1_000, ...Array.from({ length: 18 }, (_, index) => 1_500 + 500 * index)]);
  });

  it('admits whoever comes at its moment, at its second attempt', async () => {
    const { ask } = accountOf();
    const attempts = new Map<string, number>();
    const times: number[] = [];
    const push = async (place: string): Promise<void> => {
      for (;;) {
        attempts.set(place, (attempts.get(place) ?? 0) + 1);
        const answer = await ask(place);
        if (!answer.admitted) {
          await new Promise((resolve) => setTimeout(resolve, answer.waitMs));
          continue;
        }
        times.push(performance.now());
        await new Promise((resolve) => setTimeout(resolve, 80));
        answer.release();
        return;
      }
    };
    const pushes = Array.from({ length: 60 }, (_, index) => push(`${index}`));
    await pass(60_000);
    await Promise.all(pushes);
    expect(Math.max(...attempts.values())).toBe(2);
    expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThanOrEqual(30_000);
  });

  it('keeps a place for one that comes too early', async () => {
    const { ask } = accountOf();
    for (let place = 0; place < 12; place += 1) await now(ask(`${place}`, { patienceMs: 0 }));
    const told = waitOf(await now(ask('early', { patienceMs: 0 })));
    for (let place = 0; place < 12; place += 1) await now(ask(`later ${place}`, { patienceMs: 0 }));
    await pass(100);
    expect(waitOf(await now(ask('early', { patienceMs: 0 })))).toBe(told - 100);
  });

  it('lets one that comes late go before those who came after it', async () => {
    const { ask } = accountOf();
    for (const place of ['1', '2']) release(await now(ask(place)));
    expect(waitOf(await now(ask('late', { patienceMs: 0 })))).toBe(1_000);
    await pass(6_000);
    for (const place of ['3', '4']) release(await now(ask(place)));
    const [last, late] = [ask('last', { patienceMs: 60_000 }), ask('late')];
    await pass(500);
    release(await now(late));
    expect(await now(last)).toBe('waits');
  });

  it('leaves what nobody has come for to whoever comes, and a moment of its own to whoever it was told', async () => {
    const { ask } = accountOf();
    for (let place = 0; place < 6; place += 1) await now(ask(`${place}`, { patienceMs: 0 }));
    await pass(900);
    release(await now(ask('new')));
    await pass(1_100);
    for (const place of ['4', '5']) release(await now(ask(place)));
  });

  it('does not wait for those who do not come', async () => {
    const { ask } = accountOf();
    for (let place = 0; place < 12; place += 1) await now(ask(`${place}`, { patienceMs: 0 }));
    await pass(8_000);
    release(await now(ask('new')));
    release(await now(ask('newer')));
  });

  it('forgets the place of one that stays away for five minutes', async () => {
    const { ask } = accountOf({ ratePerSecond: 0.01, maxInFlight: 1 });
    release(await now(ask('1')));
    const told = waitOf(await now(ask('gone', { patienceMs: 0 })));
    await pass(told + 300_001);
    const spent = ask('another');
    release(await now(spent));
    void ask('second', { patienceMs: 0 });
    expect(waitOf(await now(ask('gone', { patienceMs: 0 })))).toBeGreaterThan(100_000);
  });

  it('leaves a place as it is when its asker is stopped', async () => {
    const { ask } = accountOf();
    for (const place of ['1', '2']) release(await now(ask(place)));
    const controller = new AbortController();
    const stopped = ask('3', { signal: controller.signal });
    const next = ask('4', { patienceMs: 5_000 });
    controller.abort(new Error('cancelled'));
    await expect(stopped).rejects.toThrow('cancelled');
    await expect(ask('3', { signal: controller.signal })).rejects.toThrow('cancelled');
    await pass(500);
    release(await now(next));
  });
});

describe('a step that has had its turn', () => {
  it('goes before the queue, as fast as the rate allows', async () => {
    const { ask } = accountOf();
    for (let place = 0; place < 100; place += 1) await now(ask(`${place}`, { patienceMs: 0 }));
    let done = 0;
    const lookup = async (): Promise<void> => {
      for (; done < 12; done += 1) release(await ask(null, { patienceMs: 60_000 }));
    };
    const running = lookup();
    await pass(6_500);
    await running;
    expect(done).toBe(12);
  });

  it('is told to come back only when the wait is longer than it can take', async () => {
    const { limiter, ask } = accountOf();
    release(await now(ask('1')));
    limiter.slowDown('a', 120_000, 300_000);
    expect(waitOf(await now(ask(null, { patienceMs: 60_000 })))).toBeGreaterThanOrEqual(119_000);
  });
});

describe('calls under way', () => {
  it('are counted, and a turn that is given back twice counts once', async () => {
    const { ask } = accountOf(ONE_AT_A_TIME);
    const first = await now(ask('1'));
    const [second, third] = [ask('2'), ask('3')];
    expect(await now(second)).toBe('waits');
    release(first);
    release(first);
    const admitted = await now(second);
    expect(await now(third)).toBe('waits');
    release(admitted);
    release(await now(third));
  });

  it('end a wait the moment that they end, in the order of the queue', async () => {
    const { ask } = accountOf(ONE_AT_A_TIME);
    const order: string[] = [];
    const first = await now(ask('first'));
    const others = ['second', 'third', 'fourth'].map((place) =>
      ask(place).then((answer) => {
        order.push(place);
        release(answer);
      }),
    );
    release(first);
    await Promise.all(others);
    expect(order).toEqual(['second', 'third', 'fourth']);
  });

  it('do not hold up what they wait for themselves', async () => {
    const { ask } = accountOf(ONE_AT_A_TIME);
    const underWay = await now(ask('1'));
    release(await now(ask(null, { counts: false })));
    release(underWay);
  });

  it('that hang give each of those who wait a moment of its own', async () => {
    const { ask } = accountOf({ ratePerSecond: 100, maxInFlight: 4 });
    for (let call = 0; call < 4; call += 1) await now(ask(`hung ${call}`));
    await pass(8_000);
    const waits = [];
    for (let place = 0; place < 5; place += 1) waits.push(waitOf(await now(ask(`${place}`))));
    expect(waits).toEqual([4_000, 6_000, 8_000, 10_000, 12_000]);
  });

  it('that hang cost those who wait few attempts, and no second each', async () => {
    const { ask } = accountOf({ ratePerSecond: 2, maxInFlight: 4 });
    const hung: (Admission | 'waits')[] = [];
    for (let call = 0; call < 4; call += 1) {
      hung.push(await now(ask(`hung ${call}`)));
      await pass(500);
    }
    await pass(10_000);
    let attempts = 0;
    for (let ms = 0; ms < 50_000;) {
      attempts += 1;
      const answer = ask('head', { patienceMs: 0 });
      const waitMs = waitOf(await now(answer));
      ms += waitMs;
      await pass(waitMs);
    }
    expect(attempts).toBeLessThanOrEqual(8);
    for (const call of hung) release(call);
    release(await now(ask('head')));
  });
});

describe('a 429', () => {
  it('closes the account for as long as it says, and halves its rate for a while', async () => {
    const { limiter, ask } = accountOf();
    release(await now(ask('1')));
    limiter.slowDown('a', 10_000, 300_000);
    expect(waitOf(await now(ask('2')))).toBeGreaterThanOrEqual(10_000);
    await pass(10_000);
    release(await now(ask('2')));
    release(await now(ask('3')));
    await pass(500);
    expect(await now(ask('4', { patienceMs: 400 }))).toMatchObject({ admitted: false });
  });

  it('that asks for a week closes it no longer than the longest pause', async () => {
    const { limiter, ask } = accountOf();
    release(await now(ask('1')));
    limiter.slowDown('a', 7 * DAY_MS, 300_000);
    expect(waitOf(await now(ask('2')))).toBeLessThanOrEqual(301_000);
    await pass(300_000);
    release(await now(ask('2')));
  });

  it('without a time closes it for a second', async () => {
    const { limiter, ask } = accountOf();
    release(await now(ask('1')));
    limiter.slowDown('a', null, 300_000);
    expect(waitOf(await now(ask('2')))).toBe(1_000);
    await pass(1_000);
    release(await now(ask('2')));
  });

  it('of an account that nothing was sent to changes nothing', async () => {
    const { limiter, ask } = accountOf();
    limiter.slowDown('a', 10_000, 300_000);
    release(await now(ask('1')));
  });
});
