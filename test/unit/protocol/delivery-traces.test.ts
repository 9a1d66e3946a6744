/** Sequences in which the search once found a bug. */
import { expect, test } from '@jest/globals';
import { PROTOCOL } from './model/rules';
import { CALM } from './model/scenarios';
import { follow } from './model/search';
import { spaceOf } from './model/steps';
import type { Scenario, World } from './model/world';

const budget = { faults: 1, kills: 1, starts: 1, agains: 1, hands: 1 };
const ADDED = ['prepare', 'an attempt begins', 'the first byte leaves', 'created'];

function after(scenario: Partial<Scenario>, trace: readonly string[]): World {
  return follow(spaceOf({ ...CALM, budget, ...scenario }, PROTOCOL), trace);
}

test('a plain run that settles an unknown second application as absent is content with the first one', () => {
  const world = after({ ats: 'none' }, [
    ...ADDED,
    'start again (hold)',
    'recall',
    'prepare',
    'time passes',
    'the last lookup (again): unavailable',
    'an attempt begins',
    'the run is terminated',
    'a client reads the closed run',
    'a further start (hold)',
    'recall',
    'a lookup (settle): unavailable',
    'time passes',
    'time passes',
    'an operator resolves: not delivered',
  ]);
  expect(world).toMatchObject({ live: null, answered: true, kept: { applicant: 'there', deliveredAs: 'created' } });
  expect(world.applicants).toHaveLength(1);
});

test('an applicant seen before a second application does not stand for an earlier attempt of unknown outcome', () => {
  const world = after({ ats: 'dated', stranger: true }, [
    'prepare',
    'an attempt begins',
    'the first byte leaves',
    '500 before the commit',
    'a lookup (settle): not_found',
    'an operator abandons',
    'start again (hold)',
    'recall',
    'prepare',
    'time passes',
    'the last lookup (again): found',
  ]);
  expect(world.live?.run.delivery.secondApplication).toMatchObject({
    matchesBefore: ['0'],
    earlier: { applicant: 'unknown' },
  });
});
