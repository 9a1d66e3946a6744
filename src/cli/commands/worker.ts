import { constants } from 'node:os';
import type { Command } from 'commander';
import type { UserFunctions } from '../../push/functions';
import { type LogLevel, readEnvironment } from '../../config/environment';
import { loadSettings } from '../../config/settings';
import { loadTemporalConfig } from '../../config/temporal';
import type { Cli } from '../cli';
import { EXIT } from '../output/exit-status';
import { explain } from '../output/explain';
import { loadFunctions } from '../input/functions-file';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

interface Options {
  readonly functions?: string;
  readonly json?: boolean;
}

const EXAMPLES = `
The module of --functions (CommonJS or ES module, named exports or a default export) holds
  logics  = { name: (profile) => profile | null }
  formats = { name: (profile, { connector, action, targetParameters }) => payload }
which actionParameters.logics and actionParameters.format of a push may name. Each may be async.

SIGINT or SIGTERM ends it gracefully: a create that has left is finished first.

Examples:
  $ hrflow-temporal worker
  $ hrflow-temporal worker --functions ./functions.mjs`;

/** `worker`: the one command that loads the native part of the SDK. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Run a worker until SIGINT or SIGTERM. Prints one line with "worker started" when it polls.')
    .option('--functions <file>', 'module with custom logics and formats')
    .option('--json', 'print that line as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (options: Options) => {
      const { logLevel, settingsFile, taskQueue } = readEnvironment(cli.env);
      loadSettings(settingsFile);
      const functions = options.functions === undefined ? {} : await loadFunctions(options.functions);
      const { connectionOptions, namespace } = loadTemporalConfig(cli.env);
      const where = { address: connectionOptions.address, namespace, taskQueue };
      try {
        await work(cli, logLevel, functions, () => cli.out(startedLine(where, options.json ?? false)));
        cli.end(EXIT.ok);
      } catch (error) {
        cli.end(explain(cli, error));
        // What a failed start leaves in the native part of the SDK would keep the process.
        process.exit();
      }
    });
}

interface Where {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
}

function startedLine({ address, namespace, taskQueue }: Where, json: boolean): string {
  if (json) return JSON.stringify({ event: 'worker started', address, namespace, taskQueue, pid: process.pid });
  return `worker started: task queue "${taskQueue}", namespace "${namespace}" at ${address}`;
}

async function work(cli: Cli, level: LogLevel, functions: UserFunctions, onStarted: () => void): Promise<void> {
  const { Runtime, makeTelemetryFilterString } = await import('@temporalio/worker');
  const { createLogger } = await import('../../worker/logging.js');
  const core = ({ debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const)[level];
  Runtime.install({
    logger: createLogger(level),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core, other: 'WARN' }), forward: {} } },
  });
  const { createConnectorsWorker } = await import('../../worker.js');
  const ours = await endedBySignals(() => createConnectorsWorker({ env: cli.env, functions }));
  const ended = ours.run();
  if (ours.worker.getState() === 'RUNNING') onStarted();
  await ended;
}

/** The SDK takes the signals to itself from the start, and does nothing about them before a worker runs. */
async function endedBySignals<T>(start: () => Promise<T>): Promise<T> {
  const end = (signal: (typeof SIGNALS)[number]) => process.exit(128 + constants.signals[signal]);
  for (const signal of SIGNALS) process.once(signal, end);
  try {
    return await start();
  } finally {
    for (const signal of SIGNALS) process.off(signal, end);
  }
}
