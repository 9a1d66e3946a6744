import type { JsonObject } from '../connectors/connector';
import type { Profile } from '../profile/schema';
import type { Action } from '../protocol/names';
import { InputError } from '../protocol/errors';

/**
 * Changes a profile before it is formatted, or drops it: null discards. Anything else that it returns is a failure of the
 * logic. May be async.
 */
export type Logic = (profile: Profile) => Profile | null | Promise<Profile | null>;

/** What a user's format receives. The target parameters lack their secrets. */
export interface FormatContext {
  readonly connector: string;
  readonly action: Action;
  readonly targetParameters: JsonObject;
}

/** Makes the document of an action; files are `{ "$file": url, "encoding": "base64" | "binary" }`. May be async. */
export type Format = (profile: Profile, context: FormatContext) => JsonObject | Promise<JsonObject>;

/** The user's functions by name: what `logics` and `format` of the action parameters may name. */
export interface UserFunctions {
  readonly logics?: Readonly<Record<string, Logic>>;
  readonly formats?: Readonly<Record<string, Format>>;
}

/**
 * Finds functions by name.
 *
 * @throws InputError with the list of what is registered
 */
export function functionsNamed<F>(
  kind: 'logics' | 'format',
  registered: Readonly<Record<string, F>> | undefined,
  names: readonly string[],
): F[] {
  const known = new Map(Object.entries(registered ?? {}));
  return names.map((name) => {
    const found = known.get(name);
    if (found !== undefined) return found;
    const list = [...known.keys()].map((other) => `"${other}"`).join(', ') || 'none';
    throw new InputError(
      'bad_action_parameters',
      `actionParameters.${kind}: this worker has no function "${name}"; registered are: ${list}`,
    );
  });
}
