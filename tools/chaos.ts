import { randomInt } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { describeReport } from './chaos/report';
import { runChaos, type ChaosOptions } from './chaos/run';
import { stopAll } from './processes';

const USAGE = `usage: npm run chaos -- [--pushes N (default 1000)] [--seed S (default: random)] [--limits default] [--json FILE]

--limits default: the built-in rate limits (2 calls per second and account) and one worker that is not killed. The run then also fails if
pushes take more attempts or downloads than waiting for their turns may cost. Use few pushes.`;
const DEFAULT_PUSHES = 1_000;
const MAX_PUSHES = 20_000;

/** `npm run chaos`: exits with 0 if nothing was lost, doubled or stuck, 1 if something was, 2 for invalid arguments. */
async function main(args: readonly string[]): Promise<number> {
  const asked = readArguments(args);
  if (asked === null) {
    console.error(USAGE);
    return 2;
  }
  console.error(`seed ${String(asked.seed)}, ${String(asked.pushes)} pushes, rate limits: ${asked.limits}`);
  try {
    const report = await runChaos({ ...asked, onProgress: (line) => console.error(line) });
    process.stdout.write(`${describeReport(report)}\n`);
    if (asked.json !== undefined) writeFileSync(asked.json, `${JSON.stringify(report, null, 2)}\n`);
    return report.ok ? 0 : 1;
  } finally {
    await stopAll();
  }
}

type Asked = Omit<ChaosOptions, 'onProgress'> & { readonly json: string | undefined };

function readArguments(args: readonly string[]): Asked | null {
  try {
    const text = { type: 'string' } as const;
    const { values } = parseArgs({ args: [...args], options: { pushes: text, seed: text, json: text, limits: text } });
    if (values.limits !== undefined && values.limits !== 'default') return null;
    const limits = values.limits ?? 'none';
    const pushes = wholeNumber(values.pushes, DEFAULT_PUSHES);
    const seed = wholeNumber(values.seed, randomInt(1_000_000));
    return pushes < 1 || pushes > MAX_PUSHES ? null : { pushes, seed, limits, json: values.json };
  } catch {
    return null;
  }
}

function wholeNumber(text: string | undefined, fallback: number): number {
  if (text === undefined) return fallback;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Error('not a whole number');
}

// npm removes the `--`, node does not.
main(process.argv.slice(2).filter((argument, index) => index > 0 || argument !== '--')).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  },
);
