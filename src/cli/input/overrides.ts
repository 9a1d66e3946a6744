import { isObject } from '../../util/objects';
import type { JsonObject } from '../../protocol/messages';
import { UsageError, type Override, type ParameterGroup } from '../cli';

const GROUPS: Readonly<Record<string, ParameterGroup>> = {
  action: 'actionParameters',
  origin: 'originParameters',
  target: 'targetParameters',
};
const FLAG = /^--(action|origin|target)\.([^=]+)(?:=([\s\S]*))?$/;
/** Parameters whose type is not text; whatever does not fit is left to the check of the parameters. */
const LISTS = ['actionParameters.logics'];
const SWITCHES = ['actionParameters.lookupFirst'];

/**
 * Takes the flags that override parameters out of a command line. Values are texts, but for `--action.logics a,b` (a list) and
 * `--action.lookupFirst`, which needs none.
 *
 * @throws UsageError if a flag has no value
 */
export function takeOverrides(args: readonly string[]): { readonly rest: string[]; readonly overrides: Override[] } {
  const rest: string[] = [];
  const overrides: Override[] = [];
  for (let index = 0; index < args.length; index += 1) {
    const arg = args[index] ?? '';
    const [, group = '', name = '', inline] = FLAG.exec(arg) ?? [];
    const target = GROUPS[group];
    if (!target) {
      rest.push(arg);
      continue;
    }
    const path: Override['path'] = [target, ...name.split('.')];
    const next = args[index + 1];
    const separate = inline === undefined && next !== undefined && !next.startsWith('--');
    if (separate) index += 1;
    overrides.push({ path, value: valueOf(path.join('.'), arg, separate ? next : inline) });
  }
  return { rest, overrides };
}

function valueOf(path: string, flag: string, text: string | undefined): unknown {
  if (SWITCHES.includes(path)) return { undefined: true, true: true, false: false }[text ?? 'undefined'] ?? text;
  if (text === undefined) throw new UsageError(`${flag} needs a value, as in ${flag} VALUE`);
  return LISTS.includes(path) ? text.split(',').filter((name) => name !== '') : text;
}

/** The request with every override in its place; objects on the way are made where they are missing. */
export function applyOverrides(request: JsonObject, overrides: readonly Override[]): JsonObject {
  return overrides.reduce((changed, { path, value }) => placed(changed, path, value), request);
}

/** The object with a value at a path; objects on the way are made where they are missing. */
export function placed(object: JsonObject, [name = '', ...deeper]: readonly string[], value: unknown): JsonObject {
  const inner = deeper.length === 0 ? value : placed(asObject(object[name]), deeper, value);
  return { ...object, [name]: inner };
}

function asObject(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}
