import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The JSON of an input that people met in practice, from `test/fixtures/cases`. */
export function readCase(name: string): unknown {
  return JSON.parse(readFileSync(casePath(name), 'utf8'));
}

/** The path of such an input. */
export function casePath(name: string): string {
  return join(__dirname, '../fixtures/cases', name);
}
