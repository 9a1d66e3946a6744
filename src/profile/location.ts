import { isObject } from '../util/objects';

const MAX_DEPTH = 4;

/** Whether a value is a profile: an object that has `info`, whatever that holds. */
export function isProfile(value: unknown): value is Readonly<Record<string, unknown>> {
  return isObject(value) && 'info' in value;
}

/**
 * Where the first profile in a JSON value stands, as a path such as `data.profile` or `data.profiles[0]`; empty if the value itself is
 * one, null if there is none as far as four levels down.
 */
export function locateProfile(value: unknown, deepest = MAX_DEPTH): string | null {
  if (isProfile(value)) return '';
  if (deepest === 0 || typeof value !== 'object' || value === null) return null;
  for (const [name, member] of Object.entries(value)) {
    const path = locateProfile(member, deepest - 1);
    if (path !== null) return joined(Array.isArray(value) ? `[${name}]` : name, path);
  }
  return null;
}

function joined(step: string, path: string): string {
  return path === '' || path.startsWith('[') ? step + path : `${step}.${path}`;
}
