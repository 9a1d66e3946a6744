import { once } from 'node:events';
import * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import axios from 'axios';
import { afterEach, describe, expect, it } from '@jest/globals';
import { classify } from '../../../src/http/classify';
import { createHttpClient, TooLateError } from '../../../src/http/client';
import { parseEgressAllowList } from '../../../src/http/egress/allow-list';
import { createEgressGuard, EgressError } from '../../../src/http/egress/guard';
import { jsonOf, type HttpOutcome } from '../../../src/http/outcome';
import { loopbackCertificate } from './egress-certificate';
import { answerOf, callTo, client, httpServer, LIMITS, noAnswerOf, rawServer, readOf, serve } from './local-server';

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(server: net.Server, scheme: 'http' | 'https' = 'http') {
  const local = await serve(server, scheme);
  closers.push(local.close);
  return local;
}

function verdictOf(outcome: HttpOutcome): string {
  return classify(outcome, { kind: 'create', successStatuses: [201], json: false }, Date.now()).verdict;
}

const head = (length: number, status = '201 Created') =>
  `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n\r\n`;

describe('an answer that comes', () => {
  it('is handed over with status, headers and body, whatever the status', async () => {
    const { url } = await start(httpServer((_, response) => response.writeHead(418, { 'X-A': 'b' }).end('tea')));
    const answer = answerOf(await client.send(callTo(url), LIMITS));
    expect(answer).toMatchObject({ status: 418, complete: true, withinLimit: true });
    expect(answer.headers['x-a']).toBe('b');
    expect(answer.body.toString()).toBe('tea');
  });

  it('holds JSON in UTF-8, as it was sent', async () => {
    const name = `Élodie O'Neil "Zoé" Łódź 🚀`;
    const { url } = await start(httpServer((request, response) => request.pipe(response)));
    const body = JSON.stringify({ name });
    const headers = { 'Content-Type': 'application/json; charset=utf-8' };
    const answer = answerOf(await client.send(callTo(url, { body, headers }), LIMITS));
    expect(jsonOf(answer)).toEqual({ name });
    expect(answer.body).toEqual(Buffer.from(body, 'utf8'));
  });

  it('is unpacked where it is gzipped', async () => {
    const { url } = await start(
      httpServer((_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(gzipSync('packed'))),
    );
    expect(answerOf(await client.send(readOf(url), LIMITS)).body.toString()).toBe('packed');
  });

  it.each(['identity', 'gzip', 'br', 'deflate'])(
    'is not whole where its body is no %s that it says it is',
    async (coding) => {
      const { url } = await start(
        httpServer((_, response) => {
          response.writeHead(201, { 'Content-Encoding': coding, 'Content-Length': 50 });
          response.write('this is no archive', () => response.socket?.end());
        }),
      );
      const outcome = await client.send(callTo(url), LIMITS);
      expect(answerOf(outcome)).toMatchObject({ status: 201, complete: false });
      expect(verdictOf(outcome)).toBe('ok');
    },
  );

  it.each(['gzip', 'deflate', 'br'])('is undecodable where it is no %s though it says so', async (encoding) => {
    const { url } = await start(
      httpServer((_, response) => response.writeHead(200, { 'Content-Encoding': encoding }).end('%PDF-1.7 plain')),
    );
    expect(answerOf(await client.send(readOf(url), LIMITS))).toMatchObject({ complete: false, undecodable: true });
  });

  it('counts as created when its body breaks off', async () => {
    const { url } = await start(rawServer(`${head(100)}{"id":`));
    const outcome = await client.send(callTo(url), LIMITS);
    expect(answerOf(outcome)).toMatchObject({ status: 201, complete: false, withinLimit: true });
    expect(answerOf(outcome).body.toString()).toBe('{"id":');
    expect(verdictOf(outcome)).toBe('ok');
  });

  it('counts as created when its body is reset', async () => {
    const { url } = await start(rawServer(`${head(100)}{"id":`, (socket) => socket.resetAndDestroy()));
    const outcome = await client.send(callTo(url), LIMITS);
    // The reset may overtake the head: then nobody knows.
    expect(['ok', 'unknown']).toContain(verdictOf(outcome));
  });

  it('is read to the limit of the call and no further', async () => {
    const chunk = Buffer.alloc(64 * 1024, 0x61);
    const { url } = await start(
      httpServer((_, response) => {
        const pour = (): void => {
          while (!response.destroyed && response.write(chunk));
        };
        response.on('drain', pour);
        pour();
      }),
    );
    const answer = answerOf(await client.send(readOf(url, { maxBytes: 100_000 }), LIMITS));
    expect(answer).toMatchObject({ status: 200, complete: false, withinLimit: false });
    expect(answer.body.length).toBeLessThanOrEqual(100_000);
  });

  it('may be exactly as large as the limit', async () => {
    const { url } = await start(httpServer((_, response) => response.end('12345')));
    const answer = answerOf(await client.send(readOf(url, { maxBytes: 5 }), LIMITS));
    expect(answer).toMatchObject({ complete: true, withinLimit: true });
  });

  it('counts unpacked bytes against the limit', async () => {
    const bomb = gzipSync(Buffer.alloc(1_000_000));
    const { url } = await start(
      httpServer((_, response) => response.writeHead(200, { 'Content-Encoding': 'gzip' }).end(bomb)),
    );
    expect(answerOf(await client.send(readOf(url, { maxBytes: 10_000 }), LIMITS)).withinLimit).toBe(false);
  });
});

describe('no answer', () => {
  it('of a port where nobody listens is refused, and nothing was sent', async () => {
    const server = await serve(net.createServer());
    await server.close();
    expect(await client.send(callTo(server.url), LIMITS)).toMatchObject({
      arrived: 'nothing',
      sent: false,
      code: 'refused',
    });
  });

  const resolverSays = (code: string) => Object.assign(new Error(code), { code });

  it.each([
    ['does not exist', 'ENOTFOUND', 'unknown_host', 'there is no such host'],
    ['cannot be resolved now', 'EAI_AGAIN', 'dns', 'the host name could not be resolved'],
  ])('of a name that %s is told apart: %s is %s', async (_name, error, code, words) => {
    const lookup = () => Promise.reject(resolverSays(error));
    const guard = createEgressGuard({ allow: parseEgressAllowList(''), lookup });
    const lost = createHttpClient({ tenant: guard, operator: guard });
    const outcome = await lost.send(callTo('https://nowhere.invalid/path?q'), LIMITS);
    const reason = `https://nowhere.invalid:443: ${words}`;
    expect(outcome).toEqual({ arrived: 'nothing', sent: false, code, reason });
  });

  it('of a name that was resolved before and is unknown now is a bad day of the resolver', async () => {
    const server = await start(httpServer((_, response) => response.end('{}')));
    let known = true;
    const lookup = () => (known ? Promise.resolve(['127.0.0.1']) : Promise.reject(resolverSays('ENOTFOUND')));
    const guard = createEgressGuard({ allow: parseEgressAllowList('known.test'), lookup });
    const client = createHttpClient({ tenant: guard, operator: guard });
    const call = callTo(`http://known.test:${server.port}/`);
    expect((await client.send(call, LIMITS)).arrived).toBe('answer');
    known = false;
    expect(await client.send(call, LIMITS)).toMatchObject({ arrived: 'nothing', sent: false, code: 'dns' });
  });

  it('of a name that is never resolved is connect_timeout', async () => {
    const guard = createEgressGuard({ allow: parseEgressAllowList(''), lookup: () => new Promise(() => undefined) });
    const slow = createHttpClient({ tenant: guard, operator: guard });
    const outcome = await slow.send(callTo('https://slow.invalid/'), { ...LIMITS, connectTimeoutMs: 50 });
    expect(outcome).toMatchObject({ arrived: 'nothing', sent: false, code: 'connect_timeout' });
  });

  it('of a TLS handshake that does not end is connect_timeout', async () => {
    const server = await start(net.createServer());
    const outcome = await client.send(callTo(`https://127.0.0.1:${server.port}/`), {
      ...LIMITS,
      connectTimeoutMs: 100,
    });
    expect(outcome).toMatchObject({ arrived: 'nothing', sent: false, code: 'connect_timeout' });
  });

  it('of a certificate that nobody vouches for is final, and names it', async () => {
    const server = await start(
      https.createServer(loopbackCertificate, (_, response) => response.end()),
      'https',
    );
    const guard = createEgressGuard({ allow: parseEgressAllowList('127.0.0.1') });
    const strict = createHttpClient({ tenant: guard, operator: guard });
    expect(await strict.send(callTo(server.url), LIMITS)).toEqual({
      arrived: 'nothing',
      sent: false,
      code: 'bad_tls',
      reason: `${server.url}: its certificate is not accepted (DEPTH_ZERO_SELF_SIGNED_CERT)`,
    });
  });

  it.each(['HTTP/1.1 400 Bad Request\r\n\r\n', 'SSH-2.0-OpenSSH_9.6\r\n'])(
    'of a server that speaks no TLS is final: %j',
    async (bytes) => {
      const server = await start(rawServer(bytes));
      const outcome = await client.send(callTo(`https://127.0.0.1:${server.port}/`), LIMITS);
      expect(outcome).toMatchObject({ arrived: 'nothing', sent: false, code: 'bad_tls' });
    },
  );

  it('of a TLS handshake that breaks off is tls, and may go better the next time', async () => {
    const server = await start(net.createServer((socket) => socket.once('data', () => socket.destroy())));
    const outcome = await client.send(callTo(`https://127.0.0.1:${server.port}/`), LIMITS);
    expect(outcome).toMatchObject({ arrived: 'nothing', sent: false, code: 'tls' });
  });

  it.each(['http://10.0.0.1/', 'https://169.254.169.254/', 'ftp://127.0.0.1/', 'https://u:p@127.0.0.1/', 'no url'])(
    'of %s is blocked',
    async (url) => {
      expect(await client.send(callTo(url), LIMITS)).toMatchObject({
        arrived: 'nothing',
        sent: false,
        code: 'blocked',
      });
    },
  );

  it('of a connection that ends without an answer is reset, and something may have been sent', async () => {
    const { url } = await start(rawServer(''));
    const outcome = await client.send(callTo(url), LIMITS);
    expect(outcome).toEqual({ arrived: 'nothing', sent: true, code: 'reset' });
    expect(verdictOf(outcome)).toBe('unknown');
  });

  it.each(['resets', 'closes'])('of a connection that %s during the upload is reset', async (how) => {
    const { url } = await start(
      net.createServer((socket) =>
        socket.once('data', () => (how === 'resets' ? socket.resetAndDestroy() : socket.destroy())),
      ),
    );
    const body = 'x'.repeat(20_000_000);
    expect(await client.send(callTo(url, { body }), LIMITS)).toEqual({ arrived: 'nothing', sent: true, code: 'reset' });
  });

  it.each(['SSH-2.0-OpenSSH_9.6\r\n', 'HTTP/1.1 abc\r\n\r\n', 'HTTP/1.1 200 OK\r\nBad Header\r\n\r\n'])(
    'that is HTTP is garbled, and something may have been sent: %j',
    async (bytes) => {
      const { url } = await start(rawServer(bytes));
      expect(await client.send(callTo(url), LIMITS)).toEqual({ arrived: 'nothing', sent: true, code: 'garbled' });
    },
  );

  it('within the response time-out is timeout', async () => {
    const { url } = await start(httpServer(() => undefined));
    const started = performance.now();
    const outcome = await client.send(callTo(url), { ...LIMITS, responseTimeoutMs: 150 });
    expect(outcome).toEqual({ arrived: 'nothing', sent: true, code: 'timeout' });
    expect(verdictOf(outcome)).toBe('unknown');
    expect(performance.now() - started).toBeLessThan(1_500);
  });

  it('to an upload that nobody reads is timeout', async () => {
    const { url } = await start(net.createServer((socket) => socket.pause()));
    const call = callTo(url, { body: 'x'.repeat(50_000_000) });
    const outcome = await client.send(call, { ...LIMITS, responseTimeoutMs: 150 });
    expect(outcome).toEqual({ arrived: 'nothing', sent: true, code: 'timeout' });
  });
});

describe('the response time-out', () => {
  it('covers a slow body: what has come is handed over, not whole', async () => {
    const { url } = await start(
      httpServer((_, response) => {
        response.writeHead(201);
        const drip = setInterval(() => response.write('.'), 20);
        response.on('close', () => clearInterval(drip));
      }),
    );
    const outcome = await client.send(callTo(url), { ...LIMITS, responseTimeoutMs: 2_000 });
    expect(answerOf(outcome)).toMatchObject({ status: 201, complete: false });
    expect(verdictOf(outcome)).toBe('ok');
  });

  it('begins with the first byte and not with the connection', async () => {
    const { url } = await start(
      httpServer((_, response) => setTimeout(() => response.writeHead(201).end(), 100).unref()),
    );
    const outcome = await client.send(callTo(url), {
      connectTimeoutMs: 2_000,
      responseTimeoutMs: 1_500,
      beforeFirstByte: () => undefined,
    });
    expect(answerOf(outcome).status).toBe(201);
  });

  it('is shared by the redirects of one call', async () => {
    let requests = 0;
    const { url } = await start(
      httpServer((_, response) => {
        requests += 1;
        setTimeout(() => response.writeHead(302, { Location: '/again' }).end(), 300).unref();
      }),
    );
    const outcome = await client.send(readOf(url), { connectTimeoutMs: 400, responseTimeoutMs: 400 });
    expect(noAnswerOf(outcome).code).toBe('timeout');
    expect(requests).toBeLessThanOrEqual(3);
  });
});

describe('a redirect', () => {
  async function redirecting(status: number, location: string) {
    return start(
      httpServer((request, response) => {
        if (request.url === '/end') response.end(`${request.method} ${request.headers.authorization ?? ''}`);
        else response.writeHead(status, { Location: location }).end();
      }),
    );
  }

  it.each([301, 302, 303, 307, 308])('%d within the origin is followed by a read, with its headers', async (status) => {
    const { url } = await redirecting(status, '/end');
    const answer = answerOf(await client.send(readOf(`${url}/start`, { headers: { Authorization: 'key' } }), LIMITS));
    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toBe('GET key');
  });

  it('to another origin is not followed, and no header goes there', async () => {
    const elsewhere = await start(httpServer((_, response) => response.end()));
    const { url } = await redirecting(302, `${elsewhere.url}/end`);
    const outcome = await client.send(readOf(url, { headers: { Authorization: 'key' } }), LIMITS);
    expect(answerOf(outcome).status).toBe(302);
    expect(elsewhere.connections()).toBe(0);
  });

  it.each(['http://user:password@127.0.0.1', '//127.0.0.1:1', 'https://127.0.0.1', 'file:///etc', '', 'http://['])(
    'to %j is not followed',
    async (location) => {
      const { url } = await redirecting(302, location);
      expect(answerOf(await client.send(readOf(url), LIMITS)).status).toBe(302);
    },
  );

  it('with credentials for the same origin is blocked', async () => {
    const server = await start(
      httpServer((_, response) => {
        response.writeHead(302, { Location: `http://user:password@127.0.0.1:${server.port}/end` }).end();
      }),
    );
    expect(noAnswerOf(await client.send(readOf(server.url), LIMITS)).code).toBe('blocked');
  });

  it.each(['create', 'upsert', 'lookup'] as const)('is never followed by a POST of a %s', async (kind) => {
    const { url, received } = await redirecting(307, '/end');
    expect(answerOf(await client.send(callTo(url, { kind }), LIMITS)).status).toBe(307);
    expect(received().match(/POST/g)).toHaveLength(1);
  });

  it('in a circle ends', async () => {
    const { url, received } = await redirecting(302, '/start');
    expect(answerOf(await client.send(readOf(url), LIMITS)).status).toBe(302);
    expect(received().match(/GET/g)).toHaveLength(6);
  });
});

describe('a cancellation', () => {
  it('before the call sends nothing', async () => {
    const server = await start(httpServer((_, response) => response.end()));
    const outcome = await client.send(callTo(server.url), { ...LIMITS, signal: AbortSignal.abort() });
    expect(outcome).toEqual({ arrived: 'nothing', sent: false, code: 'aborted' });
    expect(server.received()).toBe('');
  });

  it('between connecting and the first byte sends nothing', async () => {
    const server = await start(httpServer((_, response) => response.end()));
    const controller = new AbortController();
    const outcome = await client.send(callTo(server.url), {
      ...LIMITS,
      signal: controller.signal,
      beforeFirstByte: () => {
        controller.abort();
        throw new TooLateError();
      },
    });
    expect(noAnswerOf(outcome)).toMatchObject({ sent: false });
    expect(server.received()).toBe('');
  });

  it('after the first byte is not heard by a create', async () => {
    const controller = new AbortController();
    const { url } = await start(
      httpServer((_, response) => {
        controller.abort();
        setTimeout(() => response.writeHead(201).end('{}'), 100).unref();
      }),
    );
    const outcome = await client.send(callTo(url), { ...LIMITS, signal: controller.signal });
    expect(answerOf(outcome)).toMatchObject({ status: 201, complete: true });
  });

  it.each(['read', 'lookup', 'upsert'] as const)('after the first byte ends a %s at once', async (kind) => {
    const controller = new AbortController();
    const { url } = await start(httpServer(() => controller.abort()));
    const started = performance.now();
    const outcome = await client.send(callTo(url, { kind }), { ...LIMITS, signal: controller.signal });
    expect(noAnswerOf(outcome).sent).toBe(true);
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('during the body ends a read at once', async () => {
    const controller = new AbortController();
    const { url } = await start(
      httpServer((_, response) => {
        response.writeHead(200);
        response.write('part', () => controller.abort());
      }),
    );
    const outcome = await client.send(readOf(url), { ...LIMITS, signal: controller.signal });
    if (outcome.arrived === 'answer') expect(outcome.complete).toBe(false);
    else expect(outcome.sent).toBe(true);
  });
});

describe('beforeFirstByte', () => {
  it('that throws is too_late: a connection came about and no byte went over it', async () => {
    const server = await start(httpServer((_, response) => response.end()));
    const beforeFirstByte = () => {
      throw new TooLateError();
    };
    const outcome = await client.send(callTo(server.url), { ...LIMITS, beforeFirstByte });
    expect(outcome).toEqual({ arrived: 'nothing', sent: false, code: 'too_late' });
    expect(verdictOf(outcome)).toBe('not_sent');
    expect(server.received()).toBe('');
  });

  it('runs once per call, when the connection stands', async () => {
    const server = await start(httpServer((_, response) => response.writeHead(201).end()));
    let runs = 0;
    const beforeFirstByte = () => {
      runs += 1;
      expect(server.received()).toBe('');
    };
    expect(answerOf(await client.send(callTo(server.url), { ...LIMITS, beforeFirstByte })).status).toBe(201);
    expect(runs).toBe(1);
  });

  it('does not run where no connection came about', async () => {
    const server = await serve(net.createServer());
    await server.close();
    const beforeFirstByte = () => {
      throw new Error('it ran');
    };
    expect(noAnswerOf(await client.send(callTo(server.url), { ...LIMITS, beforeFirstByte })).code).toBe('refused');
  });
});

describe('what goes over the wire', () => {
  it('goes round no proxy of the environment', async () => {
    const proxy = await start(httpServer((_, response) => response.writeHead(502).end()));
    const server = await start(httpServer((_, response) => response.end('direct')));
    const names = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];
    const before = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = proxy.url;
    try {
      expect(answerOf(await client.send(readOf(server.url), LIMITS)).body.toString()).toBe('direct');
    } finally {
      for (const [name, value] of before) {
        if (value === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = value;
      }
    }
    expect(proxy.connections()).toBe(0);
  });

  it('is not shown to interceptors of the process-wide axios, and takes no default from it', async () => {
    const { url, received } = await start(httpServer((_, response) => response.end('{}')));
    const seen: unknown[] = [];
    const asked = axios.interceptors.request.use((config) => (seen.push(config), config));
    const answered = axios.interceptors.response.use((response) => (seen.push(response), response));
    axios.defaults.headers.common['X-Default'] = 'of somebody';
    axios.defaults.baseURL = 'http://127.0.0.1:1';
    try {
      await client.send(callTo(url, { headers: { Authorization: 'key' } }), LIMITS);
      await client.send(readOf(url), LIMITS);
    } finally {
      axios.interceptors.request.eject(asked);
      axios.interceptors.response.eject(answered);
      delete axios.defaults.headers.common['X-Default'];
      delete axios.defaults.baseURL;
    }
    expect(seen).toEqual([]);
    expect(received()).toMatch(/authorization: key/i);
    expect(received()).not.toMatch(/x-default/i);
  });

  it('is a body of bytes, with its length', async () => {
    const body = Buffer.from([0, 255, 13, 10]);
    const server = await start(httpServer((request, response) => request.pipe(response)));
    expect(answerOf(await client.send(callTo(server.url, { body }), LIMITS)).body).toEqual(body);
    expect(server.received()).toMatch(/content-length: 4\r\n/i);
  });

  it('is a form with its media type', async () => {
    const { url, received } = await start(httpServer((_, response) => response.end('{}')));
    const body = new URLSearchParams({ client_secret: 'a+b/&=é' });
    await client.send(callTo(url, { kind: 'read', body }), LIMITS);
    expect(received()).toMatch(/content-type: application\/x-www-form-urlencoded/i);
    expect(received()).toContain('client_secret=a%2Bb%2F%26%3D%C3%A9');
  });

  it('asks for JSON unless told otherwise, and says who asks', async () => {
    const { url, received } = await start(httpServer((_, response) => response.end('{}')));
    await client.send(readOf(url), LIMITS);
    await client.send(readOf(url, { headers: { Accept: '*/*' } }), LIMITS);
    expect(received()).toMatch(/accept: application\/json/i);
    expect(received()).toMatch(/accept: \*\/\*/i);
    expect(received()).toMatch(/user-agent: hrflow-temporal/i);
  });
});

describe('a connection', () => {
  it('serves reads and lookups one after the other', async () => {
    const server = await start(httpServer((_, response) => response.end('{}')));
    for (const kind of ['read', 'lookup', 'read'] as const) await client.send(readOf(server.url, { kind }), LIMITS);
    expect(server.connections()).toBe(1);
  });

  it.each(['create', 'upsert'] as const)('serves one %s alone', async (kind) => {
    const server = await start(httpServer((_, response) => response.end('{}')));
    await client.send(readOf(server.url), LIMITS);
    await client.send(callTo(server.url, { kind }), LIMITS);
    await client.send(callTo(server.url, { kind }), LIMITS);
    expect(server.connections()).toBe(3);
  });

  it('that was kept and breaks at its next call is replaced once, for that call', async () => {
    let calls = 0;
    const server = await start(
      httpServer((request, response) => {
        calls += 1;
        if (calls === 2) request.socket.destroy();
        else response.end(String(calls));
      }),
    );
    await client.send(readOf(server.url), LIMITS);
    expect(answerOf(await client.send(readOf(server.url), LIMITS)).body.toString()).toBe('3');
    expect(server.connections()).toBe(2);
  });

  it('that is new and breaks ends the call, and so does a replaced one', async () => {
    const server = await start(httpServer((request) => void request.socket.destroy()));
    expect(noAnswerOf(await client.send(readOf(server.url), LIMITS))).toEqual({
      arrived: 'nothing',
      sent: true,
      code: 'reset',
    });
    expect(server.connections()).toBe(1);
  });

  it('that is kept has its time-out for each answer', async () => {
    let calls = 0;
    const server = await start(
      httpServer((_, response) => {
        calls += 1;
        if (calls === 1) response.end('{}');
      }),
    );
    await client.send(readOf(server.url), LIMITS);
    const late = await client.send(readOf(server.url), { ...LIMITS, responseTimeoutMs: 200 });
    expect(noAnswerOf(late).code).toBe('timeout');
  });
});

describe('connections that are kept', () => {
  const everywhere = createEgressGuard({ allow: parseEgressAllowList('127.0.0.0/8') });
  const guards = { tenant: everywhere, operator: everywhere };

  /** A server that closes no connection by itself, on every address of this machine. */
  async function patientServer(answer: http.RequestListener = (_, response) => void response.end('{}')) {
    const server = httpServer(answer);
    server.keepAliveTimeout = 0;
    server.listen(0, '0.0.0.0');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    closers.push(() => {
      server.closeAllConnections();
      server.close();
    });
    const open = () => promisify(server.getConnections.bind(server))();
    return { open, urlOf: (host: number) => `http://127.0.0.${host}:${port}/` };
  }

  it('are no more than 64, however many hosts a profile names', async () => {
    const server = await patientServer();
    const client = createHttpClient(guards);
    for (let host = 1; host <= 200; host += 1) {
      expect((await client.send(readOf(server.urlOf(host)), LIMITS)).arrived).toBe('answer');
    }
    while ((await server.open()) > 64) await nextTurn();
    expect(await server.open()).toBe(64);
  });

  it('are closed when they lie idle, and not while an answer takes longer than that', async () => {
    const server = await patientServer((_, response) => setTimeout(() => response.end('{}'), 300));
    const client = createHttpClient(guards, { idleMs: 50 });
    const hosts = Array.from({ length: 20 }, (_, index) => index + 1);
    const outcomes = await Promise.all(hosts.map((host) => client.send(readOf(server.urlOf(host)), LIMITS)));
    expect(outcomes.map(({ arrived }) => arrived)).toEqual(hosts.map(() => 'answer'));
    while ((await server.open()) > 0) await nextTurn();
    const again = await client.send(readOf(server.urlOf(1)), LIMITS);
    expect(again.arrived).toBe('answer');
  });
});

it('a call that cannot be made says so without quoting its headers', async () => {
  const server = await start(http.createServer((_, response) => response.end()));
  const call = callTo(server.url, { headers: { 'not a header name': 'the-secret-value' } });
  const failure = await client.send(call, LIMITS).then(
    () => new Error('it was sent'),
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(Error);
  expect(failure).not.toBeInstanceOf(EgressError);
  expect(String(failure)).toMatch(/could not be made/);
  expect(String(failure)).not.toMatch(/secret|not a header/);
  expect(server.received()).toBe('');
});
