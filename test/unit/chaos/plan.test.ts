import { describe, expect, it } from '@jest/globals';
import { faultSchema } from '../../simulators';
import { FAULT_MIX, drawFault } from '../../../tools/chaos/faults';
import { KINDS, planPushes } from '../../../tools/chaos/plan';
import { openRandom } from '../../../tools/chaos/random';
import { TIMING } from '../../../tools/chaos/timing';

describe('the random streams of the fault run', () => {
  it('are the same for the same seed and name, and differ otherwise', () => {
    const draw = (seed: number, name: string) => {
      const random = openRandom(seed, name);
      return Array.from({ length: 8 }, () => random.next());
    };
    expect(draw(7, 'plan')).toEqual(draw(7, 'plan'));
    expect(draw(7, 'plan')).not.toEqual(draw(8, 'plan'));
    expect(draw(7, 'plan')).not.toEqual(draw(7, 'nemesis'));
  });

  it('are spread evenly and stay within their bounds', () => {
    const random = openRandom(1, 'spread');
    const counts = new Map<number, number>();
    for (let i = 0; i < 10_000; i += 1) {
      const value = random.between(3, 7);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
    expect([...counts.keys()].sort()).toEqual([3, 4, 5, 6, 7]);
    for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });
});

describe('the plan of the fault run', () => {
  it('is the same for the same seed', () => {
    expect(planPushes(5, 50)).toEqual(planPushes(5, 50));
    expect(planPushes(5, 50)).not.toEqual(planPushes(6, 50));
  });

  it('has every kind of push, concurrent starts, cancellations, terminations, holds and operators in a hundred pushes', () => {
    for (const seed of [1, 2, 3]) {
      const plans = planPushes(seed, 100);
      expect(new Set(plans.map(({ kind }) => kind))).toEqual(new Set(Object.keys(KINDS)));
      expect(new Set(plans.map(({ stop }) => stop?.how))).toEqual(new Set(['cancel', 'terminate', undefined]));
      expect(new Set(plans.map(({ onFailure }) => onFailure))).toEqual(new Set(['fail', 'hold']));
      for (const member of ['twice', 'againByBoth', 'lookupFirst', 'person'] as const) {
        expect(new Set(plans.map((plan) => plan[member]))).toEqual(new Set([true, false]));
      }
    }
  });
});

describe('the faults of the fault run', () => {
  const sorts = ['create', 'enrich', 'lookup', 'token', 'read', 'download'] as const;

  it.each(sorts)('occur for %s about as often as the mix says, and are faults that the simulators know', (sort) => {
    const random = openRandom(3, sort);
    const rounds = 20_000;
    const counts = new Map<string, number>();
    for (let round = 0; round < rounds; round += 1) {
      const drawn = drawFault(sort, random);
      if (!drawn) continue;
      expect(faultSchema.safeParse(drawn.fault).success).toBe(true);
      counts.set(drawn.name, (counts.get(drawn.name) ?? 0) + 1);
    }
    for (const [name, share] of Object.entries(FAULT_MIX[sort])) {
      expect(Math.abs(((counts.get(name) ?? 0) / rounds) * 100 - share)).toBeLessThan(0.8);
    }
  });

  it('keep the conditions of the promise: committed before the timeout, and visible before the settle time has passed', () => {
    const random = openRandom(4, 'late');
    for (let round = 0; round < 5_000; round += 1) {
      const fault = drawFault('create', random)?.fault;
      if (fault?.kind !== 'delay') continue;
      const committedAt = fault.commitDelay ?? fault.ms;
      expect(committedAt).toBeLessThan(TIMING.responseTimeoutMs);
      expect(committedAt + TIMING.longestInvisibleMs).toBeLessThan(TIMING.settleMs);
    }
  });
});
