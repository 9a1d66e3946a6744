import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Env } from '../../src/config/environment';
import { startProcess, type ManagedProcess } from '../../tools/processes';

const CLI = join(__dirname, '../../dist/cli/main.js');

/** How a command ended, and what it printed. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** The documents of `--json`. */
  readonly documents: readonly Readonly<Record<string, unknown>>[];
}

/** A command of the built command line that is under way. */
export interface Running {
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly signal: (signal: NodeJS.Signals) => void;
  readonly ended: Promise<Ended>;
}

/** The built command line with one environment. */
export interface CommandLine {
  /** Runs a command to its end. */
  run(args: readonly string[], input?: string): Promise<Ended>;
  start(args: readonly string[], input?: string): Running;
  /** Starts a worker that polls; {@link close} ends it. */
  worker(args?: readonly string[]): Promise<ManagedProcess>;
  /** Writes a file and gives its path. */
  file(name: string, content: unknown): string;
  with(env: Env): CommandLine;
  /** Ends what is still running. */
  close(): Promise<void>;
}

export function commandLine(env: Env): CommandLine {
  return over(mkdtempSync(join(tmpdir(), 'hrflow-temporal-e2e-')), env, []);
}

function over(folder: string, env: Env, workers: ManagedProcess[]): CommandLine {
  const start: CommandLine['start'] = (args, input = '') => launch(env, args, input);
  return {
    start,
    run: (args, input) => start(args, input).ended,
    async worker(args = []) {
      const worker = await startProcess(process.execPath, [CLI, 'worker', ...args], {
        name: 'a worker',
        env: { ...process.env, ...env },
      });
      workers.push(worker);
      await worker.waitForLine(/worker started/, 30_000);
      return worker;
    },
    file(name, content) {
      const path = join(folder, name);
      writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content, null, 2));
      return path;
    },
    with: (more) => over(folder, { ...env, ...more }, workers),
    async close() {
      await Promise.all(workers.map((worker) => worker.stop()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function launch(env: Env, args: readonly string[], input: string): Running {
  const child = spawn(process.execPath, [CLI, ...args], { env: { ...process.env, ...env } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (piece) => (stdout += String(piece)));
  child.stderr.on('data', (piece) => (stderr += String(piece)));
  // A command that reads no input closes it.
  child.stdin.on('error', () => undefined);
  child.stdin.end(input);
  const kill = () => void child.kill('SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<Ended>((resolve) => {
    child.once('close', (status) => {
      process.off('exit', kill);
      resolve({ status, stdout, stderr, documents: documentsIn(stdout) });
    });
  });
  return { stdout: () => stdout, stderr: () => stderr, signal: (signal) => void child.kill(signal), ended };
}

function documentsIn(stdout: string): Readonly<Record<string, unknown>>[] {
  try {
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line));
  } catch {
    return [];
  }
}
