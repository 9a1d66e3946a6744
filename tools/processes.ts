import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, writeSync } from 'node:fs';
import { Socket } from 'node:net';
import { constants } from 'node:os';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

/** How a process ended. One of the two is set, as in the `exit` event of Node's child processes. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Options of a child process. */
export interface ProcessOptions {
  /** Name in error messages. Default: the command. */
  readonly name?: string;
  /** Environment of the child. Default: that of this process. */
  readonly env?: NodeJS.ProcessEnv;
  /** Working folder of the child. Default: that of this process. */
  readonly cwd?: string;
  /** File that receives standard output and standard error, appended. */
  readonly logFile?: string;
  /** Called with each line of either stream as it arrives. */
  readonly onLine?: (line: string, stream: 'stdout' | 'stderr') => void;
  /** `inherit` shows the child's output as it is, so nothing can be read from it. Default `pipe`. */
  readonly output?: 'pipe' | 'inherit';
}

/** How to stop a process. */
export interface StopOptions {
  /** Milliseconds between the signal and SIGKILL. Default 10 s. */
  readonly graceMs?: number;
  /** The first signal. Default SIGTERM. */
  readonly signal?: NodeJS.Signals;
}

const DEFAULT_GRACE_MS = 10_000;
const KEPT_LINES = 200;
/** One Ctrl-C can arrive twice: from the terminal and from npm, which forwards it. */
const DUPLICATE_SIGNAL_MS = 1_000;

const running: ManagedProcess[] = [];

/**
 * A child process in its own process group, so that signals also reach what it started.
 *
 * While it runs, a watchdog knows its group and kills it as soon as this process ends, however it ends.
 */
export class ManagedProcess {
  /** Process id, which is also the id of the process group. */
  readonly pid: number;
  /** Resolves once the process has ended. Never rejects. */
  readonly exited: Promise<ProcessExit>;
  private exit: ProcessExit | undefined;
  private readonly lines: string[] = [];
  private readonly listeners = new Set<(line: string) => void>();

  private constructor(
    private readonly name: string,
    pid: number,
    child: ChildProcess,
    options: ProcessOptions,
    log: number | undefined,
  ) {
    this.pid = pid;
    this.read('stdout', child.stdout, options.onLine, log);
    this.read('stderr', child.stderr, options.onLine, log);
    running.push(this);
    watchdog.add(pid);
    this.exited = new Promise((resolve) => {
      // 'close', not 'exit': by then everything that the process printed has been read.
      child.once('close', (code, signal) => {
        this.exit = { code, signal };
        watchdog.remove(pid);
        running.splice(running.indexOf(this), 1);
        if (log !== undefined) closeSync(log);
        resolve(this.exit);
      });
    });
  }

  /**
   * Starts a process.
   *
   * @throws Error if the command cannot be started or the log file cannot be opened, with the system's reason
   */
  static async start(command: string, args: readonly string[], options: ProcessOptions = {}): Promise<ManagedProcess> {
    const name = options.name ?? command;
    const stream = options.output ?? 'pipe';
    const log = options.logFile === undefined ? undefined : openSync(options.logFile, 'a');
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      detached: true,
      stdio: ['ignore', stream, stream],
    });
    if (child.pid !== undefined) return new ManagedProcess(name, child.pid, child, options, log);
    if (log !== undefined) closeSync(log);
    const reason = await new Promise<string>((resolve) => {
      child.once('error', (error) => {
        resolve(error.message);
      });
    });
    throw new Error(`${name} could not be started: ${reason}`);
  }

  /** The exit; undefined until the process has ended. */
  get ended(): ProcessExit | undefined {
    return this.exit;
  }

  /** Returns the last lines (at most 200) of both streams. */
  output(): string {
    return this.lines.join('\n');
  }

  /**
   * Waits for a line that matches, whether printed already or still to come.
   *
   * @param timeoutMs milliseconds to wait. Default 30 s
   * @returns the line
   * @throws Error if the process ends or the timeout passes first, with the last lines printed
   */
  waitForLine(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    const seen = this.lines.find((line) => pattern.test(line));
    if (seen !== undefined) return Promise.resolve(seen);
    return new Promise((resolve, reject) => {
      const finish = (): void => {
        clearTimeout(timer);
        this.listeners.delete(listener);
      };
      const fail = (what: string): void => {
        finish();
        reject(new Error(`${this.name} ${what} before it printed ${String(pattern)}\n${this.output()}`));
      };
      const listener = (line: string): void => {
        if (!pattern.test(line)) return;
        finish();
        resolve(line);
      };
      const timer = setTimeout(() => {
        fail(`took more than ${String(timeoutMs)} ms`);
      }, timeoutMs);
      this.listeners.add(listener);
      void this.exited.then((exit) => {
        if (this.listeners.has(listener)) fail(`ended (${describeExit(exit)})`);
      });
    });
  }

  /** Asks the process to end, and kills its group if it does not end in time. */
  async stop(options: StopOptions = {}): Promise<ProcessExit> {
    if (this.exit !== undefined) return this.exit;
    signalGroup(this.pid, options.signal ?? 'SIGTERM');
    const timer = setTimeout(() => {
      signalGroup(this.pid, 'SIGKILL');
    }, options.graceMs ?? DEFAULT_GRACE_MS);
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Kills the process and everything in its group at once (SIGKILL). */
  kill(): Promise<ProcessExit> {
    if (this.exit === undefined) signalGroup(this.pid, 'SIGKILL');
    return this.exited;
  }

  /** Sends a signal to the group, for example SIGSTOP. */
  signal(signal: NodeJS.Signals): void {
    if (this.exit === undefined) signalGroup(this.pid, signal);
  }

  private read(
    name: 'stdout' | 'stderr',
    stream: Readable | null,
    onLine: ProcessOptions['onLine'],
    log: number | undefined,
  ): void {
    if (stream === null) return;
    createInterface({ input: stream, crlfDelay: Infinity }).on('line', (line) => {
      this.lines.push(line);
      if (this.lines.length > KEPT_LINES) this.lines.shift();
      if (log !== undefined) writeSync(log, `${line}\n`);
      onLine?.(line, name);
      for (const listener of [...this.listeners]) listener(line);
    });
  }
}

