import { isObject } from './objects';

/** The members of an object that came from outside: any name, any value. */
export type Members = Readonly<Record<string, unknown>>;

const NOTHING: Members = {};
const ONLY_WHITE_SPACE = /^[\s\p{White_Space}]*$/u;

/**
 * A text as it stands, or `undefined` when it is missing: absent, null, of another type, or nothing but white space.
 * The text itself is never changed.
 */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && !ONLY_WHITE_SPACE.test(value) ? value : undefined;
}

/** A number that JSON can carry, or `undefined`. (`1e999` is valid JSON and is read as Infinity, which is not.) */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** A text as it stands or a number written as text; a boolean and everything else is missing. */
export function textOrNumber(value: unknown): string | undefined {
  const found = number(value);
  return found === undefined ? text(value) : String(found);
}

/** An object's members. Whatever is no object has none; so has the empty list that PHP writes for an empty object. */
export function object(value: unknown): Members {
  return isObject(value) ? value : NOTHING;
}

/** The objects of a list, in order. Null, an absent list and entries that are no objects count as nothing. */
export function list(value: unknown): readonly Members[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The same object without the members that are undefined, so that what is missing is left out of a document. */
export function present<T extends object>(members: T): T {
  const kept = { ...members };
  for (const [name, value] of Object.entries(kept)) {
    if (value === undefined) Reflect.deleteProperty(kept, name);
  }
  return kept;
}

/** Whether an object has no member at all. */
export function isEmpty(members: object): boolean {
  return Object.keys(members).length === 0;
}

/** Whether every one of the values is missing. */
export function allMissing(...values: readonly unknown[]): boolean {
  return values.every((value) => value === undefined);
}
