import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startProcess, stopAll } from '../../../tools/processes';

const ROOT = join(__dirname, '..', '..', '..');
let folder: string;

/** A project in which only run.mjs is real: npm and the compiler record that they were called. */
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'hrflow-run-')));
  cpSync(join(ROOT, 'tools', 'run.mjs'), join(folder, 'tools', 'run.mjs'));
  write('package.json', '{"engines":{"node":">=20.19"}}');
  for (const name of ['package-lock.json', 'tsconfig.json', 'tsconfig.build.json']) write(name, '{}');
  write('src/index.ts', 'export const one = 1;');
  write('tools/bundle-workflows.ts', '');
  write('tools/demo.ts', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 4;');
  const compiler = `
    const fs = require('fs');
    fs.appendFileSync('calls', 'tsc\\n');
    fs.mkdirSync('dist/cli', { recursive: true });
    fs.writeFileSync('dist/cli/main.js', '');
    console.log('compiler output');
    process.exitCode = fs.existsSync('broken') ? 2 : 0;`;
  write('compiler.js', compiler);
  const npm = [
    '#!/bin/sh',
    'echo "npm $1 $2" >> calls; echo npm output',
    'rm -rf node_modules; mkdir -p node_modules/typescript/bin; cp compiler.js node_modules/typescript/bin/tsc',
    `for name in tsx esbuild @esbuild get-tsconfig resolve-pkg-maps; do`,
    `  [ -e '${ROOT}/node_modules/'$name ] && ln -s '${ROOT}/node_modules/'$name node_modules/$name`,
    'done',
    'echo {} > node_modules/.package-lock.json',
  ];
  write('bin/npm', npm.join('\n'));
  chmodSync(join(folder, 'bin', 'npm'), 0o755);
});
afterEach(async () => {
  await stopAll();
  rmSync(folder, { recursive: true, force: true });
});

function write(path: string, text: string): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${join(folder, 'bin')}:/usr/bin:/bin` });

function run(...args: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(folder, 'tools', 'run.mjs'), ...args], {
    cwd: tmpdir(),
    encoding: 'utf8',
    env: environment(),
  });
}

const calls = (): string[] =>
  existsSync(join(folder, 'calls')) ? readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n') : [];

describe('node tools/run.mjs', () => {
  it('installs from the lockfile, builds and runs, with nothing else on standard output', () => {
    const first = run('demo', '--json', 'two words');
    expect(first.stdout).toBe('["--json","two words"]\n');
    expect(first.status).toBe(4);
    expect(first.stderr).toContain('npm output');
    expect(calls()).toEqual(['npm ci --ignore-scripts', 'tsc']);
  });

  it('skips that while nothing has changed', () => {
    run('demo');
    run('demo');
    expect(calls()).toEqual(['npm ci --ignore-scripts', 'tsc']);
  });

  it('installs again if the lockfile changed, and builds again if a source did', () => {
    run('build');
    write('src/index.ts', 'export const two = 2;');
    run('build');
    expect(calls()).toEqual(['npm ci --ignore-scripts', 'tsc', 'tsc']);
    write('package-lock.json', '{ "other": true }');
    run('build');
    expect(calls().slice(3)).toEqual(['npm ci --ignore-scripts', 'tsc']);
  });

  it('keeps a manual installation from the same lockfile', () => {
    run('build');
    rmSync(join(folder, 'node_modules', '.hrflow-temporal-lockfile'));
    run('build');
    expect(calls()).toEqual(['npm ci --ignore-scripts', 'tsc']);
  });

  it('makes the command line executable', () => {
    run('build');
    expect(spawnSync('test', ['-x', join(folder, 'dist', 'cli', 'main.js')]).status).toBe(0);
  });

  it('stops with the exit code of a failed build, and builds again the next time', () => {
    write('broken', '');
    expect(run('demo')).toMatchObject({ status: 2, stdout: '' });
    rmSync(join(folder, 'broken'));
    expect(run('demo').status).toBe(4);
    expect(calls()).toEqual(['npm ci --ignore-scripts', 'tsc', 'tsc']);
  });

  it('installs and builds once if two commands start together', async () => {
    const start = (): ReturnType<typeof startProcess> =>
      startProcess(process.execPath, [join(folder, 'tools', 'run.mjs'), 'build'], { env: environment() });
    const both = await Promise.all([start(), start()]);
    expect(await Promise.all(both.map((child) => child.exited))).toEqual([
      { code: 0, signal: null },
      { code: 0, signal: null },
    ]);
    expect(calls()).toEqual(['npm ci --ignore-scripts', 'tsc']);
  });

  it('forwards a signal and ends with the exit code of the command', async () => {
    write(
      'tools/demo.ts',
      "process.on('SIGTERM', () => process.exit(9)); console.log('up'); setInterval(() => 0, 1e6);",
    );
    const child = await startProcess(process.execPath, [join(folder, 'tools', 'run.mjs'), 'demo'], {
      env: environment(),
    });
    await child.waitForLine(/^up$/);
    process.kill(child.pid, 'SIGTERM');
    expect(await child.exited).toEqual({ code: 9, signal: null });
  });

  it('lists the commands if the command is unknown', () => {
    const result = run('deploy');
    expect(result.status).toBe(1);
    expect(result.stderr).toMatch(/build\|demo\|chaos\|bench\|simulators\|test/);
    expect(calls()).toEqual([]);
  });
});
