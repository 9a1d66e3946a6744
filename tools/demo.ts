import { parseArgs } from 'node:util';
import { connect, PushError, type HrflowClient } from '../src/client';
import { judge, type End, type Verdict } from './demo/records';
import { showProgress, type Progress } from './demo/progress';
import { arrivalsOf, rowOf, tableOf, type Row } from './demo/report';
import { prepareScenario, type DemoPush } from './demo/scenario';
import { openStage, type Stage } from './demo/stage';
import { describeExit } from './processes';

/** A push of the demo that takes longer hangs. */
const MAX_PUSH_MS = 90_000;

const RUNS_HEAD = 'The runs in the Temporal UI (open while the demo is up: npm run demo -- --keep)';

const say = (message: string): void => void process.stderr.write(`${message}\n`);

/** Pushes six candidates through a real Temporal server and compares what arrived with what was expected. */
async function main(args: readonly string[]): Promise<number> {
  const { keep, json } = parseArgs({
    // npm removes the `--`, node does not.
    args: args.filter((argument) => argument !== '--'),
    options: { keep: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } },
  }).values;
  const stage = await openStage({ usualPorts: keep, say });
  const rows = await play(stage);
  process.stdout.write(json ? `${JSON.stringify(rows, null, 2)}\n` : reportOf(stage, rows));
  const code = rows.every(({ asAnnounced }) => asAnnounced) ? 0 : 1;
  if (keep) await stayUp(stage);
  await stage.close();
  return code;
}

async function play(stage: Stage): Promise<Row[]> {
  const { simulators, server, env } = stage;
  const pushes = prepareScenario(simulators);
  const client = await connect({ env });
  say('');
  const progress = showProgress(simulators, pushes, process.stderr);
  const verdicts = await Promise.all(pushes.map((push) => follow(stage, client, push, progress)));
  progress.stop();
  await client.close();
  // Judged again at the end: nothing may arrive late, or for another push.
  return verdicts.map(({ push, end }) => rowOf(judge(simulators, push, end), server.uiUrl, server.namespace));
}

async function follow(stage: Stage, client: HrflowClient, push: DemoPush, progress: Progress): Promise<Verdict> {
  const started = Date.now();
  const run = { workflowId: null as string | null, runId: null as string | null };
  const outcome = push.run(client, { onAccepted: (accepted) => Object.assign(run, accepted) }).then(
    (result) => ({ result, error: null }),
    (error: unknown) => ({ result: error instanceof PushError ? error.result : null, error: wordsOf(error) }),
  );
  const { result, error } = await Promise.race([outcome, trouble(stage)]);
  const end: End = { result, error, ...run, durationMs: Date.now() - started };
  const verdict = judge(stage.simulators, push, end);
  progress.ended(
    push,
    verdict.complaints.length === 0 ? `✓ ${result?.items[0]?.outcome}` : `✗ ${verdict.complaints.join('; ')}`,
  );
  return verdict;
}

/** Ends a push that would not end by itself: the worker died, or the timeout passed. */
async function trouble({ worker }: Stage): Promise<{ result: null; error: string }> {
  const late = new Promise<string>((resolve) => {
    setTimeout(() => resolve(`did not end within ${MAX_PUSH_MS / 1000} s`), MAX_PUSH_MS).unref();
  });
  const died = worker.exited.then((exit) => `the worker ended (${describeExit(exit)})\n${worker.output()}`);
  return { result: null, error: await Promise.race([late, died]) };
}

function wordsOf(error: unknown): string {
  return error instanceof PushError ? `${error.type}: ${error.message}` : String(error);
}

function reportOf({ simulators }: Stage, rows: readonly Row[]): string {
  const runs = rows.map(({ connector, profile, url }) => `${connector}, ${profile}\n  ${url ?? 'was not started'}`);
  return ['', tableOf(rows), '', 'What arrived', arrivalsOf(simulators), '', RUNS_HEAD, ...runs, ''].join('\n');
}

async function stayUp({ server, worker, envFile }: Stage): Promise<void> {
  say(
    [
      '',
      `Temporal UI:    ${server.uiUrl}`,
      `Temporal:       ${server.address}`,
      `Environment:    . ${envFile}`,
      'Ctrl-C stops everything.',
    ].join('\n'),
  );
  const [what, exit] = await Promise.race([
    server.exited.then((how) => ['the Temporal server', how] as const),
    worker.exited.then((how) => ['the worker', how] as const),
  ]);
  throw new Error(`${what} ended (${describeExit(exit)})`);
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    say(error instanceof Error ? error.message : String(error));
    process.exit(1);
  },
);
