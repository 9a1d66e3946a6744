import { createSecretKey, randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import {
  createKeySource,
  EncryptionKeyInvalidError,
  EncryptionKeyMissingError,
  encryptionNamespace,
  generateEncryptionKey,
  KeyProviderError,
  KeyRing,
  keyRingFromEnvironment,
  keyRingFromFile,
  parseKeyRing,
} from '../../../src/security/encryption/key-ring';

const dir = mkdtempSync(join(tmpdir(), 'hrflow-keys-'));
afterAll(() => rmSync(dir, { recursive: true }));

const material = randomBytes(32).toString('base64');

describe('parseKeyRing', () => {
  it('takes the first key as the current one and finds all', () => {
    const ring = parseKeyRing(`k2:${material},${generateEncryptionKey('k1')}\n${generateEncryptionKey('k-0.old_')}\n`);
    expect(ring.ids).toEqual(['k2', 'k1', 'k-0.old_']);
    expect(ring.current.id).toBe('k2');
    expect(ring.current.key.export().toString('base64')).toBe(material);
    expect(ring.find('k1')?.id).toBe('k1');
    expect(ring.find('k3')).toBeUndefined();
    expect(ring.find('__proto__')).toBeUndefined();
  });

  it('takes base64 without its padding', () => {
    expect(parseKeyRing(`k1:${material.replace('=', '')}`).ids).toEqual(['k1']);
  });

  it('takes base64 of either alphabet', () => {
    const bytes = Buffer.concat([Buffer.of(0xfb, 0xff, 0xfe), randomBytes(29)]);
    expect(bytes.toString('base64url')).toMatch(/[-_]/);
    for (const encoded of [bytes.toString('base64'), bytes.toString('base64url'), `${bytes.toString('base64url')}=`])
      expect(parseKeyRing(`k1:${encoded}`).current.key.export()).toEqual(bytes);
  });

  it.each([
    ['no id', material, 'number 1 is not of the form'],
    ['an empty id', `:${material}`, 'number 1 is not of the form'],
    ['an id with blanks', `my key:${material}`, 'number 1 has an id'],
    ['an id too long', `${'k'.repeat(65)}:${material}`, 'number 1 has an id'],
    ['a key too short', `k1:${material.slice(0, 20)}`, 'number 1 has 15 bytes'],
    ['a key too long', `k1:${randomBytes(33).toString('base64')}`, 'number 1 has 33 bytes'],
    ['no key', 'k1:', 'number 1 has 0 bytes'],
    ['what is not base64', `k1:${material.slice(0, 20)}!${material.slice(20)}`, 'number 1 is not valid base64'],
    ['hex', `k1:${randomBytes(32).toString('hex')}`, 'number 1 is written in hexadecimal'],
    ['quotes', `"k1:${material}"`, 'number 1 stands in quotes: remove them'],
    ['quotes around the list', `'k1:${material},k2:${material}'`, 'number 1 stands in quotes: remove them'],
    ['a quote at the end', `k1:${material}, k2:${material}\u201d`, 'number 2 stands in quotes: remove them'],
    ['a comma at the end', `k1:${material},`, 'number 2 is not of the form'],
    ['an id twice', `k1:${material},k1:${material}`, 'same id'],
    ['nothing', '', 'number 1 is not of the form'],
  ])('refuses %s without showing the key', (_, text, message) => {
    expect(() => parseKeyRing(text)).toThrow(EncryptionKeyInvalidError);
    expect(() => parseKeyRing(text)).toThrow(message);
    expect(() => parseKeyRing(text)).not.toThrow(material.slice(0, 12));
  });

  it('shows no key when it is logged', () => {
    const ring = parseKeyRing(`k1:${material}`);
    for (const shown of [inspect(ring, { depth: 9, showHidden: true }), JSON.stringify(ring)]) {
      expect(shown).not.toContain(material.slice(0, 8));
      expect(shown).not.toContain(Buffer.from(material, 'base64').toString('hex').slice(0, 8));
    }
  });
});

describe('a key ring', () => {
  it('needs a key', () => {
    expect(() => new KeyRing([])).toThrow(EncryptionKeyMissingError);
  });

  it('takes keys of 32 bytes alone', () => {
    expect(() => new KeyRing([{ id: 'k1', key: createSecretKey(randomBytes(16)) }])).toThrow(EncryptionKeyInvalidError);
  });
});

describe('keyRingFromEnvironment', () => {
  const keys = { HRFLOW_TEMPORAL_ENCRYPTION_KEYS: `k1:${material}` };

  it.each([undefined, '', 'on'])('encrypts when HRFLOW_TEMPORAL_ENCRYPTION is %j', (mode) => {
    expect(keyRingFromEnvironment({ ...keys, HRFLOW_TEMPORAL_ENCRYPTION: mode })).toBeInstanceOf(KeyRing);
  });

  it('is off if that is requested explicitly', () => {
    expect(keyRingFromEnvironment({ HRFLOW_TEMPORAL_ENCRYPTION: 'off' })).toBe('off');
    expect(keyRingFromEnvironment({ ...keys, HRFLOW_TEMPORAL_ENCRYPTION: 'off' })).toBe('off');
  });

  it.each(['OFF', 'false', '0', 'no', ' off', 'true'])('refuses HRFLOW_TEMPORAL_ENCRYPTION=%j', (mode) => {
    expect(() => keyRingFromEnvironment({ ...keys, HRFLOW_TEMPORAL_ENCRYPTION: mode })).toThrow(
      EncryptionKeyInvalidError,
    );
  });

  it.each([undefined, '', ' '])('says what to do when there is no key: %j', (value) => {
    const read = () => keyRingFromEnvironment({ HRFLOW_TEMPORAL_ENCRYPTION_KEYS: value });
    expect(read).toThrow(EncryptionKeyMissingError);
    expect(read).toThrow(/HRFLOW_TEMPORAL_ENCRYPTION_KEYS=.*HRFLOW_TEMPORAL_ENCRYPTION=off/);
  });

  it('reads a file of keys', () => {
    const file = join(dir, 'keys');
    writeFileSync(file, `k9:${material}\n${generateEncryptionKey('k8')}\n`, { mode: 0o440 });
    const ring = keyRingFromEnvironment({ HRFLOW_TEMPORAL_ENCRYPTION_KEYS_FILE: file });
    expect(ring).toBeInstanceOf(KeyRing);
    expect(keyRingFromFile(file).ids).toEqual(['k9', 'k8']);
  });

  it('reads a file with a byte order mark and the line breaks of Windows, and names another encoding', () => {
    const file = join(dir, 'windows-keys');
    writeFileSync(file, `\uFEFFk9:${material}\r\n${generateEncryptionKey('k8')}\r\n`, { mode: 0o600 });
    expect(keyRingFromFile(file).ids).toEqual(['k9', 'k8']);
    writeFileSync(file, Buffer.from(`\uFEFFk9:${material}`, 'utf16le'));
    expect(() => keyRingFromFile(file)).toThrow(`${file} cannot be used: it is UTF-16 (little-endian)`);
  });

  it('names the variable or the file of a key that cannot be used, and a file that is empty', () => {
    const file = join(dir, 'wrong-keys');
    writeFileSync(file, `k9:${material}\nk8:${material.slice(4)}\n`, { mode: 0o600 });
    expect(() => keyRingFromFile(file)).toThrow(
      `The file ${file}: Encryption key number 2 has 29 bytes instead of 32.`,
    );
    writeFileSync(file, '\uFEFF\r\n');
    expect(() => keyRingFromFile(file)).toThrow(`${file} cannot be used: it is empty.`);
    expect(() => keyRingFromEnvironment({ HRFLOW_TEMPORAL_ENCRYPTION_KEYS: `"k9:${material}"` })).toThrow(
      /^HRFLOW_TEMPORAL_ENCRYPTION_KEYS: Encryption key number 1 stands in quotes/,
    );
  });

  it('refuses a file that is missing or that others can change', () => {
    const file = join(dir, 'open-keys');
    writeFileSync(file, `k9:${material}`);
    chmodSync(file, 0o666);
    expect(() => keyRingFromFile(file)).toThrow(/mode 0666.*chmod go-w/);
    expect(() => keyRingFromFile(join(dir, 'gone'))).toThrow(EncryptionKeyInvalidError);
  });
});

describe('encryptionNamespace', () => {
  it.each([
    [undefined, undefined],
    ['', undefined],
    [' \n', undefined],
    ['prod', 'prod'],
    ['prod\r\n', 'prod'],
  ])('takes HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE=%j as %j', (value, expected) => {
    expect(encryptionNamespace({ HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE: value })).toBe(expected);
  });

  it('is refused in quotes', () => {
    expect(() => encryptionNamespace({ HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE: '"prod"' })).toThrow(
      'HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE cannot be used: it begins or ends with a quote.',
    );
  });
});

describe('a source of keys', () => {
  const first = parseKeyRing(generateEncryptionKey('k1'));
  const second = parseKeyRing(`${generateEncryptionKey('k2')},k1:${material}`);

  function hang(given: (resolve: (ring: KeyRing) => void) => void = () => undefined): Promise<KeyRing> {
    return new Promise((resolve) => given(resolve));
  }

  /** All that is under way and waits for nothing from outside is done then. */
  const settled = () => new Promise(setImmediate);

  function provided(answers: (() => Promise<KeyRing>)[]) {
    let time = 0;
    let asked = 0;
    const provider = () => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      return answer ? answer() : Promise.reject(new Error('no answer'));
    };
    const source = createKeySource(provider, { maxAgeMs: 1_000, minIntervalMs: 100, timeoutMs: 20, now: () => time });
    return { source, pass: (ms: number) => (time += ms), asked: () => asked };
  }

  it('asks a provider once for many, and again when the ring is old', async () => {
    const { source, pass, asked } = provided([() => Promise.resolve(first), () => Promise.resolve(second)]);
    const current = await Promise.all([source.current(), source.current(), source.find('k1')]);
    expect(current.map((key) => key?.id)).toEqual(['k1', 'k1', 'k1']);
    expect(asked()).toBe(1);
    pass(999);
    expect((await source.current()).id).toBe('k1');
    pass(1);
    expect((await source.current()).id).toBe('k1');
    await settled();
    expect((await source.current()).id).toBe('k2');
    expect(asked()).toBe(2);
  });

  it('uses the ring it has while the provider hangs, asks again in time, and takes an answer that comes late', async () => {
    let answer: (ring: KeyRing) => void = () => undefined;
    const { source, pass, asked } = provided([
      () => Promise.resolve(first),
      () => hang((resolve) => (answer = resolve)),
    ]);
    await source.current();
    pass(1_000);
    expect((await source.current()).id).toBe('k1');
    expect((await source.find('k1'))?.id).toBe('k1');
    expect(asked()).toBe(2);
    expect(await source.find('k2')).toBeUndefined();
    answer(second);
    await settled();
    expect((await source.current()).id).toBe('k2');
    pass(1_000);
    await source.current();
    expect(asked()).toBe(3);
  });

  it('keeps the newer of two rings when the older comes later', async () => {
    let answer: (ring: KeyRing) => void = () => undefined;
    const slow = () => hang((resolve) => (answer = resolve));
    const { source, pass } = provided([() => Promise.resolve(first), slow, () => Promise.resolve(second)]);
    await source.current();
    pass(100);
    expect(await source.find('k2')).toBeUndefined();
    pass(100);
    expect((await source.find('k2'))?.id).toBe('k2');
    answer(first);
    await settled();
    expect((await source.current()).id).toBe('k2');
  });

  it('tries a fetch first after a long idle time, in which a key may have been retired', async () => {
    const { source, pass } = provided([() => Promise.resolve(first), () => Promise.resolve(second), () => hang()]);
    await source.current();
    pass(12_000);
    expect((await source.current()).id).toBe('k2');
    pass(12_000);
    expect((await source.current()).id).toBe('k2');
  });

  it('does not wait for the first ring of a provider that hangs, and takes the next', async () => {
    const { source } = provided([() => hang(), () => Promise.resolve(first)]);
    await expect(source.current()).rejects.toThrow(
      new KeyProviderError('The provider of encryption keys did not answer within 20 ms.'),
    );
    expect((await source.current()).id).toBe('k1');
  });

  it('asks at an unknown key id, but not more often than allowed', async () => {
    const { source, pass, asked } = provided([() => Promise.resolve(first), () => Promise.resolve(second)]);
    expect((await source.current()).id).toBe('k1');
    expect(await source.find('k2')).toBeUndefined();
    expect(asked()).toBe(1);
    pass(100);
    expect((await source.find('k2'))?.id).toBe('k2');
    expect(await source.find('k3')).toBeUndefined();
    expect(asked()).toBe(2);
  });

  it('keeps using its ring while the provider fails, and fails without one', async () => {
    const down = () => Promise.reject(new Error('down'));
    const later = provided([() => Promise.resolve(first), down]);
    await later.source.current();
    later.pass(5_000);
    expect((await later.source.current()).id).toBe('k1');
    const never = provided([down, () => Promise.resolve(first)]);
    await expect(never.source.current()).rejects.toThrow(KeyProviderError);
    expect((await never.source.current()).id).toBe('k1');
  });

  it('says of an error of the provider its class alone: a key service may quote the request', async () => {
    class ThrottlingException extends Error {
      override readonly name = 'ThrottlingException';
    }
    const { source } = provided([() => Promise.reject(new ThrottlingException(`authorization: ${material}`))]);
    const failure = await source.find('k1').catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(KeyProviderError);
    expect(inspect(failure, { showHidden: true })).toContain('failed with ThrottlingException');
    expect(inspect(failure, { showHidden: true })).not.toContain(material);
  });

  it('hands on what a provider found wrong with its keys, which quotes none', async () => {
    const { source } = provided([async () => parseKeyRing(`k1:${material.slice(0, 20)}`)]);
    await expect(source.current()).rejects.toThrow(EncryptionKeyInvalidError);
  });
});
