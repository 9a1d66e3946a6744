import { createCipheriv, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { ApplicationFailure, defaultPayloadConverter, type Payload } from '@temporalio/common';
import {
  decodeOptionalFailureToOptionalError,
  encodeErrorToFailure,
} from '@temporalio/common/lib/internal-non-workflow';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/data-converter-helpers';
import fc from 'fast-check';
import { generateEncryptionKey, parseKeyRing } from '../../../src/security/encryption/key-ring';
import {
  createDataConverter,
  createPayloadCodec,
  ENCRYPTED_ENCODING,
  PayloadDecryptionError,
} from '../../../src/security/encryption/payload-codec';

const oldKey = generateEncryptionKey('k1');
const newKey = generateEncryptionKey('k2');
const codec = createPayloadCodec(parseKeyRing(oldKey));
const marker = 'MARKER-élodie@example.org';

function payloadOf(value: unknown): Payload {
  return defaultPayloadConverter.toPayload(value);
}

async function problemOf(work: Promise<unknown>): Promise<PayloadDecryptionError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof PayloadDecryptionError)) throw new Error(`expected a failure, got ${String(error)}`);
  return error;
}

async function encrypted(value: unknown = { marker }, by = codec): Promise<Payload> {
  const [payload] = await by.encode([payloadOf(value)]);
  if (!payload) throw new Error('no payload');
  return payload;
}

const textOf = (bytes: Uint8Array | null | undefined) => Buffer.from(bytes ?? []).toString('latin1');

