// The entry of the npm scripts: `node tools/run.mjs COMMAND [ARGUMENTS]`. Installs and builds what is missing, then runs
// the command. Plain JavaScript without dependencies, because it runs before anything is installed. It writes to standard
// error only: standard output belongs to the command.
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const at = (...path) => join(root, ...path);

/** A single step of `npm test`; `tools/steps.ts` defines what it runs. */
const step = (name, build = false) => ({ entry: 'tools/step.ts', args: [name], build });

/** What each command runs, and whether it needs `dist/`. `test` builds by itself, so that a broken build is counted. */
const COMMANDS = {
  build: { build: true },
  demo: { entry: 'tools/demo.ts', build: true },
  chaos: { entry: 'tools/chaos.ts', build: true },
  bench: { entry: 'bench/main.ts', build: true },
  simulators: { entry: 'test/simulators/main.ts', build: false },
  test: { entry: 'tools/test.ts', build: false },
  lint: step('lint'),
  format: step('format'),
  typecheck: step('typecheck'),
  knip: step('knip'),
  voice: step('voice'),
  'test:unit': step('test:unit'),
  'test:integration': step('test:integration', true),
};

function checkNode() {
  const minimum = JSON.parse(readFileSync(at('package.json'), 'utf8')).engines.node.replace('>=', '');
  const [wantedMajor, wantedMinor] = minimum.split('.').map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Error(`Node ${minimum} or later is required; this is ${process.versions.node}`);
}

/** Runs a program to its end and forwards signals to it. */
function run(command, args, stdio) {
  const child = spawn(command, args, { cwd: root, stdio, shell: process.platform === 'win32' && command === 'npm' });
  const forward = (signal) => child.kill(signal);
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const name of signals) process.off(name, forward);
      resolve(signal === null ? code : 128 + constants.signals[signal]);
    });
  });
}

/** Runs a setup step. Its standard output goes to standard error. */
async function setUp(what, command, args) {
  console.error(what);
  const code = await run(command, args, ['ignore', 2, 2]);
  if (code !== 0) throw Object.assign(new Error(`${command} ${args.join(' ')}: exit code ${code}`), { code });
}

function hashOf(files) {
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(at(file)))
      .update('\0');
  return hash.digest('hex');
}

const read = (path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined);
const modified = (path) => (existsSync(path) ? statSync(path).mtimeMs : 0);

async function install() {
  const stamp = at('node_modules', '.hrflow-temporal-lockfile');
  const wanted = hashOf(['package-lock.json']);
  if (read(stamp) === wanted) return;
  // npm's own record is newer than the lockfile: a user has run npm ci or npm install, which is good enough.
  const installedByHand =
    !existsSync(stamp) && modified(at('node_modules', '.package-lock.json')) > modified(at('package-lock.json'));
  if (!installedByHand) {
    const quiet = ['--no-audit', '--no-fund', '--loglevel=error'];
    await setUp('installing the dependencies of package-lock.json', 'npm', ['ci', '--ignore-scripts', ...quiet]);
  }
  writeFileSync(stamp, wanted);
}

function sources() {
  const inSrc = readdirSync(at('src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(root.length + 1));
  const others = [
    'package.json',
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.build.json',
    'tools/bundle-workflows.ts',
  ];
  return [...inSrc, ...others].sort();
}

async function build() {
  const stamp = at('dist', '.sources');
  const wanted = hashOf(sources());
  if (read(stamp) === wanted) return;
  rmSync(at('dist'), { recursive: true, force: true });
  const node = process.execPath;
  await setUp('building dist/', node, [at('node_modules', 'typescript', 'bin', 'tsc'), '-p', 'tsconfig.build.json']);
  await setUp('bundling the workflows', node, ['--import', 'tsx', 'tools/bundle-workflows.ts']);
  if (existsSync(at('dist', 'cli', 'main.js'))) chmodSync(at('dist', 'cli', 'main.js'), 0o755);
  writeFileSync(stamp, wanted);
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Keeps two commands in one checkout from installing or building at once. The lock is outside what npm ci deletes. */
async function locked(action) {
  const folder = join(tmpdir(), `hrflow-temporal-${process.getuid?.() ?? 'user'}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = join(folder, `${createHash('sha256').update(root).digest('hex').slice(0, 16)}.lock`);
  for (let told = false; ; told = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = Number(read(lock));
    // An empty file has just been created; its owner writes its process id next.
    if (owner > 0 && !isAlive(owner)) rmSync(lock, { force: true });
    else if (!told) console.error(`waiting for process ${owner}, which sets up this checkout`);
    await delay(100);
  }
  try {
    return await action();
  } finally {
    rmSync(lock, { force: true });
  }
}

async function main([name, ...args]) {
  checkNode();
  const command = Object.hasOwn(COMMANDS, name ?? '') ? COMMANDS[name] : undefined;
  if (command === undefined)
    throw new Error(`usage: node tools/run.mjs ${Object.keys(COMMANDS).join('|')} [arguments]`);
  await locked(async () => {
    await install();
    if (command.build) await build();
  });
  if (command.entry === undefined) return 0;
  return run(process.execPath, ['--import', 'tsx', command.entry, ...(command.args ?? []), ...args], 'inherit');
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error) => {
    console.error(error.message);
    // Test counters read the last line, even if no test could run.
    if (process.argv[2] === 'test') console.log('0 passed, 1 failed');
    process.exitCode = error.code > 0 ? error.code : 1;
  },
);
