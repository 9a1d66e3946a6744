import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { readSources } from '../../../tools/structure/imports';
import { measure } from '../../../tools/structure/measure';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hrflow-structure-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function write(path: string, ...lines: string[]): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), `${lines.join('\n')}\n`);
}

it('measures files, functions, documentation, arrows and circles', () => {
  write('low/index.ts', '/** Returns one. */', 'export function one() {', '  return 1;', '}');
  write('low/a.ts', `import { b } from './b';`, `import type { Top } from '../top/t';`, 'export const a = () => b();');
  write('low/b.ts', `export const b = () => {`, `  return import('./a.js');`, '};');
  write('top/t.ts', `export { one } from '../low';`, 'export type Top = 1;', 'const inner = 2;');

  expect(measure(readSources(folder), { low: [], top: ['low'] })).toEqual({
    files: 4,
    lines: 13,
    functions: { count: 2, medianLines: 3, p99Lines: 3 },
    exports: { count: 4, documented: 1 },
    upwardArrows: [{ from: 'low/a.ts', to: 'top/t.ts' }],
    fileCircles: [['low/a.ts', 'low/b.ts']],
    roomCircles: [['low', 'top']],
  });
});
