import { expect, test } from '@jest/globals';
import { PROTOCOL } from './model/rules';
import { AGAIN_SCENARIOS, CALM, PATIENCE_MS } from './model/scenarios';
import { search } from './model/search';
import { spaceOf } from './model/steps';

test.each(Object.entries(AGAIN_SCENARIOS))(
  'a deliberate second application is made once at most: %s',
  (name, scenario) => {
    const { violation, ...seen } = search(spaceOf({ ...CALM, ...scenario }, PROTOCOL));
    process.stdout.write(`again, ${name}: ${seen.states} states, ${seen.steps} steps, depth ${seen.depth}\n`);
    expect(violation).toBeNull();
    expect(seen.states).toBeGreaterThan(10_000);
  },
  PATIENCE_MS,
);
