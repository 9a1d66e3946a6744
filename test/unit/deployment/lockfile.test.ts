import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(z.string(), z.looseObject({ optionalDependencies: z.record(z.string(), z.string()).default({}) })),
});

// npm ci refuses a lockfile without them on every system, see tools/complete-lockfile.mjs.
it('the lockfile names the native packages for every system', () => {
  const path = join(__dirname, '..', '..', '..', 'package-lock.json');
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const optional = Object.values(packages).flatMap((entry) => Object.keys(entry.optionalDependencies));
  expect(optional.length).toBeGreaterThan(0);
  expect(optional.filter((name) => !(`node_modules/${name}` in packages))).toEqual([]);
});
