import * as http from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { FastifyInstance } from 'fastify';
import { createCodecServer, type CodecServerOptions } from '../../../src/security/encryption/codec-server';
import { generateEncryptionKey, parseKeyRing } from '../../../src/security/encryption/key-ring';
import { createPayloadCodec } from '../../../src/security/encryption/payload-codec';

const ui = 'https://temporal.example';
const codec = createPayloadCodec(parseKeyRing(generateEncryptionKey('k1')));
const marker = 'MARKER-zoe@example.org';
const authorized = { authorization: 'Bearer t0ken-of-prod', 'x-namespace': 'prod', 'content-type': 'application/json' };

const servers: FastifyInstance[] = [];
const logged: unknown[] = [];

afterEach(async () => {
  logged.length = 0;
  for (const server of servers.splice(0)) await server.close();
});

function start(options: Partial<CodecServerOptions> = {}): FastifyInstance {
  const log = (...args: unknown[]) => void logged.push(args);
  const server = createCodecServer({
    codec,
    uiOrigins: [ui],
    tokens: [
      { token: 't0ken-of-prod', namespaces: ['prod', 'staging'] },
      { token: 't0ken-of-all', namespaces: ['*'] },
    ],
    logger: { info: log, warn: log },
    ...options,
  });
  servers.push(server);
  return server;
}

function jsonOf({ metadata, data }: Payload) {
  const entries = Object.entries(metadata ?? {}).map(([name, value]) => [name, Buffer.from(value).toString('base64')]);
  return { metadata: Object.fromEntries(entries), data: Buffer.from(data ?? []).toString('base64') };
}

const plain = jsonOf(defaultPayloadConverter.toPayload({ marker }));

async function encryptedBody() {
  const payloads = await codec.encode([defaultPayloadConverter.toPayload({ marker })]);
  return { payloads: payloads.map(jsonOf) };
}

interface Answer {
  readonly statusCode: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
  json(): unknown;
}

function placeOf({ server }: FastifyInstance): http.RequestOptions {
  const address = server.address();
  return typeof address === 'string' ? { socketPath: address } : { host: '127.0.0.1', port: address?.port };
}

/** Over a real connection: what Fastify injects its own requests with cannot be loaded by Jest on Node 20. */
async function call(server: FastifyInstance, options: http.RequestOptions, body = ''): Promise<Answer> {
  if (!server.server.listening) await server.listen({ port: 0, host: '127.0.0.1' });
  const place = placeOf(server);
  return new Promise((resolve, reject) => {
    const request = http.request({ agent: false, ...place, ...options }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const json = () => JSON.parse(text) as unknown;
        resolve({ statusCode: response.statusCode ?? 0, headers: response.headers, body: text, json });
      });
    });
    request.once('error', reject).end(body);
  });
}

function post(server: FastifyInstance, path: string, headers: http.OutgoingHttpHeaders, body: unknown) {
  return call(server, { method: 'POST', path, headers }, typeof body === 'string' ? body : JSON.stringify(body));
}

function decode(server: FastifyInstance, headers: http.OutgoingHttpHeaders, body: unknown = { payloads: [] }) {
  return post(server, '/decode?preserveStorageRefs=true', headers, body);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise(setImmediate);
}

