import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { REFERENCE, referencePage } from '../../../tools/reference';

describe('the reference of parameters and settings', () => {
  it('is what the schemas say: run `npx tsx tools/reference.ts` after a change', () => {
    expect(readFileSync(REFERENCE, 'utf8')).toBe(referencePage());
  });

  it('names every connector and its secrets', () => {
    const page = referencePage();
    for (const name of [
      'talentSoft.pushProfile',
      'oracleORC.pushProfile',
      'flatchr.pushProfile',
      'flatchr.enrichProfile',
    ]) {
      expect(page).toContain(`## ${name}`);
    }
    expect(page).toMatch(/`client_secret_front` \* \| secret/);
  });
});
