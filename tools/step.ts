import { endAllOnExit } from './processes';
import { CHECKS, runStep, TESTS } from './steps';

/** `tsx tools/step.ts NAME [ARGUMENTS]`: runs one step of `npm test`, with further arguments for its program. */
async function main([name, ...args]: readonly string[]): Promise<number> {
  endAllOnExit();
  const steps = [...CHECKS, ...TESTS];
  const step = steps.find((candidate) => candidate.name === name);
  if (step === undefined)
    throw new Error(`Unknown step: ${String(name)}. One of ${steps.map((s) => s.name).join(', ')}.`);
  return runStep({ name: step.name, args: [...step.args, ...args] });
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