describe('the payload codec', () => {
  it('gives back any payloads, as many and in the same order', async () => {
    const payload = fc.record({
      metadata: fc.dictionary(fc.string(), fc.uint8Array({ maxLength: 20 })),
      data: fc.uint8Array({ maxLength: 2_000 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(payload, { maxLength: 5 }), async (payloads) => {
        const decoded = await codec.decode(await codec.encode(payloads));
        expect(decoded).toHaveLength(payloads.length);
        decoded.forEach(({ metadata, data }, index) => {
          const names = Object.keys(payloads[index]!.metadata);
          expect(Object.keys(metadata ?? {}).sort()).toEqual(names.sort());
          for (const name of names) {
            expect(Buffer.from(metadata![name]!).equals(payloads[index]!.metadata[name]!)).toBe(true);
          }
          expect(Buffer.from(data!).equals(payloads[index]!.data)).toBe(true);
        });
      }),
      { numRuns: 100 },
    );
  });

  it('leaves nothing readable but encoding and key id, in small payloads too', async () => {
    for (const value of ['x', marker, { list: Array(500).fill(marker) }]) {
      const { metadata, data } = await encrypted(value);
      expect(Object.keys(metadata ?? {}).sort()).toEqual(['encoding', 'encryption-key-id']);
      expect(textOf(metadata!['encoding'])).toBe(ENCRYPTED_ENCODING);
      expect(textOf(metadata!['encryption-key-id'])).toBe('k1');
      expect(textOf(data)).not.toMatch(/MARKER|json\/plain/);
    }
  });

  it('shrinks what repeats itself and adds little to what does not', async () => {
    const profile = { experiences: Array(50).fill({ title: 'Engineer', company: 'Example', city: 'Łódź' }) };
    const plain = payloadOf(profile).data!.length;
    expect((await encrypted(profile)).data!.length).toBeLessThan(plain / 5);
    const noise = randomBytes(5_000);
    expect((await encrypted(noise)).data!.length).toBeLessThan(noise.length + 80);
  });

  it('never writes the same bytes twice', async () => {
    const [a, b] = [await encrypted(), await encrypted()];
    expect(textOf(a.data)).not.toBe(textOf(b.data));
  });

  it('hands through what others wrote and does not encrypt twice', async () => {
    const foreign = [
      payloadOf('plain'),
      { metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.of(1) },
      {},
    ];
    const handed = await codec.decode(foreign);
    handed.forEach((payload, index) => expect(payload).toBe(foreign[index]));
    const once = await encrypted();
    expect((await codec.encode([once]))[0]).toBe(once);
  });

  it('rotates keys without downtime', async () => {
    const before = createPayloadCodec(parseKeyRing(oldKey));
    const introduced = createPayloadCodec(parseKeyRing(`${oldKey},${newKey}`));
    const switched = createPayloadCodec(parseKeyRing(`${newKey},${oldKey}`));
    const retired = createPayloadCodec(parseKeyRing(newKey));
    for (const [writer, readers] of [
      [before, [before, introduced, switched]],
      [introduced, [before, introduced, switched]],
      [switched, [introduced, switched, retired]],
    ] as const) {
      for (const reader of readers) {
        const [decoded] = await reader.decode([await encrypted({ marker }, writer)]);
        expect(defaultPayloadConverter.fromPayload(decoded!)).toEqual({ marker });
      }
    }
    const problem = await problemOf(retired.decode([await encrypted({ marker }, before)]));
    expect(problem).toMatchObject({ problem: 'unknown_key', keyId: 'k1' });
    expect(problem.message).toContain('"k1"');
  });

  it('takes its keys from a provider', async () => {
    const provided = createPayloadCodec(() => Promise.resolve(parseKeyRing(oldKey)));
    const [decoded] = await provided.decode([await encrypted()]);
    expect(defaultPayloadConverter.fromPayload(decoded!)).toEqual({ marker });
  });

  it('notices any changed byte', async () => {
    const { metadata, data } = await encrypted('short');
    for (let index = 0; index < data!.length; index += 1) {
      const changed = Buffer.from(data!);
      changed[index] = changed[index]! ^ 1;
      expect((await problemOf(codec.decode([{ metadata, data: changed }]))).problem).toBe('tampered');
    }
    for (const length of [0, 1, 27, 28, data!.length - 1]) {
      expect((await problemOf(codec.decode([{ metadata, data: data!.subarray(0, length) }]))).problem).toBe('tampered');
    }
    expect((await problemOf(codec.decode([{ metadata }]))).problem).toBe('tampered');
  });

  it('notices another key under the same id, and the same key under another id', async () => {
    const payload = await encrypted();
    const impostor = createPayloadCodec(parseKeyRing(generateEncryptionKey('k1')));
    expect((await problemOf(impostor.decode([payload]))).problem).toBe('tampered');
    const alias = createPayloadCodec(parseKeyRing(`${oldKey},k9:${oldKey.slice(3)}`));
    const renamed = { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from('k9') } };
    expect((await problemOf(alias.decode([renamed]))).problem).toBe('tampered');
  });

  it('does not repeat a key id that is not one', async () => {
    const payload = await encrypted();
    const odd = { ...payload, metadata: { ...payload.metadata, 'encryption-key-id': Buffer.from(`${marker}\n`) } };
    const problem = await problemOf(codec.decode([odd]));
    expect(problem.message).not.toContain('MARKER');
    expect(problem.keyId).toBe('(malformed)');
  });

  it('is bound to a namespace only where one is configured', async () => {
    const ring = parseKeyRing(oldKey);
    const a = createPayloadCodec(ring, { namespace: 'a' });
    const b = createPayloadCodec(ring, { namespace: 'b' });
    const payload = await encrypted({ marker }, a);
    expect(await a.decode([payload])).toHaveLength(1);
    for (const other of [b, codec]) expect((await problemOf(other.decode([payload]))).problem).toBe('tampered');
  });

  it('does not unpack a bomb', async () => {
    const key = parseKeyRing(oldKey).current.key;
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', key, iv);
    cipher.setAAD(Buffer.from('hrflow-temporal/payload/1\0k1'));
    const bomb = Buffer.concat([Buffer.of(1), gzipSync(Buffer.alloc(33 * 1024 * 1024))]);
    const data = Buffer.concat([iv, cipher.update(bomb), cipher.final(), cipher.getAuthTag()]);
    const { metadata } = await encrypted();
    expect((await problemOf(codec.decode([{ metadata, data }]))).problem).toBe('too_large');
  });
});

describe('the data converter', () => {
  it('encrypts messages and stack traces of failures and gives them back', async () => {
    const converter = loadDataConverter(createDataConverter(parseKeyRing(oldKey)));
    const error = ApplicationFailure.create({
      message: marker,
      type: 'refused',
      details: [{ marker }],
      cause: new Error(marker),
    });
    const failure = await encodeErrorToFailure(converter, error);
    expect(JSON.stringify(failure)).not.toMatch(/MARKER|payload-codec/);
    expect(Buffer.from(failure.encodedAttributes!.data!).toString('latin1')).not.toContain('MARKER');
    expect(failure).toMatchObject({ message: 'Encoded failure', applicationFailureInfo: { type: 'refused' } });
    const decoded = await decodeOptionalFailureToOptionalError(converter, failure);
    expect(decoded).toMatchObject({
      message: marker,
      type: 'refused',
      details: [{ marker }],
      cause: { message: marker },
    });
  });

  it('names the failure converter by a path that Node resolves', () => {
    const { failureConverterPath } = createDataConverter(parseKeyRing(oldKey));
    expect(failureConverterPath).toMatch(/^(\/|[A-Z]:\\).*failure-converter\.[jt]s$/);
    expect(createRequire(__filename).resolve(failureConverterPath!)).toBe(failureConverterPath);
  });

  it('changes nothing when encryption is off, and still reads failures from when it was on', async () => {
    expect(createDataConverter('off')).toEqual({});
    const on = loadDataConverter({ ...createDataConverter(parseKeyRing(oldKey)), payloadCodecs: [] });
    const failure = await encodeErrorToFailure(on, new Error(marker));
    const off = loadDataConverter(createDataConverter('off'));
    expect(await decodeOptionalFailureToOptionalError(off, failure)).toMatchObject({ message: marker });
  });
});
