import { join } from 'node:path';
import { describeExit, runProcess } from './processes';

export const ROOT = join(__dirname, '..');
/** A step that takes longer hangs. */
const STEP_TIMEOUT_MS = 45 * 60_000;

/** One thing that `npm test` runs, as arguments of Node. */
export interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

const program = (path: string): string => join(ROOT, 'node_modules', path);
const script = (path: string): readonly string[] => ['--import', 'tsx', path];
const JEST = [program('jest/bin/jest.js'), '--passWithNoTests'];

/** Jest on what the arguments select. */
export const jestStep = (name: string, args: readonly string[]): Step => ({ name, args: [...JEST, ...args] });

/** The build, which `npm test` counts as a check. */
export const BUILD: Step = { name: 'build', args: [join(__dirname, 'run.mjs'), 'build'] };

/** The checks that are no tests; each is an npm script of the same name, and each counts as one. */
export const CHECKS: readonly Step[] = [
  { name: 'lint', args: [program('eslint/bin/eslint.js'), '--max-warnings', '0', '.'] },
  {
    name: 'format',
    args: [program('prettier/bin/prettier.cjs'), '--check', '**/*.{ts,mjs,js,yml}', '!docs/**', '!test/fixtures/**'],
  },
  { name: 'typecheck', args: [program('typescript/bin/tsc'), '--noEmit', '-p', '.'] },
  { name: 'knip', args: [program('knip/bin/knip.js')] },
  { name: 'voice', args: script('tools/voice.ts') },
];

/** The test projects; each is an npm script of the same name. */
export const TESTS: readonly Step[] = [
  jestStep('test:unit', ['--selectProjects', 'unit', '--maxWorkers', '2']),
  // The integration project shares one Temporal server, which two workers on two cores would starve.
  jestStep('test:integration', ['--selectProjects', 'integration', '--runInBand']),
];

/** Runs the step with its output shown, and returns its exit code. */
export async function runStep({ name, args }: Step): Promise<number> {
  process.stdout.write(`\n=== ${name}\n`);
  const started = Date.now();
  const exit = await runProcess(process.execPath, args, {
    name,
    cwd: ROOT,
    output: 'inherit',
    timeoutMs: STEP_TIMEOUT_MS,
  });
  const how = exit.timedOut ? 'killed after a timeout' : describeExit(exit);
  process.stdout.write(`=== ${name}: ${how}, ${String(Math.round((Date.now() - started) / 1000))} s\n`);
  return exit.code ?? 1;
}
