import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { nodeSeen } from '../../../src/cli/commands/doctor';

const root = join(__dirname, '..', '..', '..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const { engines } = JSON.parse(read('package.json')) as { engines: { node: string } };
const minimum = engines.node.replace('>=', '');

/** Whether one version is as new as another. */
function reaches(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** What package.json says is the one place; the entry of the npm scripts and `doctor` read it there. */
describe('the oldest Node that is enough', () => {
  it.each(['README.md', 'CONTRIBUTING.md'])('stands in %s', (path) => {
    expect(read(path)).toContain(`Node ${minimum} or later`);
  });

  it('is what the lockfile says', () => {
    const { packages } = JSON.parse(read('package-lock.json')) as { packages: Record<string, { engines: object }> };
    expect(packages['']?.engines).toEqual(engines);
  });

  it('is met by the image', () => {
    const images = [...read('Dockerfile').matchAll(/^FROM node:(\S+?)-/gm)].map(([, version]) => version!);
    expect(images.length).toBeGreaterThan(0);
    expect(images.filter((version) => !reaches(version, minimum))).toEqual([]);
  });

  it('is what doctor asks for', () => {
    expect(() => nodeSeen('20.18.3')).toThrow('20.18.3 is too old');
    for (const version of [`${minimum}.0`, '22.0.0', '24.1.0']) expect(nodeSeen(version).seen).toBe(version);
  });
});
