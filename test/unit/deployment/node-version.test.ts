import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import packageJson from '../../../package.json';
import { nodeSeen } from '../../../src/cli/commands/doctor';
import { isAtLeast, MIN_NODE } from '../../../tools/node-versions';

const root = join(__dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
/** package.json is the source; `tools/run.mjs` and `doctor` read it there. */
describe('the oldest supported Node', () => {
  it.each(['README.md', 'CONTRIBUTING.md'])('stands in %s', (path) => {
    expect(read(path)).toContain(`Node ${MIN_NODE} or later`);
  });

  it('is in the lockfile', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { engines: object }> };
    expect(packages['']?.engines).toEqual(packageJson.engines);
  });

  it('is met by the image', () => {
    const images = [...read('Dockerfile').matchAll(/^FROM node:(\S+?)-/gm)].map(([, version]) => version!);
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter((version) => !isAtLeast(version, MIN_NODE))).toEqual([]);
  });

  it('is what doctor requires', () => {
    expect(() => nodeSeen('20.18.3')).toThrow('20.18.3 is too old');
    for (const version of [`${MIN_NODE}.0`, '22.0.0', '24.1.0']) expect(nodeSeen(version).seen).toBe(version);
  });
});
