import { writeFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { Command } from 'commander';
import { define } from '../../../src/cli/commands/codec-server';
import { generateEncryptionKey, parseKeyRing } from '../../../src/security/encryption/key-ring';
import { createPayloadCodec } from '../../../src/security/encryption/payload-codec';
import { recordCli } from '../cli/support';

const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-codec-'));
afterAll(() => rmSync(folder, { recursive: true }));

const key = generateEncryptionKey('k1');
const tokens = ['a', 'b'].map((name) => ({ token: `a long random text for ${name}`, namespaces: [name] }));
const tokensFile = join(folder, 'tokens.json');
writeFileSync(tokensFile, JSON.stringify(tokens), { mode: 0o600 });

let stop: () => Promise<void> = () => Promise.resolve();
afterEach(() => stop());

/** Runs the command and gives its address. */
async function start(env: Record<string, string>, file = tokensFile): Promise<string> {
  const cli = recordCli({ env: { HRFLOW_TEMPORAL_ENCRYPTION_KEYS: key, ...env } });
  let say: (line: string) => void = () => undefined;
  const said = new Promise<string>((resolve) => (say = resolve));
  const command = new Command();
  define(command, { ...cli, out: (line) => say(line) });
  const ended = command.parseAsync(['--port', '0', '--json', '--tokens', file], { from: 'user' });
  stop = async () => {
    process.emit('SIGTERM');
    await ended.catch(() => undefined);
  };
  return JSON.parse(await Promise.race([said, ended.then(() => '{}')])).address;
}

async function statusOf(address: string, [payload]: Payload[], by: string, namespace: string): Promise<number> {
  const entries = Object.entries(payload?.metadata ?? {}).map(([name, value]) => [
    name,
    Buffer.from(value).toString('base64'),
  ]);
  const encoded = { metadata: Object.fromEntries(entries), data: Buffer.from(payload?.data ?? []).toString('base64') };
  const headers = {
    'content-type': 'application/json',
    'x-namespace': namespace,
    authorization: `Bearer a long random text for ${by}`,
  };
  const answer = await fetch(`${address}/decode`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ payloads: [encoded] }),
  });
  return answer.status;
}

function encrypted(namespace?: string): Promise<Payload[]> {
  const codec = createPayloadCodec(parseKeyRing(key), { ...(namespace !== undefined && { namespace }) });
  return codec.encode([defaultPayloadConverter.toPayload('x')]);
}

describe('codec-server', () => {
  it('decodes a namespace for its own token alone, where ciphertext is bound to namespaces', async () => {
    const address = await start({ HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE: 'a' });
    const [ofA, ofB] = [await encrypted('a'), await encrypted('b')];
    expect(await statusOf(address, ofA, 'a', 'a')).toBe(200);
    expect(await statusOf(address, ofB, 'b', 'b')).toBe(200);
    expect(await statusOf(address, ofA, 'b', 'b')).toBe(400);
    expect(await statusOf(address, ofA, 'b', 'a')).toBe(403);
    expect(await statusOf(address, await encrypted(), 'a', 'a')).toBe(400);
  });

  it('decodes any namespace under a key for any token, where it is not', async () => {
    const address = await start({});
    expect(await statusOf(address, await encrypted(), 'b', 'b')).toBe(200);
    expect(await statusOf(address, await encrypted('a'), 'a', 'a')).toBe(400);
  });

  it('says where it cannot listen, and why', async () => {
    const port = Number(new URL(await start({})).port);
    const second = new Command();
    const cli = recordCli({ env: { HRFLOW_TEMPORAL_ENCRYPTION_KEYS: key } });
    define(second, cli);
    await expect(second.parseAsync(['--port', String(port), '--tokens', tokensFile], { from: 'user' })).rejects.toThrow(
      `cannot listen at 127.0.0.1, port ${port} (EADDRINUSE): the port is taken: give another --port`,
    );
  });

  it('reads tokens with a byte order mark, and says what is wrong with them without quoting them', async () => {
    const file = join(folder, 'written.json');
    writeFileSync(file, `\uFEFF${JSON.stringify(tokens)}\r\n`, { mode: 0o600 });
    const address = await start({}, file);
    expect(await statusOf(address, await encrypted(), 'b', 'b')).toBe(200);
    await stop();
    writeFileSync(file, '[{ "token": "a long random text", }]');
    await expect(start({}, file)).rejects.toThrow(
      `--tokens: ${file} cannot be used: it is not valid JSON: line 1, column 35: remove the comma before this "}"`,
    );
    writeFileSync(file, Buffer.from('\uFEFF[]', 'utf16le'));
    await expect(start({}, file)).rejects.toThrow('it is UTF-16 (little-endian)');
  });

  it('takes a token without the line break at its end, and refuses one that no request can carry', async () => {
    const file = join(folder, 'slips.json');
    const put = (token: string) => writeFileSync(file, JSON.stringify([{ token, namespaces: ['b'] }]), { mode: 0o600 });
    put('a long random text for b\r\n');
    const address = await start({}, file);
    expect(await statusOf(address, await encrypted(), 'b', 'b')).toBe(200);
    await stop();
    put(' a long random text for b');
    await expect(start({}, file)).rejects.toThrow(`--tokens: ${file}: 0.token: it begins with white space: remove it`);
    put('"a long random text for b"');
    await expect(start({}, file)).rejects.toThrow('0.token: it begins or ends with a quote: remove it');
    await expect(start({}, file)).rejects.not.toThrow('random');
  });
});
