import type { Fault, FaultGenerator, Simulators } from '../../test/simulators';
import { openRandom, type Random } from './random';
import { TIMING } from './timing';

/** The kind of a call, as far as faults are concerned. */
export type Sort = 'create' | 'enrich' | 'lookup' | 'token' | 'read' | 'download';

const SORTS: Readonly<Record<string, Sort>> = {
  create: 'create',
  enrich: 'enrich',
  search: 'lookup',
  vacancies: 'lookup',
  token: 'token',
  read: 'read',
  download: 'download',
};

const RECIPES = {
  'slow success': (random) => ({
    kind: 'delay',
    ms: TIMING.latestCommitMs,
    commitDelay: random.between(0, TIMING.latestCommitMs),
  }),
  'success, then reset': () => ({ kind: 'resetAfterCommit' }),
  'reset before the commit': () => ({ kind: 'resetBeforeCommit' }),
  'success after the timeout': (random) => ({
    kind: 'delay',
    ms: Math.round(TIMING.responseTimeoutMs * 1.3),
    commitDelay: random.between(0, TIMING.latestCommitMs),
  }),
  'success, body cut off': () => ({ kind: 'truncateAfterCommit' }),
  'success, page of HTML': () => ({ kind: 'html', status: 200, commit: 'before' }),
  '429 in seconds': () => ({ kind: 'rateLimit', form: 'seconds', seconds: 1 }),
  '429 with a date': () => ({ kind: 'rateLimit', form: 'date', seconds: 1 }),
  '500 after the commit': () => ({ kind: 'status', status: 500, commit: 'before' }),
  '500 before the commit': () => ({ kind: 'status', status: 500 }),
  '503': (random) => ({ kind: 'status', status: 503, commit: random.pick(['before', 'never']) }),
  '503 with Retry-After': () => ({ kind: 'status', status: 503, headers: { 'Retry-After': '1' } }),
  'expired token': () => ({ kind: 'expiredToken' }),
  'refused for good': () => ({ kind: 'status', status: 422 }),
} satisfies Record<string, (random: Random) => Fault>;

/** Name of a fault. */
export type FaultName = keyof typeof RECIPES;

/** Percentages of requests by sort of call. The rest succeed. */
export const FAULT_MIX: Readonly<Record<Sort, Readonly<Partial<Record<FaultName, number>>>>> = {
  create: {
    'slow success': 12,
    'success, then reset': 7,
    'reset before the commit': 4,
    'success after the timeout': 5,
    'success, body cut off': 2,
    'success, page of HTML': 1,
    '429 in seconds': 2,
    '429 with a date': 2,
    '500 after the commit': 4,
    '500 before the commit': 3,
    '503': 3,
    '503 with Retry-After': 2,
    'expired token': 4,
    'refused for good': 1,
  },
  enrich: {
    'slow success': 8,
    'success, then reset': 5,
    'reset before the commit': 3,
    'success after the timeout': 3,
    '429 in seconds': 2,
    '429 with a date': 2,
    '500 after the commit': 4,
    '500 before the commit': 3,
    '503': 2,
    '503 with Retry-After': 2,
    'expired token': 4,
    'refused for good': 1,
  },
  lookup: {
    'slow success': 5,
    'success, then reset': 3,
    'reset before the commit': 2,
    'success after the timeout': 2,
    'success, body cut off': 2,
    'success, page of HTML': 1,
    '429 in seconds': 1,
    '429 with a date': 1,
    '500 before the commit': 3,
    '503': 2,
    '503 with Retry-After': 1,
    'expired token': 3,
  },
  token: {
    'slow success': 5,
    'success, then reset': 3,
    'success after the timeout': 2,
    '429 in seconds': 2,
    '429 with a date': 2,
    '500 before the commit': 3,
    '503': 2,
    'expired token': 3,
  },
  read: {
    'slow success': 3,
    'success, then reset': 2,
    'success after the timeout': 1,
    'success, body cut off': 1,
    '429 in seconds': 1,
    '429 with a date': 1,
    '500 before the commit': 2,
    '503': 1,
    'expired token': 0.5,
  },
  download: { 'slow success': 3, 'success, then reset': 2, '500 before the commit': 1, '503': 1 },
};

/** The faults played so far: `create: 500 after the commit` and how often. */
export type FaultCounts = Map<string, number>;

/**
 * Makes every system fail at random from now on. Each system has its own stream of the seed.
 *
 * @param meetCreate is called for every create and returns whether to delay it, because workers are about to die
 */
export function startFaults(simulators: Simulators, seed: number, meetCreate: () => boolean): FaultCounts {
  const counts: FaultCounts = new Map();
  for (const system of systemsOf(simulators)) {
    const random = openRandom(seed, `faults of ${system.name}`);
    const play = generator(random, counts, meetCreate);
    system.simulator.faults.setGenerator((request) => {
      system.simulator.visibleAfterMs = random.chance(0.5) ? random.between(0, TIMING.longestInvisibleMs) : 0;
      return play(request);
    });
  }
  return counts;
}

/** Stops all faults: every system responds normally and shows at once what it holds. */
export function stopFaults(simulators: Simulators): void {
  for (const { simulator } of systemsOf(simulators)) {
    simulator.faults.setGenerator(null);
    simulator.visibleAfterMs = 0;
  }
}

/** Returns the systems by their names. */
export function systemsOf({ hrflow, talentSoft, oracleORC, flatchr, files }: Simulators) {
  const systems = { hrflow, talentSoft, oracleORC, flatchr, files };
  return Object.entries(systems).map(([name, simulator]) => ({ name, simulator }));
}

function generator(random: Random, counts: FaultCounts, meetCreate: () => boolean): FaultGenerator {
  return ({ operation }) => {
    const sort = SORTS[operation];
    if (sort === undefined) return null;
    const drawn = drawFault(sort, random);
    const played = sort === 'create' && meetCreate() ? SLOW : drawn?.name;
    if (played === undefined) return null;
    const counted = `${sort}: ${played}`;
    counts.set(counted, (counts.get(counted) ?? 0) + 1);
    return played === drawn?.name ? drawn.fault : RECIPES[played](random);
  };
}

const SLOW = 'slow success' satisfies FaultName;

/** Picks the fault of one call by the mix; null for none. */
export function drawFault(sort: Sort, random: Random): { readonly name: FaultName; readonly fault: Fault } | null {
  let left = random.next() * 100;
  for (const name of FAULT_NAMES) {
    left -= FAULT_MIX[sort][name] ?? 0;
    if (left < 0) return { name, fault: RECIPES[name](random) };
  }
  return null;
}

const FAULT_NAMES = Object.keys(RECIPES).filter((name): name is FaultName => name in RECIPES);
