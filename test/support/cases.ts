import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Returns the JSON of a real-world input from `test/fixtures/cases`. */
export function readCase(name: string): unknown {
  return JSON.parse(readFileSync(casePath(name), 'utf8'));
}

/** Returns the path of such an input. */
export function casePath(name: string): string {
  return join(__dirname, '../fixtures/cases', name);
}
