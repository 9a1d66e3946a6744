import { openRandom, type Random } from './random';

/** The kinds of pushes and their weights. */
export const KINDS = {
  'TalentSoft with an offer': 2,
  'TalentSoft without an offer': 2,
  Oracle: 3,
  'Flatchr with enrichment': 3,
  'Flatchr with lookup': 2,
  'Flatchr without lookup': 2,
  'Flatchr enrichment alone': 2,
} as const;

export type Kind = keyof typeof KINDS;

/** What happens to one push: its kind, who starts it, and what operators do to it. */
export interface PushPlan {
  readonly number: number;
  readonly kind: Kind;
  /** Spreads pushes across offers, vacancies and accounts. */
  readonly variant: number;
  /** Both clients start it at once. */
  readonly twice: boolean;
  /** The run is ended from outside this many milliseconds after it was accepted, and the push is started again. */
  readonly stop: { readonly how: 'cancel' | 'terminate'; readonly afterMs: number } | null;
  /** Both clients start it again at once, if it is started again. */
  readonly againByBoth: boolean;
  readonly onFailure: 'fail' | 'hold';
  readonly lookupFirst: boolean;
  /** An operator checks the system and resolves what only an operator can determine. */
  readonly person: boolean;
}

/** Plans the pushes of a seed, in start order. */
export function planPushes(seed: number, count: number): PushPlan[] {
  const random = openRandom(seed, 'plan');
  return Array.from({ length: count }, (_, index) => planPush(index + 1, random));
}

const KIND_NAMES = Object.keys(KINDS).filter((name): name is Kind => name in KINDS);
const ALL_WEIGHTS = KIND_NAMES.reduce((sum, kind) => sum + KINDS[kind], 0);

function planPush(number: number, random: Random): PushPlan {
  const kind = drawKind(random);
  const stopped = random.chance(0.12);
  const how = random.pick<'cancel' | 'terminate'>(['cancel', 'terminate']);
  const stop = { how, afterMs: random.between(0, 1_500) };
  return {
    number,
    kind,
    variant: random.between(0, 999),
    twice: random.chance(0.2),
    stop: stopped ? stop : null,
    againByBoth: random.chance(0.4),
    onFailure: random.chance(0.3) ? 'hold' : 'fail',
    lookupFirst: random.chance(0.1) && kind !== 'Flatchr without lookup' && kind !== 'Flatchr enrichment alone',
    person: random.chance(0.5),
  };
}

function drawKind(random: Random): Kind {
  let left = random.next() * ALL_WEIGHTS;
  return KIND_NAMES.find((kind) => (left -= KINDS[kind]) < 0) ?? 'Oracle';
}
