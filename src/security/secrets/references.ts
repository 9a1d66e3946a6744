import { opendir, readFile, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { codeOf } from '../../util/objects';
import { UnusableFileError, jsonObjectOf, textOf, whyUnusable } from '../../util/text-file';
import { type Secret, isSecretReference } from '../sensitivity';
import { assertOthersMayNot } from '../private-file';
import { odditiesOf, withoutLineBreak } from './secret-text';

/** Fetches a secret from elsewhere, a vault for example; `undefined` if it has none of that name. */
export type SecretProvider = (name: string) => Promise<string | undefined>;

/** Where secret references are looked for, in this order. One line break at the end of a value is dropped wherever it comes from. */
export interface SecretSources {
  /** Holds `ats/prod` as `HRFLOW_SECRET_ATS_PROD`; an empty value counts as none. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Directory that holds `ats/prod` as the file of that path. */
  readonly dir?: string | undefined;
  /** JSON file of the shape `{ "ats/prod": "value" }`, which nobody but its owner may read or write. */
  readonly file?: string | undefined;
  readonly provider?: SecretProvider;
}

/** What `check` says of a secret: never its value. */
export interface SecretCheck {
  readonly found: boolean;
  /** The source that has it, as a phrase; `literal` if no reference was given; null if nothing was found. */
  readonly source: string | null;
  /** Why it was not found, source by source. */
  readonly problems: readonly string[];
  /** What looks wrong with the value, which is used all the same: white space or quotes at its ends. */
  readonly warnings: readonly string[];
}

/** What the sources hold, as far as they can be listed; never a value. */
export interface SecretsSurvey {
  /** Each source with the number of its secrets, as a phrase. */
  readonly sources: readonly string[];
  /** What looks wrong with single secrets. */
  readonly warnings: readonly string[];
  /** What keeps a source from being used. */
  readonly problems: readonly string[];
}

/** Finds the values of secret references on the worker. */
export interface SecretResolver {
  /**
   * Gives the value of a secret; a literal is its own value, without a line break at its end. Every call looks again, so that a rotated secret counts at
   * once.
   *
   * @throws SecretUnresolvedError
   */
  resolve(secret: Secret): Promise<string>;
  /** Says whether and where a secret resolves. Never throws. */
  check(secret: Secret): Promise<SecretCheck>;
}

/** A secret reference resolves nowhere. It names the reference and the sources, never a value. */
export class SecretUnresolvedError extends Error {
  override readonly name = 'SecretUnresolvedError';

  constructor(
    readonly reference: string,
    readonly problems: readonly string[],
  ) {
    super(`The secret "${reference}" was not found: ${problems.join('; ')}.`);
  }
}

/** Returns the environment variable that may hold a secret of that name: `HRFLOW_SECRET_ATS_PROD` for `ats/prod`. */
export function secretVariable(name: string): string {
  return `HRFLOW_SECRET_${name.toUpperCase().replace(/[^A-Z0-9]/g, '_')}`;
}

/** Makes a resolver of secret references over environment, directory, JSON file and provider, in that order. */
export function createSecretResolver(sources: SecretSources): SecretResolver {
  const all = sourcesOf(sources);
  return {
    resolve: async (secret) => {
      if (typeof secret === 'string') return withoutLineBreak(secret);
      const { value, problems } = await lookUp(secret, all);
      if (value === undefined) throw new SecretUnresolvedError(shownName(secret), problems);
      return value;
    },
    check: async (secret) => {
      const { value, source, problems }: Found =
        typeof secret === 'string'
          ? { value: withoutLineBreak(secret), source: 'literal', problems: [] }
          : await lookUp(secret, all);
      return { found: value !== undefined, source, problems, warnings: odditiesOf(value ?? '') };
    },
  };
}

interface SecretSource {
  /** As a phrase, for messages: where it has the secret of that name. */
  describe(name: string): string;
  /** @throws Unusable, or an error of the operating system */
  read(name: string): Promise<string | undefined>;
  /** As a phrase, for messages: the source itself; null if it cannot list its secrets. */
  readonly title: string | null;
  /** The names of its secrets, and perhaps of other things. */
  names(): Promise<readonly string[]>;
}

interface Found {
  readonly value: string | undefined;
  readonly source: string | null;
  readonly problems: readonly string[];
}

async function lookUp(reference: { secret: string }, all: readonly SecretSource[]): Promise<Found> {
  // The shape keeps a name from leaving the directory, so it is checked here too and not only where input comes in.
  if (!isSecretReference(reference)) {
    return { value: undefined, source: null, problems: ['its name is not of the form of a secret name'] };
  }
  const problems: string[] = [];
  for (const source of all) {
    const description = source.describe(reference.secret);
    try {
      const value = await readFrom(source, reference.secret);
      if (value) return { value, source: description, problems };
      problems.push(`${description} ${value === '' ? 'is empty' : 'has none'}`);
    } catch (error) {
      problems.push(`${description} cannot be used: ${whyUnusable(error)}`);
    }
  }
  return { value: undefined, source: null, problems };
}

async function readFrom(source: SecretSource, name: string): Promise<string | undefined> {
  const value = await source.read(name);
  return value === undefined ? undefined : withoutLineBreak(value);
}

/** Looks at every secret that can be listed. Never throws. */
export async function surveySecrets(sources: SecretSources): Promise<SecretsSurvey> {
  const survey = { sources: [] as string[], warnings: [] as string[], problems: [] as string[] };
  for (const source of sourcesOf(sources)) {
    if (source.title === null) continue;
    try {
      const names = (await source.names()).filter((secret) => isSecretReference({ secret }));
      survey.sources.push(`${source.title} (${names.length})`);
      for (const name of names) survey.warnings.push(...(await warningsOf(source, name)));
    } catch (error) {
      survey.problems.push(`${source.title} cannot be used: ${whyUnusable(error)}`);
    }
  }
  return survey;
}

async function warningsOf(source: SecretSource, name: string): Promise<string[]> {
  const description = source.describe(name) === source.title ? `${source.title}, "${name}"` : source.describe(name);
  try {
    return odditiesOf((await readFrom(source, name)) ?? '').map((oddity) => `${description}: ${oddity}`);
  } catch (error) {
    return [`${description} cannot be used: ${whyUnusable(error)}`];
  }
}

function shownName(reference: { secret: string }): string {
  return isSecretReference(reference) ? reference.secret : '(malformed)';
}

function sourcesOf({ env, dir, file, provider }: SecretSources): readonly SecretSource[] {
  const all: SecretSource[] = [
    {
      title: 'the environment',
      describe: (name) => `the environment variable ${secretVariable(name)}`,
      read: (name) => Promise.resolve(env[secretVariable(name)]),
      names: () => Promise.resolve(namesIn(env)),
    },
  ];
  if (dir) {
    all.push({
      title: `the folder ${dir}`,
      describe: (name) => `the file ${join(dir, name)}`,
      read: (name) => readFromDir(dir, name),
      names: () => namesInDir(dir),
    });
  }
  if (file) {
    all.push({
      title: `the file ${file}`,
      describe: () => `the file ${file}`,
      read: async (name) => memberOf(await readSecretsFile(file), name),
      names: async () => [...(await readSecretsFile(file)).keys()],
    });
  }
  if (provider) {
    all.push({
      title: null,
      describe: () => 'the secret provider',
      read: (name) => askProvider(provider, name),
      names: () => Promise.resolve([]),
    });
  }
  return all;
}

const VARIABLE_PREFIX = secretVariable('');

/** Other names than those in references, but with the same variables. */
function namesIn(env: SecretSources['env']): string[] {
  return Object.keys(env)
    .filter((variable) => variable.startsWith(VARIABLE_PREFIX) && env[variable] !== '')
    .map((variable) => variable.slice(VARIABLE_PREFIX.length));
}

/** A folder that was named by mistake may hold the files of a whole machine. */
const MAX_LISTED = 1_000;

async function namesInDir(dir: string): Promise<string[]> {
  const names: string[] = [];
  for await (const entry of await opendir(dir, { recursive: true })) {
    if (!entry.isDirectory()) names.push(relative(dir, join(entry.parentPath, entry.name)).split(sep).join('/'));
    if (names.length >= MAX_LISTED) break;
  }
  return names;
}

/**
 * Kubernetes replaces the folder behind the links of a mount as a whole, so what has gone between two steps of reading stands in the
 * new one.
 */
async function readFromDir(dir: string, name: string): Promise<string | undefined> {
  const found = (await readOnce(dir, name)) ?? (await readOnce(dir, name));
  if (found === undefined) await assertFolder(dir);
  return found;
}

/** Where there is no such folder, that a secret is missing says nothing of its name. */
async function assertFolder(dir: string): Promise<void> {
  try {
    await (await opendir(dir)).close();
  } catch (error) {
    throw new UnusableFileError(`the folder ${dir} cannot be read (${codeOf(error)})`);
  }
}

async function readOnce(dir: string, name: string): Promise<string | undefined> {
  try {
    const path = await realpath(join(dir, name));
    // Kubernetes mounts each secret as a link to another place within the directory, so links are followed, but not out.
    if (!path.startsWith((await realpath(dir)) + sep))
      throw new UnusableFileError('it is a link that leaves the directory');
    return textOf(await readFile(path));
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** As a map, in which nothing is but what the file holds. */
async function readSecretsFile(file: string): Promise<ReadonlyMap<string, unknown>> {
  assertOthersMayNot('read or write', file);
  return new Map(Object.entries(jsonObjectOf(textOf(await readFile(file)))));
}

function memberOf(members: ReadonlyMap<string, unknown>, name: string): string | undefined {
  const value = members.get(name);
  if (value !== undefined && typeof value !== 'string')
    throw new UnusableFileError(`its member "${name}" is not a text`);
  return value;
}

async function askProvider(provider: SecretProvider, name: string): Promise<string | undefined> {
  try {
    return await provider(name);
  } catch (error) {
    // A vault client's message may quote requests, headers included.
    throw new UnusableFileError(`it failed with ${error instanceof Error ? error.name : 'an error'}`);
  }
}

function isMissing(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(codeOf(error));
}