/** Starts a child process, see {@link ManagedProcess.start}. */
export function startProcess(
  command: string,
  args: readonly string[],
  options?: ProcessOptions,
): Promise<ManagedProcess> {
  return ManagedProcess.start(command, args, options);
}

/**
 * Runs a command to its end.
 *
 * @param timeoutMs milliseconds after which it is killed
 * @returns its exit and the last 200 lines that it printed
 * @throws Error if it cannot be started
 */
export async function runProcess(
  command: string,
  args: readonly string[],
  options: ProcessOptions & { readonly timeoutMs: number },
): Promise<ProcessExit & { readonly output: string; readonly timedOut: boolean }> {
  const child = await startProcess(command, args, options);
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    void child.kill();
  }, options.timeoutMs);
  const exit = await child.exited;
  clearTimeout(timer);
  return { ...exit, output: child.output(), timedOut };
}

/** Stops every process that is still running, the last started first, one after the other. */
export async function stopAll(options?: StopOptions): Promise<void> {
  for (const child of [...running].reverse()) await child.stop(options);
}

/** Describes an exit for messages: `exit code 3` or `SIGKILL`. */
export function describeExit(exit: ProcessExit): string {
  return exit.signal ?? `exit code ${String(exit.code)}`;
}

const beforeEnd: (() => Promise<void>)[] = [];
let ending: { readonly since: number } | undefined;
let handlesSignals = false;

/**
 * Makes SIGINT, SIGTERM and SIGHUP stop every child process, the last started first, and then this process with
 * 128 + the signal's number. A second signal (later than a second after the first) kills at once.
 *
 * @param before runs once while the children still run; several calls may each add one
 */
export function endAllOnExit(before?: () => Promise<void>): void {
  if (before !== undefined) beforeEnd.push(before);
  if (handlesSignals) return;
  handlesSignals = true;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      void endAll(signal);
    });
  }
}

async function endAll(signal: 'SIGINT' | 'SIGTERM' | 'SIGHUP'): Promise<void> {
  if (ending !== undefined) {
    if (Date.now() - ending.since < DUPLICATE_SIGNAL_MS) return;
    for (const child of running) child.signal('SIGKILL');
    process.exit(128 + constants.signals[signal]);
  }
  ending = { since: Date.now() };
  await Promise.allSettled(beforeEnd.map((before) => before()));
  await stopAll();
  process.exit(128 + constants.signals[signal]);
}

/** Tells whether this is the system error of that name, such as `EADDRINUSE`. */
export function isSystemError(error: unknown, code: string): boolean {
  // Not instanceof: in Jest's sandbox, Node's own errors belong to another realm.
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function signalGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The group may be gone before Node reports the exit.
    if (!isSystemError(error, 'ESRCH')) throw error;
  }
}

/**
 * A shell that holds the read end of a pipe from this process. If the pipe closes, this process is gone, even if it
 * was killed or ran in a sandbox without exit events. The shell then kills the groups that are still on its list.
 */
const watchdog = (() => {
  const script = `trap '' INT TERM HUP; groups=' '
    while read -r sign group; do
      case $sign in
        +) groups="$groups$group ";;
        -) groups="\${groups%% $group *} \${groups#* $group }";;
      esac
    done
    for group in $groups; do kill -s KILL -- "-$group" 2>/dev/null; done`;
  let pipe: Writable | undefined;

  const open = (): Writable => {
    const shell = spawn('/bin/sh', ['-c', script], { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    shell.on('error', () => undefined);
    shell.stdin.on('error', () => undefined);
    shell.unref();
    // The pipe must not keep this process alive; Node's types hide that a child's stdin is a socket.
    if (shell.stdin instanceof Socket) shell.stdin.unref();
    return shell.stdin;
  };
  return {
    add: (group: number): void => void (pipe ??= open()).write(`+ ${String(group)}\n`),
    remove: (group: number): void => void pipe?.write(`- ${String(group)}\n`),
  };
})();
