import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOtherNodes } from './node-versions';
import { endAllOnExit } from './processes';
import { BUILD, CHECKS, jestStep, runStep, TESTS, type Step } from './steps';
import { countJest, type Count } from './test-count';

/** Runs a step that is not a test and counts as one. */
async function check(step: Step): Promise<Count> {
  return (await runStep(step)) === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}

async function jest({ name, args }: Step): Promise<Count> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-jest-'));
  const outputFile = join(folder, 'results.json');
  try {
    const code = await runStep({ name, args: [...args, '--json', '--outputFile', outputFile] });
    return countJest(code, () => readFileSync(outputFile, 'utf8'));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Loads the package with every other Node that the machine has. Each counts as one check. */
function nodeSteps(): Step[] {
  const nodes = findOtherNodes();
  if (nodes.length === 0) process.stdout.write('\nNo other Node version on this machine: nothing to load there.\n');
  return nodes.map(({ path, version }) => ({
    name: `load with Node ${version}`,
    args: [join(__dirname, 'load-package.mjs'), path],
  }));
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
    add(await jest(jestStep('tests', ['--maxWorkers', '2', ...args])));
  } else {
    for (const step of [...CHECKS, ...nodeSteps()]) add(await check(step));
    for (const step of TESTS) add(await jest(step));
  }
  process.stdout.write(`\n${String(total.passed)} passed, ${String(total.failed)} failed\n`);
  return total.failed === 0 ? 0 : 1;
}

// npm removes the `--`, node does not.
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
