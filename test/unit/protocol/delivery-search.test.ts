import { describe, expect, test } from '@jest/globals';
import { MUTATIONS } from './model/mutations';
import { PROTOCOL } from './model/rules';
import { CALM, PATIENCE_MS, SCENARIOS } from './model/scenarios';
import { search } from './model/search';
import { spaceOf } from './model/steps';

describe('every sequence of events ends with one applicant or waits for an operator', () => {
  test.each(Object.entries(SCENARIOS))(
    '%s',
    (name, scenario) => {
      const { violation, ...seen } = search(spaceOf({ ...CALM, ...scenario }, PROTOCOL));
      process.stdout.write(`delivery, ${name}: ${seen.states} states, ${seen.steps} steps, depth ${seen.depth}\n`);
      expect(violation).toBeNull();
      expect(seen.states).toBeGreaterThan(100);
    },
    PATIENCE_MS,
  );
});

describe('the search catches a protocol without', () => {
  test.each(Object.entries(MUTATIONS))('%s', (_name, { rules, scenario, complaint }) => {
    const intact = search(spaceOf({ ...CALM, ...scenario }, PROTOCOL));
    expect(intact.violation).toBeNull();
    const { violation } = search(spaceOf({ ...CALM, ...scenario }, { ...PROTOCOL, ...rules }));
    expect(violation?.complaint).toMatch(complaint);
  });
});
