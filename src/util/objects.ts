import { isObject } from '../protocol/json';

export { isObject };

/** The `code` of an error of Node; empty if there is none. Not by `instanceof`, which knows the errors of one realm only. */
export function codeOf(error: unknown): string {
  return isObject(error) && typeof error['code'] === 'string' ? error['code'] : '';
}
