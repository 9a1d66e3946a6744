import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeExit, endAllOnExit, runProcess } from './processes';
import { countJest, type Count } from './test-count';

const ROOT = join(__dirname, '..');
/** A step that takes longer hangs. */
const STEP_TIMEOUT_MS = 45 * 60_000;

interface Step {
  readonly name: string;
  readonly args: readonly string[];
}

const program = (path: string): string => join(ROOT, 'node_modules', path);
const BUILD: Step = { name: 'build', args: [join(__dirname, 'run.mjs'), 'build'] };
const CHECKS: readonly Step[] = [
  { name: 'lint', args: [program('eslint/bin/eslint.js'), '--max-warnings', '0', '.'] },
  {
    name: 'format',
    args: [program('prettier/bin/prettier.cjs'), '--check', '**/*.{ts,mjs,js,yml}', '!docs/**', '!test/fixtures/**'],
  },
  { name: 'types', args: [program('typescript/bin/tsc'), '--noEmit', '-p', '.'] },
];
// The integration project shares one Temporal server, which two workers on two cores would starve.
const JEST: readonly Step[] = [
  { name: 'unit tests', args: ['--selectProjects', 'unit', '--maxWorkers', '2'] },
  { name: 'integration tests', args: ['--selectProjects', 'integration', '--runInBand'] },
];

async function run({ name, args }: Step): Promise<number> {
  process.stdout.write(`\n=== ${name}\n`);
  const started = Date.now();
  const exit = await runProcess(process.execPath, args, {
    name,
    cwd: ROOT,
    output: 'inherit',
    timeoutMs: STEP_TIMEOUT_MS,
  });
  const how = exit.timedOut ? 'killed, because it took too long' : describeExit(exit);
  process.stdout.write(`=== ${name}: ${how}, ${String(Math.round((Date.now() - started) / 1000))} s\n`);
  return exit.code ?? 1;
}

/** A check that is not a test counts as one. */
async function check(step: Step): Promise<Count> {
  return (await run(step)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function jest({ name, args }: Step): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-jest-'));
  const outputFile = join(folder, 'results.json');
  try {
    const jestArgs = [program('jest/bin/jest.js'), '--passWithNoTests', '--json', '--outputFile', outputFile, ...args];
    const code = await run({ name, args: jestArgs });
    return countJest(code, () => readFileSync(outputFile, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** `npm test`: everything; `npm test -- ARGUMENTS`: the build, and Jest with these arguments. */
async function main(args: readonly string[]): Promise<number> {
  endAllOnExit();
  const total = { passed: 0, failed: 0 };
  const add = (count: Count): void => {
    total.passed += count.passed;
    total.failed += count.failed;
  };
  add(await check(BUILD));
  if (args.length > 0) {
    add(await jest({ name: 'tests', args: ['--maxWorkers', '2', ...args] }));
  } else {
    for (const step of CHECKS) add(await check(step));
    for (const step of JEST) add(await jest(step));
  }
  process.stdout.write(`\n${String(total.passed)} passed, ${String(total.failed)} failed\n`);
  return total.failed === 0 ? 0 : 1;
}

// npm takes the `--` away, node does not.
main(process.argv.slice(2).filter((argument, index) => index > 0 || argument !== '--')).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.stdout.write('0 passed, 1 failed\n');
    process.exitCode = 1;
  },
);
