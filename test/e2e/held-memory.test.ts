import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { growthPerRound } from '../../bench/hold';
import { describeExit, runProcess } from '../../tools/processes';

const ROOT = join(__dirname, '..', '..');

it('a held run does not keep the profiles of its rounds in memory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-held-'));
  try {
    const file = join(folder, 'figures.json');
    const args = ['--import', 'tsx', 'bench/main.ts', 'hold', '--count', '6', '--rounds', '8', '--json', file];
    const exit = await runProcess(process.execPath, args, {
      name: 'bench hold',
      cwd: ROOT,
      output: 'inherit',
      timeoutMs: 170_000,
    });
    expect(describeExit(exit)).toBe(describeExit({ ...exit, code: 0, signal: null }));
    const { heapBytes, profileBytes } = JSON.parse(readFileSync(file, 'utf8'));
    // The baseline proves that the check can fail: activities in the root scope keep their arguments.
    expect(growthPerRound(heapBytes.echo)).toBeGreaterThan(profileBytes / 2);
    expect(growthPerRound(heapBytes.push)).toBeLessThan(profileBytes / 2);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
