/** How deep the searches go. HRFLOW_TEMPORAL_SEARCH=deep takes minutes and up to 2 GB instead of seconds. */
import { type Budget, type Scenario } from './world';

const SHALLOW = process.env['HRFLOW_TEMPORAL_SEARCH'] !== 'deep';
/** For a whole file of searches, in milliseconds. */
export const PATIENCE_MS = SHALLOW ? 120_000 : 3_600_000;

/** An ATS with undated lookup, nobody else in it, runs that hold, and no faults. */
export const CALM: Scenario = {
  ats: 'plain',
  stranger: false,
  lookupFirst: false,
  enrich: false,
  large: false,
  onFailure: ['hold'],
  budget: { faults: 0, kills: 0, starts: 0, agains: 0, hands: 0 },
};

function bounds(shallow: readonly number[], deep: readonly number[]): Budget {
  const [faults = 0, kills = 0, starts = 0, hands = 0, agains = 0] = SHALLOW ? shallow : deep;
  return { faults, kills, starts, hands, agains };
}

const failsFirst = ['fail', 'hold'] as const;
const holdsFirst = ['hold', 'fail'] as const;

/** Faults, kills, further starts, operator actions (and `again` starts), in any order. */
export const SCENARIOS: Readonly<Record<string, Partial<Scenario>>> = {
  'an ATS with lookup': { onFailure: failsFirst, budget: bounds([2, 1, 2, 1], [2, 2, 2, 2]) },
  'an ATS with lookup, many faults': { onFailure: holdsFirst, budget: bounds([3, 1, 1, 1], [4, 1, 1, 1]) },
  'an ATS with lookup, many cuts': { onFailure: ['hold'], budget: bounds([1, 2, 2, 1], [2, 3, 2, 1]) },
  'an ATS with dated lookup': { ats: 'dated', onFailure: failsFirst, budget: bounds([2, 1, 2, 1], [2, 2, 2, 2]) },
  'an ATS with dated lookup and an older applicant': {
    ats: 'unsure',
    stranger: true,
    onFailure: holdsFirst,
    budget: bounds([2, 1, 1, 1], [3, 2, 2, 1]),
  },
  'an ATS without lookup': { ats: 'none', onFailure: failsFirst, budget: bounds([3, 2, 2, 2], [4, 2, 3, 3]) },
  'a look before the first create': { ats: 'dated', lookupFirst: true, budget: bounds([2, 1, 1, 1], [3, 2, 2, 2]) },
  'a look before the first create that finds somebody': {
    stranger: true,
    lookupFirst: true,
    onFailure: holdsFirst,
    budget: bounds([3, 2, 2, 1], [4, 2, 2, 2]),
  },
  'a profile that alone makes a history long': {
    ats: 'dated',
    lookupFirst: true,
    enrich: true,
    large: true,
    onFailure: holdsFirst,
    budget: bounds([2, 1, 1, 1], [3, 2, 2, 2]),
  },
  'push and enrich': { enrich: true, onFailure: holdsFirst, budget: bounds([2, 1, 1, 1], [3, 1, 2, 2]) },
};

export const AGAIN_SCENARIOS: Readonly<Record<string, Partial<Scenario>>> = {
  'an ATS with lookup': { budget: bounds([1, 1, 1, 1, 1], [2, 1, 1, 1, 1]) },
  'an ATS with lookup and an older applicant': { stranger: true, budget: bounds([1, 1, 1, 1, 1], [2, 1, 1, 1, 1]) },
  'an ATS with dated lookup and an older applicant': {
    ats: 'dated',
    stranger: true,
    budget: bounds([1, 1, 1, 1, 1], [2, 1, 1, 1, 1]),
  },
  'an ATS that cannot tell older applicants': {
    ats: 'unsure',
    stranger: true,
    budget: bounds([1, 1, 0, 1, 2], [2, 1, 1, 1, 1]),
  },
  'an ATS without lookup': { ats: 'none', onFailure: failsFirst, budget: bounds([2, 1, 1, 1, 1], [2, 1, 2, 2, 2]) },
};
