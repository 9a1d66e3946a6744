import { readFile, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { codeOf, Unusable, jsonObjectOf, textOf, whyUnusable } from '../text-file';
import type { Secret } from './marks';
import { isSecretReference } from './marks';
import { assertOthersMayNot } from './private-file';

/** Fetches a secret from elsewhere, a vault for example; `undefined` where it has none of that name. */
export type SecretProvider = (name: string) => Promise<string | undefined>;

/** Where secret references are looked for, in this order. */
export interface SecretSources {
  /** Holds `flatchr/prod` as `HRFLOW_SECRET_FLATCHR_PROD`; an empty value counts as none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Directory that holds `flatchr/prod` as the file of that path. One line break at the end of the file is dropped. */
  readonly dir?: string;
  /** JSON file of the shape `{ "flatchr/prod": "value" }`, which nobody but its owner may read or write. */
  readonly file?: string;
  readonly provider?: SecretProvider;
}

/** What `check` says of a secret: never its value. */
export interface SecretCheck {
  readonly found: boolean;
  /** The place that has it, in words; `literal` where no reference was given; null where nothing was found. */
  readonly source: string | null;
  /** Why it was not found, place by place. */
  readonly problems: readonly string[];
}

/** Finds the values of secret references on the worker. */
export interface SecretResolver {
  /**
   * Gives the value of a secret; a literal is its own value. Every call looks anew, so that a rotated secret counts at
   * once.
   *
   * @throws SecretUnresolved
   */
  resolve(secret: Secret): Promise<string>;
  /** Says whether and where a secret resolves. Never throws. */
  check(secret: Secret): Promise<SecretCheck>;
}

/** A secret reference resolves nowhere. It names the reference and the places, never a value. */
export class SecretUnresolved extends Error {
  override readonly name = 'SecretUnresolved';

  constructor(
    readonly reference: string,
    readonly problems: readonly string[],
  ) {
    super(`The secret "${reference}" was not found: ${problems.join('; ')}.`);
  }
}

/** The environment variable that may hold a secret of that name: `flatchr/prod` is `HRFLOW_SECRET_FLATCHR_PROD`. */
export function secretVariable(name: string): string {
  return `HRFLOW_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

/** Makes a resolver of secret references over environment, directory, JSON file and provider, in that order. */
export function createSecretResolver(sources: SecretSources): SecretResolver {
  const places = placesOf(sources);
  return {
    resolve: async (secret) => {
      if (typeof secret === 'string') return secret;
      const { value, problems } = await lookUp(secret, places);
      if (value === undefined) throw new SecretUnresolved(shownName(secret), problems);
      return value;
    },
    check: async (secret) => {
      if (typeof secret === 'string') return { found: true, source: 'literal', problems: [] };
      const { value, source, problems } = await lookUp(secret, places);
      return { found: value !== undefined, source, problems };
    },
  };
}

interface Place {
  /** In words, for messages. */
  describe(name: string): string;
  /** @throws Error whose message may be shown */
  read(name: string): Promise<string | undefined>;
}

interface Found {
  readonly value: string | undefined;
  readonly source: string | null;
  readonly problems: readonly string[];
}

async function lookUp(reference: { secret: string }, places: readonly Place[]): Promise<Found> {
  // The shape keeps a name from leaving the directory, so it is checked here too and not only where input comes in.
  if (!isSecretReference(reference)) {
    return { value: undefined, source: null, problems: ['its name is not of the form of a secret name'] };
  }
  const problems: string[] = [];
  for (const place of places) {
    const source = place.describe(reference.secret);
    try {
      const value = await place.read(reference.secret);
      if (value) return { value, source, problems };
      problems.push(`${source} ${value === '' ? 'is empty' : 'has none'}`);
    } catch (error) {
      problems.push(`${source} cannot be used: ${whyUnusable(error)}`);
    }
  }
  return { value: undefined, source: null, problems };
}

function shownName(reference: { secret: string }): string {
  return isSecretReference(reference) ? reference.secret : '(malformed)';
}

function placesOf({ env, dir, file, provider }: SecretSources): readonly Place[] {
  const places: Place[] = [
    {
      describe: (name) => `the environment variable ${secretVariable(name)}`,
      read: (name) => Promise.resolve(env[secretVariable(name)]),
    },
  ];
  if (dir) places.push({ describe: (name) => `the file ${join(dir, name)}`, read: (name) => readFromDir(dir, name) });
  if (file) places.push({ describe: () => `the file ${file}`, read: (name) => readFromJson(file, name) });
  if (provider) places.push({ describe: () => 'the secret provider', read: (name) => askProvider(provider, name) });
  return places;
}

async function readFromDir(dir: string, name: string): Promise<string | undefined> {
  let path: string;
  try {
    path = await realpath(join(dir, name));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  // Kubernetes mounts each secret as a link to another place within the directory, so links are followed, but not out.
  if (!path.startsWith((await realpath(dir)) + sep)) throw new Unusable('it is a link that leaves the directory');
  return textOf(await readFile(path)).replace(/\r?\n$/, '');
}

async function readFromJson(file: string, name: string): Promise<string | undefined> {
  assertOthersMayNot('read or write', file);
  const value: unknown = new Map(Object.entries(jsonObjectOf(textOf(await readFile(file))))).get(name);
  if (value !== undefined && typeof value !== 'string') throw new Unusable(`its member "${name}" is not a text`);
  return value;
}

async function askProvider(provider: SecretProvider, name: string): Promise<string | undefined> {
  try {
    return await provider(name);
  } catch (error) {
    // A vault client's message may quote requests, headers included.
    throw new Unusable(`it failed with ${error instanceof Error ? error.name : 'an error'}`);
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '');
}
