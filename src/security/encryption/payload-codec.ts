import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { gunzip, gunzipSync, gzip, gzipSync } from 'node:zlib';
import type { DataConverter, Payload, PayloadCodec } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import {
  createKeySource,
  isKeyId,
  type EncryptionKey,
  type KeyRing,
  type KeyRingProvider,
  type KeySource,
} from './key-ring';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Value of the metadata field `encoding` of payloads that this codec wrote. */
export const ENCRYPTED_ENCODING = 'binary/hrflow-aes256gcm';

/** Metadata field that names the key of an encrypted payload. */
const KEY_ID_FIELD = 'encryption-key-id';

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CONTEXT = 'hrflow-temporal/payload/1';
/** Temporal takes 2 MB per payload; what unpacks to more than this is an attack or a mistake. */
const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;
/** First byte of the plaintext: how the rest is packed. It stands inside, so that it is authenticated. */
const PLAIN = 0;
const GZIPPED = 1;

/** Why a payload could not be decrypted. */
export type DecryptionProblem = 'unknown_key' | 'tampered' | 'too_large';

/** A payload of ours cannot be decrypted. Neither message nor fields hold anything of its content. */
export class PayloadDecryptionError extends Error {
  override readonly name = 'PayloadDecryptionError';

  constructor(
    readonly problem: DecryptionProblem,
    /** The id of the key that the payload names. */
    readonly keyId: string,
    message: string,
  ) {
    super(message);
  }
}

/** Options of the payload codec. */
export interface PayloadCodecOptions {
  /**
   * Binds the ciphertext to this namespace: a payload copied into another one does not decrypt there. Every worker,
   * client and codec server of the namespace must then name it. Default: not bound.
   */
  readonly namespace?: string;
}

/**
 * Makes the codec that protects payloads: gzip (if it shrinks), then AES-256-GCM with a random 96-bit IV.
 * Authenticated along with the content are a constant, the key id and, if configured, the namespace; not the workflow
 * id, which differs between the writer and the reader of a schedule's payloads. A payload that is already encrypted is not
 * encrypted again, and `decode` hands through what another codec wrote, so it may be switched on while runs are open.
 *
 * The length of the ciphertext shows how well the content compresses.
 *
 * @param keys a key ring, or a provider of one (see `createKeySource`)
 * @throws PayloadDecryptionError from `decode`
 */
export function createPayloadCodec(keys: KeyRing | KeyRingProvider, options: PayloadCodecOptions = {}): PayloadCodec {
  const source = createKeySource(keys);
  const context = options.namespace === undefined ? [CONTEXT] : [CONTEXT, options.namespace];
  return {
    encode: (payloads) => Promise.all(payloads.map((payload) => encrypt(payload, source, context))),
    decode: (payloads) => Promise.all(payloads.map((payload) => decrypt(payload, source, context))),
  };
}

function isEncrypted(payload: Payload): boolean {
  return metadataText(payload, 'encoding') === ENCRYPTED_ENCODING;
}

function metadataText(payload: Payload, field: string): string {
  return Buffer.from(payload.metadata?.[field] ?? []).toString();
}

async function encrypt(payload: Payload, source: KeySource, context: readonly string[]): Promise<Payload> {
  if (isEncrypted(payload)) return payload;
  const key = await source.current();
  const plaintext = await pack(temporal.api.common.v1.Payload.encode(payload).finish());
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key.key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(additionalData(key, context));
  return {
    metadata: { encoding: Buffer.from(ENCRYPTED_ENCODING), [KEY_ID_FIELD]: Buffer.from(key.id) },
    data: Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]),
  };
}

async function decrypt(payload: Payload, source: KeySource, context: readonly string[]): Promise<Payload> {
  if (!isEncrypted(payload)) return payload;
  const key = await keyOf(payload, source);
  const data = Buffer.from(payload.data ?? []);
  if (data.length < IV_BYTES + TAG_BYTES) throw tampered(key.id);
  const decipher = createDecipheriv(ALGORITHM, key.key, data.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(additionalData(key, context));
  decipher.setAuthTag(data.subarray(-TAG_BYTES));
  let plaintext: Buffer;
  try {
    plaintext = Buffer.concat([decipher.update(data.subarray(IV_BYTES, -TAG_BYTES)), decipher.final()]);
  } catch {
    throw tampered(key.id);
  }
  return temporal.api.common.v1.Payload.decode(await unpack(plaintext, key.id));
}

async function keyOf(payload: Payload, source: KeySource): Promise<EncryptionKey> {
  const named = metadataText(payload, KEY_ID_FIELD);
  const key = await source.find(named);
  if (key) return key;
  // The id comes from the server: what does not look like one is not repeated into logs.
  const shown = isKeyId(named) ? named : '(malformed)';
  throw new PayloadDecryptionError(
    'unknown_key',
    shown,
    `A payload was encrypted with the key "${shown}", which is not among the encryption keys here; add it after the first.`,
  );
}

/** Key ids hold no zero byte, so the parts cannot run into one another. */
function additionalData(key: EncryptionKey, [constant = '', ...namespace]: readonly string[]): Buffer {
  return Buffer.from([constant, key.id, ...namespace].join('\0'));
}

function tampered(keyId: string): PayloadDecryptionError {
  return new PayloadDecryptionError(
    'tampered',
    keyId,
    `A payload encrypted with the key "${keyId}" does not pass its check: it was changed, belongs to another namespace, or ` +
      'another key has the same id.',
  );
}

/** Below this, handing the work to another thread takes longer than doing it. In bytes. */
const WORTH_A_THREAD = 64 * 1024;
/** A gzip header alone has 18 bytes: what is this short does not shrink by as much as is worth a try. */
const TOO_SHORT_TO_SHRINK = 128;

async function pack(message: Uint8Array): Promise<Buffer> {
  if (message.length < TOO_SHORT_TO_SHRINK) return Buffer.concat([Buffer.of(PLAIN), message]);
  const packed = message.length < WORTH_A_THREAD ? gzipSync(message) : await compress(message);
  return packed.length < message.length
    ? Buffer.concat([Buffer.of(GZIPPED), packed])
    : Buffer.concat([Buffer.of(PLAIN), message]);
}

async function unpack(plaintext: Buffer, keyId: string): Promise<Buffer> {
  const content = plaintext.subarray(1);
  if (plaintext[0] !== GZIPPED) return content;
  try {
    const limits = { maxOutputLength: MAX_UNPACKED_BYTES };
    return content.length < WORTH_A_THREAD / 4 ? gunzipSync(content, limits) : await decompress(content, limits);
  } catch {
    // The content is authentic here, so this is not damage.
    throw new PayloadDecryptionError(
      'too_large',
      keyId,
      `A payload encrypted with the key "${keyId}" unpacks to more than ${MAX_UNPACKED_BYTES} bytes.`,
    );
  }
}

/**
 * The data converter that worker and client share.
 *
 * With keys, payloads are encrypted, and messages and stack traces of failures with them. With `'off'`, both are readable
 * in Temporal's database: moving failures into payloads that nobody encrypts would protect nothing and only hide them
 * from the UI. Failures written while encryption was on are read either way.
 */
export function createDataConverter(
  keys: KeyRing | KeyRingProvider | 'off',
  options: PayloadCodecOptions = {},
): DataConverter {
  if (keys === 'off') return {};
  return {
    failureConverterPath: require.resolve('./failure-converter'),
    payloadCodecs: [createPayloadCodec(keys, options)],
  };
}
