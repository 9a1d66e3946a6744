import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { textOf, UnusableFileError, whyUnusable } from '../../util/text-file';
import { assertOthersMayNot } from '../private-file';
import { odditiesOf } from '../secrets/secret-text';

const KEY_BYTES = 32;
const howToMakeKeys = 'HRFLOW_TEMPORAL_ENCRYPTION_KEYS="$(hrflow-temporal keys generate)"';

/** Encryption is on and no key was given. The message says what to do. */
export class EncryptionKeyMissingError extends Error {
  override readonly name = 'EncryptionKeyMissingError';
}

/** Keys were given and cannot be used. The message names the entry by its number and never quotes it. */
export class EncryptionKeyInvalidError extends Error {
  override readonly name = 'EncryptionKeyInvalidError';
}

/** An AES-256 key and the id under which payloads name it. The id is public. */
export interface EncryptionKey {
  readonly id: string;
  readonly key: KeyObject;
}

/** Whether a text may be the id of a key: 1 to 64 letters, digits, `-`, `_`, `.`. */
export function isKeyId(text: string): boolean {
  return /^[\w.-]{1,64}$/.test(text);
}

/** Encryption keys in order: the first encrypts, all decrypt. */
export class KeyRing {
  /** The key that encrypts. */
  readonly current: EncryptionKey;
  readonly #keys: ReadonlyMap<string, EncryptionKey>;

  /**
   * @param keys at least one; ids as `isKeyId` says, all different; keys of 32 bytes
   * @throws EncryptionKeyMissingError if there is none, EncryptionKeyInvalidError if one breaks these rules
   */
  constructor(keys: readonly EncryptionKey[]) {
    const [first] = keys;
    if (!first) throw new EncryptionKeyMissingError('The key ring is empty: it needs at least one encryption key.');
    keys.forEach(({ id, key }, index) => {
      if (!isKeyId(id)) throw invalid(index, 'has an id that is not 1 to 64 letters, digits, "-", "_", "."');
      if (key.symmetricKeySize !== KEY_BYTES) throw invalid(index, `is not a key of ${KEY_BYTES} bytes`);
    });
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    if (this.#keys.size !== keys.length) throw new EncryptionKeyInvalidError('Two encryption keys have the same id.');
    this.current = first;
  }

  /** The key of that id, or `undefined`. */
  find(id: string): EncryptionKey | undefined {
    return this.#keys.get(id);
  }

  /** The ids of all keys, the encrypting one first. */
  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }
}

function invalid(index: number, problem: string): EncryptionKeyInvalidError {
  return new EncryptionKeyInvalidError(`Encryption key number ${index + 1} ${problem}.`);
}

/**
 * Reads keys from a text: `id:base64-of-32-bytes`, separated by commas or line breaks. Either alphabet of base64 is read, with or
 * without its padding.
 *
 * @throws EncryptionKeyMissingError or EncryptionKeyInvalidError
 */
export function parseKeyRing(text: string): KeyRing {
  const entries = text.trim().split(/[\n,]/);
  return new KeyRing(entries.map((entry, index) => parseKey(entry.trim(), index)));
}

