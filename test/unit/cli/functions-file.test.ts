import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { functionsOf, loadFunctions } from '../../../src/cli/input/functions-file';

const keep = (profile: unknown) => profile;

describe('the module of --functions', () => {
  it.each([
    ['named exports', { logics: { keep }, formats: { keep }, other: 1 }],
    ['a default export', { default: { logics: { keep }, formats: { keep } } }],
    ['names of which Node has found one alone', { logics: { keep }, default: { logics: { keep }, formats: { keep } } }],
    ['a compiled default export', { default: { default: { logics: { keep }, formats: { keep } } } }],
  ])('may have %s', (_, module) => {
    expect(functionsOf(module, 'f.mjs')).toEqual({ logics: { keep }, formats: { keep } });
  });

  it('may have one kind alone', () => {
    expect(functionsOf({ logics: { keep } }, 'f.mjs')).toEqual({ logics: { keep } });
  });

  it.each([
    [{ logic: { keep } }, '--functions: f.mjs exports neither "logics" nor "formats"'],
    [{ logics: { keep: 7 } }, '--functions: f.mjs: logics.keep: expected a function'],
    [{ formats: keep }, '--functions: f.mjs: formats: Invalid input: expected record, received function'],
    [undefined, 'exports neither'],
  ])('is refused: %#', (module, message) => {
    expect(() => functionsOf(module, 'f.mjs')).toThrow(message);
  });

  it('is refused by name in another encoding than UTF-8, and by the code where it cannot be read', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-functions-'));
    const file = join(folder, 'f.cjs');
    writeFileSync(file, Buffer.from('\uFEFFexports.logics = {};', 'utf16le'));
    await expect(loadFunctions(file)).rejects.toThrow(`--functions: ${file}: it is UTF-16 (little-endian)`);
    await expect(loadFunctions(folder)).rejects.toThrow(`--functions: ${folder}: it cannot be read (EISDIR)`);
    rmSync(folder, { recursive: true });
    await expect(loadFunctions(file)).rejects.toThrow(`--functions: ${file}: it cannot be read (ENOENT)`);
  });
});
