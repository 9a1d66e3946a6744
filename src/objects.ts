import type { JsonObject } from './workflows/types';

/** Whether a value is a JSON object: neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The `code` of an error of Node; empty where there is none. Not by `instanceof`, which knows the errors of one realm only. */
export function codeOf(error: unknown): string {
  return isObject(error) && 'code' in error ? String(error['code']) : '';
}
