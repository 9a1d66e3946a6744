import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findOtherNodes, isAtLeast } from '../../../tools/node-versions';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hrflow-nodes-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Writes a program that prints a line, as `node --version` does. */
function program(path: string, line: string): string {
  const file = join(folder, path);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `#!/bin/sh\necho '${line}'\n`);
  chmodSync(file, 0o755);
  return file;
}

describe('the other Node versions of this machine', () => {
  it('are those on the PATH and those of version managers, each version once', () => {
    const onPath = program('bin/node22', 'v22.1.0');
    program('bin/nodemon', 'v23.0.0');
    program('managed/v22.1.0/bin/node', 'v22.1.0');
    const managed = program('managed/v24.2.0/bin/node', 'v24.2.0');
    expect(findOtherNodes(join(folder, 'bin'), [join(folder, 'managed'), join(folder, 'missing')])).toEqual([
      { path: onPath, version: '22.1.0' },
      { path: managed, version: '24.2.0' },
    ]);
  });

  it('are neither the running one, nor too old, nor something else called node', () => {
    program('a/node', process.version);
    program('b/node', 'v18.20.0');
    program('c/node', 'hello');
    writeFileSync(join(folder, 'node'), '');
    const path = ['a', 'b', 'c', '.', 'missing'].map((name) => join(folder, name)).join(':');
    expect(findOtherNodes(path, [])).toEqual([]);
  });
});

it.each([
  ['20.19.0', '20.19', true],
  ['22.0.0', '20.19', true],
  ['20.18.9', '20.19', false],
  ['18.20.0', '20.19', false],
])('%s is at least %s: %s', (version, wanted, expected) => {
  expect(isAtLeast(version, wanted)).toBe(expected);
});
