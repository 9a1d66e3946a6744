import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import type { Format, Logic, UserFunctions } from '../../push/functions';
import { describeIssues } from '../../util/zod-issues';
import { UsageError } from '../cli';
import { isObject } from '../../util/objects';
import { textOf, whyUnusable } from '../../util/text-file';

const isFunction = (value: unknown): boolean => typeof value === 'function';

/** Other exports of the module are the user's own business. */
const functionsSchema = z.object({
  logics: z.record(z.string(), z.custom<Logic>(isFunction, 'expected a function')).optional(),
  formats: z.record(z.string(), z.custom<Format>(isFunction, 'expected a function')).optional(),
});

/**
 * Loads the user's functions from a CommonJS or ES module.
 *
 * @throws UsageError naming the file and what is wrong with it
 */
export async function loadFunctions(file: string): Promise<UserFunctions> {
  assertReadable(file);
  let module: unknown;
  try {
    module = await import(pathToFileURL(resolve(file)).href);
  } catch (error) {
    throw new UsageError(
      `--functions: ${file} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  return functionsOf(module, file);
}

/** Node's own words for a module in another encoding speak of its syntax. */
function assertReadable(file: string): void {
  try {
    textOf(readFileSync(file));
  } catch (error) {
    throw new UsageError(`--functions: ${file}: ${whyUnusable(error)}`);
  }
}

/**
 * Finds logics and formats among the exports of a module: its named exports, or its default export.
 *
 * @throws UsageError naming the file and what is wrong with it
 */
export function functionsOf(module: unknown, file: string): UserFunctions {
  const exported = candidates(module);
  const [logicsOf, formatsOf] = [holder(exported, 'logics'), holder(exported, 'formats')];
  if (!logicsOf && !formatsOf) {
    throw new UsageError(
      `--functions: ${file} exports neither "logics" nor "formats"; expected logics = { name: (profile) => … }`,
    );
  }
  const checked = functionsSchema.safeParse({ logics: logicsOf?.['logics'], formats: formatsOf?.['formats'] });
  if (!checked.success) throw new UsageError(`--functions: ${file}: ${describeIssues(checked.error)}`);
  const { logics, formats } = checked.data;
  return { ...(logics && { logics }), ...(formats && { formats }) };
}

/** Node finds some of the names that a CommonJS module exports, and all of them in its default export. */
function holder(exported: readonly Readonly<Record<string, unknown>>[], name: 'logics' | 'formats') {
  return exported.find((candidate) => name in candidate);
}

/** Compiled ES modules are CommonJS with a default export of their own, below the one that Node adds. */
function candidates(module: unknown): Readonly<Record<string, unknown>>[] {
  const found: Readonly<Record<string, unknown>>[] = [];
  for (let inner = module, depth = 0; isObject(inner) && depth < 3; inner = inner['default'], depth += 1)
    found.push(inner);
  return found;
}