function parseKey(entry: string, index: number): EncryptionKey {
  if (/^["'`\u2018-\u201f]|["'`\u2018-\u201f]$/.test(entry))
    throw invalid(
      index,
      'stands in quotes: remove them; Docker, for example, takes those of an env file for a part of the value',
    );
  const colon = entry.indexOf(':');
  if (colon < 1) throw invalid(index, 'is not of the form id:base64-of-32-bytes');
  const encoded = entry.slice(colon + 1);
  if (/^[\da-f]{64}$/i.test(encoded)) throw invalid(index, 'is written in hexadecimal; write its 32 bytes in base64');
  const bytes = Buffer.from(encoded, 'base64');
  // Buffer.from skips over what is not base64, so a mistyped key would quietly become another one.
  const faithful = bytes.toString('base64url') === encoded.replace(/=+$/, '').replaceAll('+', '-').replaceAll('/', '_');
  if (!faithful) throw invalid(index, 'is not valid base64 after its id');
  if (bytes.length !== KEY_BYTES) throw invalid(index, `has ${bytes.length} bytes instead of ${KEY_BYTES}`);
  return { id: entry.slice(0, colon), key: createSecretKey(bytes) };
}

/**
 * Reads keys from a file in the format of `parseKeyRing`. Others than its owner must not be able to change it; that they
 * cannot read it is not checked, because Docker and Kubernetes mount secrets readable within the container.
 *
 * @throws EncryptionKeyMissingError, EncryptionKeyInvalidError also if the file cannot be used
 */
export function keyRingFromFile(path: string): KeyRing {
  let text: string;
  try {
    assertOthersMayNot('write', path);
    text = textOf(readFileSync(path));
    if (text.trim() === '') throw new UnusableFileError('it is empty');
  } catch (error) {
    throw new EncryptionKeyInvalidError(`The file of encryption keys ${path} cannot be used: ${whyUnusable(error)}.`);
  }
  return parseFrom(`The file ${path}`, text);
}

function parseFrom(place: string, text: string): KeyRing {
  try {
    return parseKeyRing(text);
  } catch (error) {
    if (error instanceof EncryptionKeyInvalidError) throw new EncryptionKeyInvalidError(`${place}: ${error.message}`);
    throw error;
  }
}

/** The environment variables that say how payloads are encrypted. */
export type EncryptionEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Decides from the environment how payloads are encrypted.
 *
 * - `HRFLOW_TEMPORAL_ENCRYPTION`: `on` (default; an empty value counts as unset) or `off`.
 * - `HRFLOW_TEMPORAL_ENCRYPTION_KEYS`: the keys, in the format of `parseKeyRing`.
 * - `HRFLOW_TEMPORAL_ENCRYPTION_KEYS_FILE`: a file of them, used if the former is not set.
 *
 * @returns `'off'` only if it was requested explicitly
 * @throws EncryptionKeyMissingError, EncryptionKeyInvalidError
 */
export function keyRingFromEnvironment(env: EncryptionEnvironment): KeyRing | 'off' {
  const mode = env['HRFLOW_TEMPORAL_ENCRYPTION'] ?? '';
  if (mode === 'off') return 'off';
  if (mode !== 'on' && mode !== '')
    throw new EncryptionKeyInvalidError(
      'HRFLOW_TEMPORAL_ENCRYPTION is neither "on" nor "off": write one of them in small letters, without quotes and blanks.',
    );
  const keys = env['HRFLOW_TEMPORAL_ENCRYPTION_KEYS']?.trim();
  if (keys) return parseFrom('HRFLOW_TEMPORAL_ENCRYPTION_KEYS', keys);
  const file = env['HRFLOW_TEMPORAL_ENCRYPTION_KEYS_FILE'];
  if (file) return keyRingFromFile(file);
  throw new EncryptionKeyMissingError(
    `There is no encryption key. Set one, the same for every worker and client: ${howToMakeKeys}. ` +
      'Or switch encryption off explicitly: HRFLOW_TEMPORAL_ENCRYPTION=off.',
  );
}

/**
 * The namespace that ciphertext is bound to, from `HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE`; undefined if it is not to be
 * bound. White space at its ends does not count; a value without anything else counts as unset.
 *
 * @throws EncryptionKeyInvalidError if it stands in quotes: no worker without them could read what was written
 */
export function encryptionNamespace(env: EncryptionEnvironment): string | undefined {
  const namespace = env['HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE']?.trim();
  const [oddity] = odditiesOf(namespace ?? '');
  if (oddity !== undefined)
    throw new EncryptionKeyInvalidError(`HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE cannot be used: ${oddity}.`);
  return namespace === '' ? undefined : namespace;
}

/** Makes a random key as `HRFLOW_TEMPORAL_ENCRYPTION_KEYS` takes it: `id:base64`. */
export function generateEncryptionKey(id = 'k1'): string {
  return `${id}:${randomBytes(KEY_BYTES).toString('base64')}`;
}

/** Fetches the key ring from elsewhere, a key management service for example. */
export type KeyRingProvider = () => Promise<KeyRing>;

/** A key ring provider failed. The message names the class of its error and nothing else of it. */
export class KeyProviderError extends Error {
  override readonly name = 'KeyProviderError';
}

/** Where a payload codec takes its keys from. */
export interface KeySource {
  current(): Promise<EncryptionKey>;
  find(id: string): Promise<EncryptionKey | undefined>;
}

/** How often a provider is asked. */
export interface KeySourceOptions {
  /** Age in milliseconds from which the ring is fetched again when it encrypts. Default 5 minutes. */
  readonly maxAgeMs?: number;
  /** Shortest time in milliseconds between two fetches, so that unknown key ids cannot flood the provider. Default 10 s. */
  readonly minIntervalMs?: number;
  /** How long a fetch is waited for, in milliseconds. What comes later is used from then on. Default 5 s. */
  readonly timeoutMs?: number;
  /** Clock in milliseconds that nobody sets. Default `performance.now`. */
  readonly now?: () => number;
}

/**
 * Turns a key ring, or a provider of one, into a source of keys. A provider's ring is kept and fetched again when it is old or
 * when an unknown key id turns up: keys rotate without a restart. While there is a ring, a newer one is fetched beside its use;
 * waited for only if it lacks a key, or after an idle time in which its first key may have been retired. A fetch that fails or
 * hangs changes nothing. While there is none yet, such a fetch is a
 * {@link KeyProviderError}, or the provider's own EncryptionKeyMissingError or EncryptionKeyInvalidError.
 */
export function createKeySource(keys: KeyRing | KeyRingProvider, options: KeySourceOptions = {}): KeySource {
  if (keys instanceof KeyRing) {
    return { current: () => Promise.resolve(keys.current), find: (id) => Promise.resolve(keys.find(id)) };
  }
  const { maxAgeMs = 300_000, minIntervalMs = 10_000, now = () => performance.now() } = options;
  const fetchRing = createFetch(keys, options.timeoutMs ?? 5_000);
  let ring: KeyRing | undefined;
  let askedAt = -Infinity;
  let takenAt = -Infinity;
  let pending: Promise<KeyRing> | undefined;
  const take = (newer: KeyRing): void => {
    ring = newer;
    takenAt = now();
  };
  const fetched = async (): Promise<KeyRing> => {
    askedAt = now();
    try {
      return await fetchRing(take);
    } catch (error) {
      if (!ring) throw failureOf(error);
      return ring;
    } finally {
      pending = undefined;
    }
  };
  const isOlderThan = (ageMs: number): boolean => now() - askedAt >= ageMs;
  const fetchOnce = (): Promise<KeyRing> => (pending ??= fetched());
  return {
    current: async () => {
      if (!ring) return (await fetchOnce()).current;
      const newer = isOlderThan(maxAgeMs) ? fetchOnce() : undefined;
      return (now() - takenAt < IDLE_FACTOR * maxAgeMs ? ring : ((await newer) ?? ring)).current;
    },
    find: async (id) => {
      const known = (ring ?? (await fetchOnce())).find(id);
      return known ?? (pending || isOlderThan(minIntervalMs) ? (await fetchOnce()).find(id) : undefined);
    },
  };
}

/** A ring that is so many times older than it may be is not used before a fetch was tried. */
const IDLE_FACTOR = 12;

/** Makes a fetch that is waited for only so long, and hands on each ring that is newer than the one before, however late it comes. */
function createFetch(keys: KeyRingProvider, timeoutMs: number): (take: (ring: KeyRing) => void) => Promise<KeyRing> {
  let asked = 0;
  let newest = 0;
  return async (take) => {
    const number = (asked += 1);
    const answer = keys().then((ring) => {
      if (number > newest) take(ring);
      newest = Math.max(newest, number);
      return ring;
    });
    const timer = new AbortController();
    const tooLate = sleep(timeoutMs, undefined, { signal: timer.signal }).then(() => {
      throw new KeyProviderError(`The provider of encryption keys did not answer within ${timeoutMs} ms.`);
    });
    try {
      return await Promise.race([answer, tooLate]);
    } finally {
      timer.abort();
    }
  };
}

/** Problems with keys are told in our own words; the message of a key service's client may quote requests, headers included. */
function failureOf(error: unknown): Error {
  const ours = [EncryptionKeyMissingError, EncryptionKeyInvalidError, KeyProviderError];
  if (error instanceof Error && ours.some((kind) => error instanceof kind)) return error;
  return new KeyProviderError(
    `The provider of encryption keys failed with ${error instanceof Error ? error.name : 'an error'}.`,
  );
}
