import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runProcess } from '../../tools/processes';
import type { ChaosReport } from '../../tools/chaos/run';

jest.setTimeout(600_000);

const ROOT = join(__dirname, '..', '..');
/** Changes every day, so that faults keep combining in new ways. `CHAOS_SEED` repeats the run of another day. */
const SEED = process.env['CHAOS_SEED'] ?? new Date().toISOString().slice(0, 10).replaceAll('-', '');
const AGAIN = `npm run chaos -- --pushes 100 --seed ${SEED}`;

/** Starts the fault run as an operator does. It builds what its worker processes need. */
const chaos = (...args: string[]) =>
  runProcess(process.execPath, [join(ROOT, 'tools', 'run.mjs'), 'chaos', ...args], {
    name: 'the fault run',
    cwd: ROOT,
    timeoutMs: 540_000,
  });

describe('a hundred pushes while systems, workers and the Temporal server fail', () => {
  let folder: string;
  let exit: Awaited<ReturnType<typeof chaos>>;
  let report: ChaosReport;

  beforeAll(async () => {
    process.stderr.write(`the seed of the fault run is ${SEED}; to repeat it: ${AGAIN}\n`);
    folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-chaos-test-'));
    const json = join(folder, 'report.json');
    exit = await chaos('--pushes', '100', '--seed', SEED, '--json', json);
    if (!existsSync(json)) throw new Error(`the fault run left no report:\n${exit.output}`);
    report = JSON.parse(readFileSync(json, 'utf8'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('loses no push, creates no duplicate, leaves no run stuck and reports nothing false', () => {
    expect({ violations: report.violations, toRepeat: AGAIN }).toEqual({ violations: [], toRepeat: AGAIN });
    expect(exit).toMatchObject({ code: 0, timedOut: false });
  });

  it('had every system fail, workers killed and the server restarted twice', () => {
    const sorts = new Set(Object.keys(report.faults).map((name) => name.split(':')[0]));
    for (const sort of ['create', 'enrich', 'lookup', 'token', 'read']) expect(sorts).toContain(sort);
    expect(report.nemesis.workersKilled).toBeGreaterThanOrEqual(3);
    expect(report.nemesis.serverRestarts).toBe(2);
  });

  it('accounts for every push, and leaves a push to an operator only if its system has no lookup', () => {
    const counts = Object.entries(report.outcomes);
    expect(counts.reduce((sum, [, count]) => sum + count, 0)).toBe(100);
    const unknown = counts.filter(([name]) => name.endsWith(': unknown'));
    expect(unknown.every(([name]) => name.startsWith('Flatchr without lookup'))).toBe(true);
    expect(report.leftToPerson).toBe(unknown.reduce((sum, [, count]) => sum + count, 0));
  });

  it('prints the seed, the mix and its counts', () => {
    for (const text of [`seed ${SEED}`, 'Fault mix', 'Requests', 'Outcomes', 'Left to an operator', 'Violations: 0']) {
      expect(exit.output).toContain(text);
    }
  });
});

it('with the built-in rate limits, pushes take only the attempts and downloads that waiting for a slot costs', async () => {
  const args = ['--pushes', '24', '--seed', SEED, '--limits', 'default'];
  const exit = await chaos(...args);
  expect({ code: exit.code, toRepeat: args, output: exit.output }).toMatchObject({ code: 0 });
  expect(exit.output).toContain('Rate limits: default');
  expect(exit.output).toContain('Violations: 0');
});

it('refuses invalid arguments', async () => {
  for (const args of [['--pushes', '0'], ['--seed', 'x'], ['--limits', 'none'], ['--unknown']]) {
    expect(await chaos(...args)).toMatchObject({ code: 2, output: expect.stringContaining('usage: npm run chaos') });
  }
});
