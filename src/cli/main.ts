#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { Command, CommanderError } from 'commander';
import type { Cli, Override } from './cli';
import { EXIT, type ExitStatus } from './output/exit-status';
import { explain } from './output/explain';
import { takeOverrides } from './input/overrides';
import { coloured, plain } from './output/style';

interface Entry {
  readonly name: string;
  readonly summary: string;
  /** Whether it takes `--origin.x`, `--target.y` and `--action.z`. */
  readonly overrides?: boolean;
  readonly load: () => Promise<{ readonly define: (command: Command, cli: Cli) => void }>;
}

/** Only the command that is requested is loaded: all but `worker` have to stay clear of the native part of the SDK. */
const ENTRIES: readonly Entry[] = [
  { name: 'push', summary: 'push profiles into an ATS', overrides: true, load: () => import('./commands/push.js') },
  {
    name: 'enrich',
    summary: 'enrich candidates',
    overrides: true,
    load: () => import('./commands/enrich.js'),
  },
  { name: 'worker', summary: 'run a worker', load: () => import('./commands/worker.js') },
  { name: 'runs', summary: 'list runs', load: () => import('./commands/runs.js') },
  { name: 'show', summary: 'show one run', load: () => import('./commands/show.js') },
  { name: 'retry', summary: 'resume held runs', overrides: true, load: () => import('./commands/retry.js') },
  { name: 'resolve', summary: 'record what you found in the ATS', load: () => import('./commands/resolve.js') },
  { name: 'abandon', summary: 'end a run as failed', load: () => import('./commands/abandon.js') },
  {
    name: 'check',
    summary: 'try a push without writing anything',
    overrides: true,
    load: () => import('./commands/check.js'),
  },
  {
    name: 'preview',
    summary: 'print the payload of a push',
    overrides: true,
    load: () => import('./commands/preview.js'),
  },
  { name: 'keys', summary: 'make encryption keys', load: () => import('./commands/keys.js') },
  { name: 'secrets', summary: 'check which secret references resolve', load: () => import('./commands/secrets.js') },
  { name: 'settings', summary: 'print the settings in force', load: () => import('./commands/settings.js') },
  {
    name: 'connectors',
    summary: 'list connectors and their parameters',
    load: () => import('./commands/connectors.js'),
  },
  {
    name: 'codec-server',
    summary: 'decode payloads for the Temporal UI',
    load: () => import('./commands/codec-server.js'),
  },
  { name: 'doctor', summary: 'diagnose the setup', load: () => import('./commands/doctor.js') },
];

async function main(args: readonly string[]): Promise<void> {
  const words = args.filter((word) => !word.startsWith('-'));
  const chosen = ENTRIES.find(({ name }) => name === (words[0] === 'help' ? words[1] : words[0]));
  const interrupt = createInterrupt();
  let cli = createCli([], interrupt);
  try {
    const { rest, overrides } = chosen?.overrides ? takeOverrides(args) : { rest: [...args], overrides: [] };
    cli = createCli(overrides, interrupt);
    const program = createProgram();
    for (const { name, summary } of ENTRIES) {
      const command = program
        .command(name)
        .summary(summary)
        .description(`${upperFirst(summary)}.`);
      if (chosen?.name === name) (await chosen.load()).define(command, cli);
    }
    await program.parseAsync(rest, { from: 'user' });
  } catch (error) {
    cli.end(error instanceof CommanderError ? statusOfUsage(error) : explain(cli, error));
  } finally {
    // An input that has not ended would keep the process alive.
    process.stdin.destroy();
  }
}

function createProgram(): Command {
  const program = new Command('hrflow-temporal')
    .description('HrFlow.ai connectors as durable Temporal workflows: each candidate reaches the ATS exactly once.')
    .version(version(), '-V, --version')
    .showHelpAfterError('(see --help)')
    .configureHelp({ sortSubcommands: false })
    .exitOverride();
  program.addHelpText('after', '\nExample:\n  $ hrflow-temporal push flatchr --params push.json');
  return program;
}

function statusOfUsage({ exitCode, code }: CommanderError): ExitStatus {
  return exitCode === 0 && code !== 'commander.error' ? EXIT.ok : EXIT.refused;
}

interface Interrupt {
  lines: (() => readonly string[]) | null;
}

/** A waiting command reports what continues without it. A second signal ends the process at once. */
function createInterrupt(): Interrupt {
  return { lines: null };
}

function createCli(overrides: readonly Override[], interrupt: Interrupt): Cli {
  const { env, stdin, stdout, stderr } = process;
  const colours = stdout.isTTY && !env['NO_COLOR'] && env['TERM'] !== 'dumb';
  const cli: Cli = {
    env,
    stdin,
    overrides,
    style: colours ? coloured : plain,
    progress: stderr.isTTY,
    out: (line) => void stdout.write(`${line}\n`),
    err: (line) => void stderr.write(`${line}\n`),
    end: (status) => {
      process.exitCode = status;
    },
    onInterrupt(lines) {
      if (interrupt.lines === null)
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => end(signal));
      interrupt.lines = lines;
    },
  };
  function end(signal: 'SIGINT' | 'SIGTERM'): void {
    for (const line of interrupt.lines?.() ?? []) cli.err(line);
    process.exit(128 + constants.signals[signal]);
  }
  return cli;
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(__dirname, '..', '..', 'package.json'), 'utf8'));
  const known =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : 'unknown';
  return String(known);
}

function upperFirst(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

// The reader of standard output may stop early, like `head`. The command still finishes, and its status counts.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') process.exit(EXIT.failed);
});

void main(process.argv.slice(2));
