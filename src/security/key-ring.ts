import { createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { textOf, whyUnusable } from '../text-file';
import { assertOthersMayNot } from './private-file';

const KEY_BYTES = 32;
const howToMakeKeys = 'HRFLOW_TEMPORAL_ENCRYPTION_KEYS="k1:$(openssl rand -base64 32)"';

/** Encryption is on and no key was given. The message says what to do. */
export class EncryptionKeyMissing extends Error {
  override readonly name = 'EncryptionKeyMissing';
}

/** Keys were given and cannot be used. The message names the entry by its number and never quotes it. */
export class EncryptionKeyInvalid extends Error {
  override readonly name = 'EncryptionKeyInvalid';
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
   * @throws EncryptionKeyMissing when there is none, EncryptionKeyInvalid when one breaks these rules
   */
  constructor(keys: readonly EncryptionKey[]) {
    const [first] = keys;
    if (!first) throw new EncryptionKeyMissing('The key ring is empty: it needs at least one encryption key.');
    keys.forEach(({ id, key }, index) => {
      if (!isKeyId(id)) throw invalid(index, 'has an id that is not 1 to 64 letters, digits, "-", "_", "."');
      if (key.symmetricKeySize !== KEY_BYTES) throw invalid(index, `is not a key of ${KEY_BYTES} bytes`);
    });
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    if (this.#keys.size !== keys.length) throw new EncryptionKeyInvalid('Two encryption keys have the same id.');
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

function invalid(index: number, problem: string): EncryptionKeyInvalid {
  return new EncryptionKeyInvalid(`Encryption key number ${index + 1} ${problem}.`);
}

/**
 * Reads keys from a text: `id:base64-of-32-bytes`, separated by commas or line breaks.
 *
 * @throws EncryptionKeyMissing or EncryptionKeyInvalid
 */
export function parseKeyRing(text: string): KeyRing {
  const entries = text.trim().split(/[\n,]/);
  return new KeyRing(entries.map((entry, index) => parseKey(entry.trim(), index)));
}

function parseKey(entry: string, index: number): EncryptionKey {
  const colon = entry.indexOf(':');
  if (colon < 1) throw invalid(index, 'is not of the form id:base64-of-32-bytes');
  const encoded = entry.slice(colon + 1);
  const bytes = Buffer.from(encoded, 'base64');
  // Buffer.from skips over what is not base64, so a mistyped key would quietly become another one.
  const faithful = bytes.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
  if (!faithful) throw invalid(index, 'is not valid base64 after its id');
  if (bytes.length !== KEY_BYTES) throw invalid(index, `has ${bytes.length} bytes instead of ${KEY_BYTES}`);
  return { id: entry.slice(0, colon), key: createSecretKey(bytes) };
}

/**
 * Reads keys from a file in the format of `parseKeyRing`. Others than its owner must not be able to change it; that they
 * cannot read it is not checked, because Docker and Kubernetes mount secrets readable within the container.
 *
 * @throws EncryptionKeyMissing, EncryptionKeyInvalid also when the file cannot be used
 */
export function keyRingFromFile(path: string): KeyRing {
  let text: string;
  try {
    assertOthersMayNot('write', path);
    text = textOf(readFileSync(path));
  } catch (error) {
    throw new EncryptionKeyInvalid(`The file of encryption keys ${path} cannot be used: ${whyUnusable(error)}.`);
  }
  return parseKeyRing(text);
}

/** The environment variables that say how payloads are encrypted. */
export type EncryptionEnvironment = Readonly<Record<string, string | undefined>>;

/**
 * Decides from the environment how payloads are encrypted.
 *
 * - `HRFLOW_TEMPORAL_ENCRYPTION`: `on` (default; an empty value counts as unset) or `off`.
 * - `HRFLOW_TEMPORAL_ENCRYPTION_KEYS`: the keys, in the format of `parseKeyRing`.
 * - `HRFLOW_TEMPORAL_ENCRYPTION_KEYS_FILE`: a file of them, used where the former is not set.
 *
 * @returns `'off'` only when it was asked for in so many words
 * @throws EncryptionKeyMissing, EncryptionKeyInvalid
 */
export function keyRingFromEnvironment(env: EncryptionEnvironment): KeyRing | 'off' {
  const mode = env['HRFLOW_TEMPORAL_ENCRYPTION'] ?? '';
  if (mode === 'off') return 'off';
  if (mode !== 'on' && mode !== '')
    throw new EncryptionKeyInvalid('HRFLOW_TEMPORAL_ENCRYPTION is neither "on" nor "off".');
  const keys = env['HRFLOW_TEMPORAL_ENCRYPTION_KEYS']?.trim();
  if (keys) return parseKeyRing(keys);
  const file = env['HRFLOW_TEMPORAL_ENCRYPTION_KEYS_FILE'];
  if (file) return keyRingFromFile(file);
  throw new EncryptionKeyMissing(
    `There is no encryption key. Set one, the same for every worker and client: ${howToMakeKeys}. ` +
      'Or do without encryption, in so many words: HRFLOW_TEMPORAL_ENCRYPTION=off.',
  );
}

/**
 * The namespace that ciphertext is bound to, from `HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE`; undefined where it is not to be
 * bound. An empty value counts as unset.
 */
export function encryptionNamespace(env: EncryptionEnvironment): string | undefined {
  const namespace = env['HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE'];
  return namespace === '' ? undefined : namespace;
}

/** Makes a random key as `HRFLOW_TEMPORAL_ENCRYPTION_KEYS` takes it: `id:base64`. */
export function generateEncryptionKey(id = 'k1'): string {
  return `${id}:${randomBytes(KEY_BYTES).toString('base64')}`;
}

/** Fetches the key ring from elsewhere, a key management service for example. */
export type KeyRingProvider = () => Promise<KeyRing>;

/** A key ring provider failed. The message names the class of its error and nothing else of it. */
export class KeyProviderFailed extends Error {
  override readonly name = 'KeyProviderFailed';
}

/** Where a payload codec takes its keys from. */
export interface KeySource {
  current(): Promise<EncryptionKey>;
  find(id: string): Promise<EncryptionKey | undefined>;
}

/** How often a provider is asked. */
export interface KeySourceOptions {
  /** Age in milliseconds from which the ring is fetched again before it encrypts. Default 5 minutes. */
  readonly maxAgeMs?: number;
  /** Shortest time in milliseconds between two fetches, so that unknown key ids cannot flood the provider. Default 10 s. */
  readonly minIntervalMs?: number;
  /** Clock in milliseconds. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Turns a key ring, or a provider of one, into a source of keys. A provider's ring is kept, fetched again when it is old
 * or when an unknown key id turns up, and used on when a later fetch fails: keys rotate without a restart. While there is none
 * yet, a failed fetch is a {@link KeyProviderFailed}, or the provider's own EncryptionKeyMissing or EncryptionKeyInvalid.
 */
export function createKeySource(keys: KeyRing | KeyRingProvider, options: KeySourceOptions = {}): KeySource {
  if (keys instanceof KeyRing) {
    return { current: () => Promise.resolve(keys.current), find: (id) => Promise.resolve(keys.find(id)) };
  }
  const { maxAgeMs = 300_000, minIntervalMs = 10_000, now = Date.now } = options;
  let ring: KeyRing | undefined;
  let askedAt = -Infinity;
  let pending: Promise<KeyRing> | undefined;
  const fetchRing = async (): Promise<KeyRing> => {
    askedAt = now();
    try {
      ring = await keys();
    } catch (error) {
      if (!ring) throw failureOf(error);
    } finally {
      pending = undefined;
    }
    return ring;
  };
  const ringNotOlderThan = (ageMs: number): Promise<KeyRing> => {
    if (ring && now() - askedAt < ageMs) return Promise.resolve(ring);
    pending ??= fetchRing();
    return pending;
  };
  return {
    current: async () => (await ringNotOlderThan(maxAgeMs)).current,
    find: async (id) => (await ringNotOlderThan(Infinity)).find(id) ?? (await ringNotOlderThan(minIntervalMs)).find(id),
  };
}

/** Problems with keys are told in our own words; the message of a key service's client may quote requests, headers included. */
function failureOf(error: unknown): Error {
  if (error instanceof EncryptionKeyMissing || error instanceof EncryptionKeyInvalid) return error;
  return new KeyProviderFailed(
    `The provider of encryption keys failed with ${error instanceof Error ? error.name : 'an error'}.`,
  );
}
