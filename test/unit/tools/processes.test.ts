import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runProcess, startProcess, stopAll, type ManagedProcess } from '../../../tools/processes';

const ROOT = join(__dirname, '..', '..', '..');
let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hrflow-processes-'));
});
afterEach(() => stopAll({ graceMs: 0 }));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const shell = (script: string): Promise<ManagedProcess> => startProcess('/bin/sh', ['-c', script], { name: 'shell' });

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<void> {
  for (let tries = 0; tries < 200 && isAlive(pid); tries++) await delay(25);
  expect(isAlive(pid)).toBe(false);
}

const pidIn = (line: string): number => Number(/\d+/.exec(line)?.[0]);

describe('a child process', () => {
  it('returns the awaited line, whether printed before or after', async () => {
    const child = await shell('echo first; echo second 2 >&2; exec sleep 60');
    expect(await child.waitForLine(/second/)).toBe('second 2');
    expect(await child.waitForLine(/first/)).toBe('first');
  });

  it('reports its exit and its output if the line never came', async () => {
    const child = await shell('echo went wrong; exit 3');
    await expect(child.waitForLine(/ready/)).rejects.toThrow(/shell ended \(exit code 3\)[^]*went wrong/);
  });

  it('reports a timeout', async () => {
    const child = await shell('exec sleep 60');
    await expect(child.waitForLine(/ready/, 20)).rejects.toThrow(/more than 20 ms/);
  });

  it('may end with its own exit code', async () => {
    const child = await shell('trap "echo bye; exit 7" TERM; echo up; while :; do sleep 0.05; done');
    await child.waitForLine(/up/);
    expect(await child.stop()).toEqual({ code: 7, signal: null });
    expect(child.output()).toContain('bye');
  });

  it('is killed with everything it started if it does not end in time', async () => {
    const child = await shell('trap "" TERM; sleep 60 & echo "sleeper $!"; wait; wait; sleep 60');
    const sleeper = pidIn(await child.waitForLine(/sleeper/));
    expect((await child.stop({ graceMs: 50 })).signal).toBe('SIGKILL');
    await untilGone(sleeper);
  });

  it('writes a log file if asked to', async () => {
    const logFile = join(folder, 'child.log');
    const child = await startProcess('/bin/sh', ['-c', 'echo out; echo err >&2'], { logFile });
    await child.exited;
    expect(readFileSync(logFile, 'utf8').split('\n').sort()).toEqual(['', 'err', 'out']);
  });

  it('that cannot be started is an error with its name', async () => {
    await expect(startProcess(join(folder, 'nothing'), [], { name: 'the thing' })).rejects.toThrow(
      /the thing could not be started: .*ENOENT/,
    );
  });

  it('that hangs is ended by runProcess', async () => {
    const result = await runProcess('/bin/sh', ['-c', 'echo hanging; exec sleep 60'], { timeoutMs: 100 });
    expect(result).toEqual({ code: null, signal: 'SIGKILL', output: 'hanging', timedOut: true });
  });
});

describe('children do not outlive their parent', () => {
  /** A process that starts a child that ignores signals, prints its pid, and then does as told. */
  function parent(rest: string): Promise<ManagedProcess> {
    const file = join(folder, `parent-${Math.random().toString(36).slice(2)}.ts`);
    const processes = JSON.stringify(join(ROOT, 'tools', 'processes'));
    writeFileSync(
      file,
      `import { endAllOnExit, startProcess } from ${processes};
       void (async () => {
         const child = await startProcess('/bin/sh', ['-c', 'trap "" HUP; exec sleep 60']);
         console.log('child ' + child.pid);
         ${rest}
       })();`,
    );
    return startProcess(process.execPath, ['--import', 'tsx', file], { name: 'parent', cwd: ROOT });
  }

  it.each([
    ['crashes', 'setImmediate(() => { throw new Error("crash"); });', undefined, 1],
    ['calls process.exit', 'process.exit(5);', undefined, 5],
    ['is killed', '', 'SIGKILL', null],
    ['gets SIGINT', 'endAllOnExit();', 'SIGINT', 130],
    ['gets SIGTERM', 'endAllOnExit();', 'SIGTERM', 143],
  ] as const)('when it %s', async (_name, rest, signal, code) => {
    const process = await parent(`${rest} console.log('ready');`);
    const child = pidIn(await process.waitForLine(/child \d+/));
    if (signal !== undefined) {
      await process.waitForLine(/ready/);
      process.signal(signal);
    }
    expect((await process.exited).code).toBe(code);
    await untilGone(child);
  });

  it('and runs what must happen first', async () => {
    const process = await parent(
      `endAllOnExit(async () => { process.kill(child.pid, 0); console.log('child still there'); }); console.log('ready');`,
    );
    const child = pidIn(await process.waitForLine(/child \d+/));
    await process.waitForLine(/ready/);
    process.signal('SIGINT');
    expect(await process.exited).toEqual({ code: 130, signal: null });
    expect(process.output()).toContain('child still there');
    await untilGone(child);
  });
});