describe('the codec server', () => {
  it('decodes what the codec wrote and encodes what it can decode again', async () => {
    const server = start();
    const decoded = await decode(server, { ...authorized, origin: ui }, await encryptedBody());
    expect(decoded.statusCode).toBe(200);
    expect(decoded.json()).toEqual({ payloads: [plain] });
    expect(decoded.headers['access-control-allow-origin']).toBe(ui);
    expect(decoded.headers['cache-control']).toBe('no-store');

    const encoded = await post(server, '/encode', authorized, { payloads: [plain] });
    expect(encoded.body).not.toContain(plain.data);
    expect((await decode(server, authorized, encoded.json())).json()).toEqual({ payloads: [plain] });
  });

  it('hands through the payloads of others, with fields that it does not know', async () => {
    const foreign = [
      { metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'MQ==', externalPayloads: [{ size: '3' }] },
      {},
    ];
    expect((await decode(start(), authorized, { payloads: foreign })).json()).toEqual({ payloads: foreign });
  });

  it('answers the preflight of the configured origin alone', async () => {
    const server = start();
    const request = (origin?: string) =>
      call(server, { method: 'OPTIONS', path: '/decode', headers: origin === undefined ? {} : { origin } });
    const allowed = await request(ui);
    expect(allowed.statusCode).toBe(204);
    expect(allowed.headers).toMatchObject({
      'access-control-allow-origin': ui,
      'access-control-allow-methods': 'POST, OPTIONS',
      'access-control-allow-headers': 'content-type, x-namespace, authorization, authorization-extras',
      vary: 'Origin',
    });
    for (const origin of [
      undefined,
      'null',
      'https://evil.example',
      `${ui}.evil.example`,
      `${ui}:444`,
      'http://temporal.example',
    ]) {
      const refused = await request(origin);
      expect(refused.statusCode).toBe(403);
      expect(refused.headers).not.toHaveProperty('access-control-allow-origin');
    }
  });

  it('gives nothing to another origin, even with a valid token', async () => {
    const answer = await decode(start(), { ...authorized, origin: 'https://evil.example' }, await encryptedBody());
    expect(answer.statusCode).toBe(403);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
    expect(answer.json()).toEqual({ error: 'this origin is not allowed' });
  });

  it.each([
    ['no token', undefined],
    ['an empty token', 'Bearer '],
    ['a wrong token', 'Bearer t0ken-of-prof'],
    ['the beginning of a token', 'Bearer t0ken-of-pro'],
    ['a token with more', 'Bearer t0ken-of-prod2'],
    ['a token for a password', 'Basic t0ken-of-prod'],
    ['another scheme', 'Digest t0ken-of-prod'],
    ['a token without a scheme', 't0ken-of-prod'],
  ])('answers 401 to %s', async (_, authorization) => {
    const { authorization: __, ...rest } = authorized;
    const answer = await decode(
      start(),
      { ...rest, ...(authorization ? { authorization } : {}) },
      await encryptedBody(),
    );
    expect(answer.statusCode).toBe(401);
    expect(answer.headers['www-authenticate']).toMatch(/^Basic realm="[^"]+", charset="UTF-8"$/);
    expect(answer.json()).toEqual({ error: 'a valid token is needed' });
  });

  it('takes a token as the password of Basic authentication, whatever the user name', async () => {
    const server = start({ tokens: [{ token: 't0ken:of é', namespaces: ['prod'] }] });
    const statusOf = async (credentials: string, namespace = 'prod') => {
      const authorization = `Basic ${Buffer.from(credentials).toString('base64')}`;
      return (await decode(server, { ...authorized, authorization, 'x-namespace': namespace })).statusCode;
    };
    expect(await statusOf('zoe:t0ken:of é')).toBe(200);
    expect(await statusOf(':t0ken:of é')).toBe(200);
    expect(await statusOf('zoe:t0ken:of é', 'staging')).toBe(403);
    for (const wrong of ['zoe:t0ken:of', 't0ken:of é', 'zoe:', 't0ken', '']) expect(await statusOf(wrong)).toBe(401);
  });

  it('authorizes by namespace', async () => {
    const server = start();
    const statusOf = async (token: string, namespace: string) =>
      (await decode(server, { ...authorized, authorization: `bearer ${token}`, 'x-namespace': namespace })).statusCode;
    expect(await statusOf('t0ken-of-prod', 'staging')).toBe(200);
    expect(await statusOf('t0ken-of-prod', 'other')).toBe(403);
    expect(await statusOf('t0ken-of-prod', '*')).toBe(403);
    expect(await statusOf('t0ken-of-all', 'other')).toBe(200);
    expect(await statusOf('t0ken-of-prod', '')).toBe(400);
  });

  it('takes the codec of the namespace', async () => {
    const server = start({ codec: (namespace) => (namespace === 'prod' ? codec : undefined) });
    expect((await decode(server, authorized, await encryptedBody())).json()).toEqual({ payloads: [plain] });
    const other = await decode(server, { ...authorized, 'x-namespace': 'staging' });
    expect(other.statusCode).toBe(403);
  });

  it.each([
    ['no JSON', 'MARKER{'],
    ['no payloads', '{"payload":[]}'],
    ['payloads that are no list', '{"payloads":{}}'],
    ['data that is not base64', '{"payloads":[{"data":"MARKER é"}]}'],
    ['metadata that is not base64', '{"payloads":[{"metadata":{"encoding":"MARKER!"}}]}'],
    ['null', 'null'],
    ['nothing', ''],
  ])('answers 400 to %s', async (_, body) => {
    const answer = await decode(start(), authorized, body);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ error: expect.stringContaining('the body') });
    expect(answer.body).not.toContain('MARKER');
  });

  it('answers 413 to a body that is too large, 415 to another type, 404 to other paths', async () => {
    const server = start({ maxBodyBytes: 100 });
    expect((await decode(server, authorized, { payloads: [{ data: 'A'.repeat(200) }] })).statusCode).toBe(413);
    expect((await decode(server, { ...authorized, 'content-type': 'text/plain' }, 'x')).statusCode).toBe(415);
    expect((await call(server, { path: '/decode', headers: authorized })).statusCode).toBe(404);
    expect((await call(server, { path: '/keys' })).statusCode).toBe(401);
  });

  it('answers 413 to what unpacks to more than the limit together, though each payload is within it', async () => {
    const payloads = await codec.encode(
      ['a', 'b', 'c'].map((one) => defaultPayloadConverter.toPayload(one.repeat(998))),
    );
    const body = (count: number) => ({ payloads: payloads.slice(0, count).map(jsonOf) });
    const server = start({ maxDecodedBytes: 2_100 });
    expect((await decode(server, authorized, body(2))).statusCode).toBe(200);
    const refused = await decode(server, authorized, body(3));
    expect(refused.statusCode).toBe(413);
    expect(refused.json()).toEqual({ error: 'the payloads unpack to more than 2100 bytes together' });
  });

  it('counts metadata, which unpack like data, and stops at the payload that is too much', async () => {
    let decoded = 0;
    const fat = {
      encode: codec.encode,
      decode: () => {
        decoded += 1;
        return Promise.resolve([{ metadata: { note: Buffer.alloc(80) }, data: Buffer.alloc(20) }]);
      },
    };
    const server = start({ codec: fat, maxDecodedBytes: 250 });
    expect((await decode(server, authorized, { payloads: Array(1_000).fill({}) })).statusCode).toBe(413);
    expect(decoded).toBe(3);
  });

  it('waits a limited time for a request that does not arrive and an answer that is not fetched', () => {
    const { requestTimeout, timeout } = start().server;
    for (const limit of [requestTimeout, timeout]) {
      expect(limit).toBeGreaterThan(0);
      expect(limit).toBeLessThanOrEqual(60_000);
    }
  });

  describe('under many large requests', () => {
    const large = { maxBodyBytes: 1_000, maxDecodedBytes: 1_000, maxHeldBytes: 2_000 };
    const fat = { encode: codec.encode, decode: () => Promise.resolve([{ data: Buffer.alloc(900) }]) };
    const one = { payloads: [{ data: 'AAAA' }] };
    const busy = { error: 'too much is being decoded at the moment: ask again' };

    /** A request whose body does not come: what it will take is kept for it. */
    async function stall(server: FastifyInstance, headers: http.OutgoingHttpHeaders): Promise<http.ClientRequest> {
      const arrived = new Promise((resolve) => server.server.once('request', resolve));
      const request = http.request({ ...placeOf(server), method: 'POST', path: '/decode', agent: false, headers });
      request.on('error', () => undefined).flushHeaders();
      await arrived;
      return request;
    }

    it('answers 503 to what is beyond the limit, before it is read, and 200 when the others have ended', async () => {
      const server = start(large);
      await server.listen({ port: 0, host: '127.0.0.1' });
      const told = await stall(server, { ...authorized, 'content-length': 1_000 });
      const untold = await stall(server, { ...authorized, 'transfer-encoding': 'chunked' });
      const refused = await decode(server, { ...authorized, origin: ui }, { payloads: [] });
      expect(refused).toMatchObject({ statusCode: 503, headers: { 'retry-after': '1' } });
      expect(refused.headers['access-control-allow-origin']).toBe(ui);
      expect(refused.json()).toEqual(busy);
      told.destroy();
      await until(async () => (await decode(server, authorized)).statusCode === 200);
      untold.destroy();
    });

    it('counts what the payloads of all requests unpack to, and gives it back', async () => {
      const server = start({ ...large, codec: fat });
      await server.listen({ port: 0, host: '127.0.0.1' });
      const other = await stall(server, { ...authorized, 'content-length': 1_000 });
      const refused = await decode(server, authorized, { payloads: [{ data: 'A'.repeat(200) }] });
      expect([refused.statusCode, refused.json()]).toEqual([503, busy]);
      other.destroy();
      await until(async () => (await decode(server, authorized, one)).statusCode === 200);
      for (let time = 0; time < 5; time += 1) expect((await decode(server, authorized, one)).statusCode).toBe(200);
    });

    it('keeps nothing for a request without a valid token', async () => {
      const server = start(large);
      await server.listen({ port: 0, host: '127.0.0.1' });
      const headers = { ...authorized, authorization: 'Bearer wr0ng', 'content-length': 1_000 };
      const strangers = [await stall(server, headers), await stall(server, headers), await stall(server, headers)];
      expect((await decode(server, authorized)).statusCode).toBe(200);
      for (const stranger of strangers) stranger.destroy();
    });

    it('lets a request that is within its own limits through where it is the only one', async () => {
      const server = start({ ...large, maxHeldBytes: 1, codec: fat });
      expect((await decode(server, authorized, one)).statusCode).toBe(200);
    });

    it('waits for a codec that hangs no longer than its request lasts', async () => {
      const hung = { metadata: { kind: Buffer.from('hangs') } };
      let begin: () => void = () => undefined;
      const begun = new Promise<void>((resolve) => (begin = resolve));
      const decodeOne = ([payload]: Payload[]) => {
        if (!payload?.metadata?.['kind']) return Promise.resolve([{ data: Buffer.alloc(1) }]);
        begin();
        return new Promise<never>(() => undefined);
      };
      const server = start({ codec: { encode: codec.encode, decode: decodeOne } });
      await server.listen({ port: 0, host: '127.0.0.1' });
      const hanging = await stall(server, { ...authorized, 'transfer-encoding': 'chunked' });
      hanging.end(JSON.stringify({ payloads: [jsonOf(hung)] }));
      await begun;
      const other = decode(server, authorized, one);
      hanging.destroy();
      expect((await other).statusCode).toBe(200);
    });

    it('unpacks one payload at a time, and continues after one that fails', async () => {
      let [running, most] = [0, 0];
      const counting = {
        encode: codec.encode,
        decode: async ([payload]: Payload[]) => {
          most = Math.max(most, (running += 1));
          await new Promise(setImmediate);
          running -= 1;
          if (payload?.data?.length === 3) throw new RangeError('odd');
          return [{ data: Buffer.alloc(10) }];
        },
      };
      const server = start({ codec: counting });
      await server.listen({ port: 0, host: '127.0.0.1' });
      const bodies = [one, { payloads: [{ data: 'AA==' }, { data: 'AA==' }] }];
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, index) => decode(server, authorized, bodies[index % 2])),
      );
      expect(answers.map(({ statusCode }) => statusCode)).toEqual(
        Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? 500 : 200)),
      );
      expect(most).toBe(1);
    });
  });

  it('names the missing key when it cannot decode', async () => {
    const other = createPayloadCodec(parseKeyRing(generateEncryptionKey('k7')));
    const answer = await decode(start({ codec: other }), authorized, await encryptedBody());
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toEqual({ error: expect.stringContaining('"k1"') });
  });

  it('hides what went wrong inside', async () => {
    const broken = { encode: codec.encode, decode: () => Promise.reject(new RangeError(marker)) };
    const answer = await decode(start({ codec: broken }), authorized, await encryptedBody());
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toEqual({ error: 'internal error' });
    expect(JSON.stringify(logged)).toContain('RangeError');
    expect(JSON.stringify(logged)).not.toContain('MARKER');
  });

  it('logs each request without body, token, namespace and query', async () => {
    const server = start();
    const body = await encryptedBody();
    await decode(server, authorized, body);
    await decode(server, { ...authorized, authorization: 'Bearer wr0ng' }, body);
    await decode(server, authorized, `{"payloads":["${marker}"`);
    expect(logged).toHaveLength(3);
    expect(logged[0]).toEqual([
      'codec server answered',
      { method: 'POST', path: '/decode', status: 200, durationMs: expect.any(Number) },
    ]);
    expect(JSON.stringify(logged)).not.toMatch(/MARKER|t0ken|wr0ng|preserveStorageRefs/);
    expect(JSON.stringify(logged)).not.toContain(body.payloads[0]!.data);
  });

  it('is not made without tokens, with an empty one, or with an origin that is not exact', () => {
    expect(() => start({ tokens: [] })).toThrow(TypeError);
    expect(() => start({ tokens: [{ token: '', namespaces: ['*'] }] })).toThrow(TypeError);
    for (const origin of ['*', 'https://temporal.example/', 'temporal.example', 'https://*.example', 'null', '']) {
      expect(() => start({ uiOrigins: [origin] })).toThrow('is not an exact origin');
    }
  });
});

