import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { LICENCES_FILE, licencesPage, lockedPackages } from '../../../tools/licences';

const PERMISSIVE = ['MIT', 'ISC', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', '0BSD', 'BlueOak-1.0.0', 'Unlicense'];

describe('licences', () => {
  it('are listed as in the lockfile (npx tsx tools/licences.ts)', () => {
    expect(readFileSync(LICENCES_FILE, 'utf8')).toBe(licencesPage(lockedPackages()));
  });

  it('of everything installed with the package are permissive', () => {
    const runtime = lockedPackages().filter(({ dev }) => !dev);
    expect(runtime.length).toBeGreaterThan(7);
    expect(runtime.filter(({ licence }) => !PERMISSIVE.includes(licence ?? ''))).toEqual([]);
  });

  it('are named by every package', () => {
    expect(lockedPackages().filter(({ licence }) => licence === null)).toEqual([]);
  });
});