describe('the codec server without tokens', () => {
  const local = 'http://localhost:8233';
  const development = { tokens: [], allowWithoutToken: true, uiOrigins: [local] };
  const headers = { 'content-type': 'application/json', 'x-namespace': 'default' };

  it('decodes for the UI of the development server, and for nobody else', async () => {
    const server = start(development);
    const answer = await decode(server, { ...headers, origin: local }, await encryptedBody());
    expect(answer.json()).toEqual({ payloads: [plain] });
    expect((await decode(server, headers)).statusCode).toBe(401);
    expect((await decode(server, { ...headers, origin: 'http://localhost:8234' })).statusCode).toBe(403);
    expect((await decode(server, { ...headers, origin: local, authorization: 'Bearer guess' })).statusCode).toBe(401);
    expect((await decode(server, { ...headers, 'x-namespace': '', origin: local })).statusCode).toBe(400);
  });

  it('decodes for nobody who does not come over a loopback address', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'hrflow-codec-'));
    const server = start(development);
    try {
      await server.listen({ path: join(dir, 'socket') });
      expect((await decode(server, { ...headers, origin: local })).statusCode).toBe(401);
    } finally {
      await server.close();
      rmSync(dir, { recursive: true });
    }
  });

  it('needs the token where nothing else was said', async () => {
    const server = start({ uiOrigins: [local] });
    expect((await decode(server, { ...headers, origin: local })).statusCode).toBe(401);
    const authorization = 'Bearer t0ken-of-all';
    expect((await decode(server, { ...headers, origin: local, authorization })).statusCode).toBe(200);
  });
});
