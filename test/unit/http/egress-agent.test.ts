import * as http from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import axios, { AxiosError, type AxiosRequestConfig } from 'axios';
import { createAgents, type GuardedAgentOptions } from '../../../src/http/egress/agent';
import { parseEgressAllowList } from '../../../src/http/egress/allow-list';
import { createEgressGuard, EgressError, type EgressGuard } from '../../../src/http/egress/guard';
import { loopbackCertificate } from './egress-certificate';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface TestServer {
  readonly port: number;
  readonly connections: Socket[];
  /** Bytes of each connection that arrived, as text. */
  readonly received: string[];
  readonly requests: string[];
  /** Resolves when the first connection has been closed. */
  readonly firstClosed: Promise<unknown>;
}

async function start(
  server: http.Server,
  answer: http.RequestListener = (_, res) => res.end('ok'),
): Promise<TestServer> {
  const connections: Socket[] = [];
  const received: string[] = [];
  const requests: string[] = [];
  const firstClosed = new Promise((resolve) => {
    server.on('connection', (socket: Socket) => {
      const index = connections.push(socket) - 1;
      received[index] = '';
      socket.on('error', () => undefined).once('close', resolve);
      socket.on('data', (bytes: Buffer) => (received[index] = `${received[index] ?? ''}${bytes.toString('latin1')}`));
    });
  });
  server.on('request', (request, response) => {
    requests.push(`${request.method} ${request.url}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    connections.forEach((socket) => socket.destroy());
    return new Promise((resolve) => server.close(resolve));
  });
  return { port: (server.address() as AddressInfo).port, connections, received, requests, firstClosed };
}

const guard = createEgressGuard({ allow: parseEgressAllowList('127.0.0.1'), ca: loopbackCertificate.cert });

function agents(options: Partial<GuardedAgentOptions> = {}, from = guard) {
  const pair = createAgents(from, { connectTimeoutMs: 5_000, keepAlive: false, ...options });
  closers.push(() => {
    pair.httpAgent.destroy();
    pair.httpsAgent.destroy();
  });
  return pair;
}

async function failureOf(config: AxiosRequestConfig): Promise<AxiosError> {
  const error = await axios.request({ proxy: false, ...config }).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof AxiosError)) throw new Error(`expected an AxiosError, got ${String(error)}`);
  return error;
}

describe.each([0, 5])('guarded agents with axios, maxRedirects %d', (maxRedirects) => {
  it('send over http', async () => {
    const server = await start(http.createServer());
    const url = `http://127.0.0.1:${server.port}/echo`;
    const response = await axios.post(url, { a: 1 }, { proxy: false, maxRedirects, ...agents() });
    expect(response.data).toBe('ok');
    expect(server.received[0]).toMatch(/^POST \/echo HTTP\/1\.1\r\n[^]*\{"a":1\}$/);
  });

  it('send over https', async () => {
    const server = await start(https.createServer(loopbackCertificate));
    const url = `https://127.0.0.1:${server.port}/`;
    const response = await axios.get(url, { proxy: false, maxRedirects, ...agents() });
    expect(response.data).toBe('ok');
    expect(server.requests).toEqual(['GET /']);
  });

  it('run beforeFirstByte on the connected socket, before any byte', async () => {
    const server = await start(http.createServer());
    const seen: unknown[] = [];
    const beforeFirstByte = async () => {
      while (server.connections.length === 0) await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(server.connections.length, server.received[0]);
    };
    const url = `http://127.0.0.1:${server.port}/`;
    await axios.post(url, 'body', { proxy: false, maxRedirects, ...agents({ beforeFirstByte }) });
    expect(seen).toEqual([1, '']);
    expect(server.received[0]).toContain('body');
  });

  it.each(['http', 'https'])('write nothing when beforeFirstByte throws, over %s', async (scheme) => {
    const server = await start(scheme === 'http' ? http.createServer() : https.createServer(loopbackCertificate));
    const tooLate = new Error('too late');
    for (const beforeFirstByte of [
      () => Promise.reject(tooLate),
      () => {
        throw tooLate;
      },
    ]) {
      const url = `${scheme}://127.0.0.1:${server.port}/`;
      const error = await failureOf({
        method: 'post',
        url,
        data: 'body',
        maxRedirects,
        ...agents({ beforeFirstByte }),
      });
      expect(error.cause).toBe(tooLate);
    }
    await server.firstClosed;
    expect(server.requests).toEqual([]);
    if (scheme === 'http') expect(server.received.join('')).toBe('');
  });

  it('hand on the reason when the guard refuses', async () => {
    const server = await start(http.createServer());
    const strict = createEgressGuard({ allow: parseEgressAllowList('') });
    const url = `http://127.0.0.1:${server.port}/`;
    const error = await failureOf({ url, maxRedirects, ...agents({}, strict) });
    expect(error.cause).toBeInstanceOf(EgressError);
    expect(error).toMatchObject({ code: 'blocked', cause: { code: 'blocked' } });
    expect(server.connections).toEqual([]);
  });

  it('hand on a failed certificate, a refused port and an unanswered name', async () => {
    const server = await start(https.createServer(loopbackCertificate));
    const distrustful = createEgressGuard({ allow: parseEgressAllowList('127.0.0.1') });
    const url = `https://127.0.0.1:${server.port}/`;
    const untrusted = await failureOf({ url, maxRedirects, ...agents({}, distrustful) });
    expect(untrusted.cause).toMatchObject({ name: 'EgressError', code: 'bad_tls' });

    const silent = createEgressGuard({ allow: parseEgressAllowList(''), lookup: () => new Promise(() => undefined) });
    const unanswered = await failureOf({
      url: 'https://slow.test/',
      maxRedirects,
      ...agents({ connectTimeoutMs: 20 }, silent),
    });
    expect(unanswered.cause).toMatchObject({ name: 'EgressError', code: 'connect_timeout' });
  });

  it('refuse a local socket', async () => {
    const config = { url: 'http://127.0.0.1/', socketPath: '/var/run/some.sock', maxRedirects };
    const error = await failureOf({ ...config, ...agents() });
    expect(error.cause).toMatchObject({ name: 'EgressError', code: 'blocked' });
  });

  it('stop between connecting and the first byte when the signal is aborted', async () => {
    const server = await start(http.createServer());
    const controller = new AbortController();
    const beforeFirstByte = () => controller.abort(new Error('cancelled'));
    const url = `http://127.0.0.1:${server.port}/`;
    const error = await failureOf({
      method: 'post',
      url,
      maxRedirects,
      ...agents({ beforeFirstByte, signal: controller.signal }),
    });
    expect(error.cause).toMatchObject({ name: 'EgressError', code: 'aborted' });
    await server.firstClosed;
    expect(server.received.join('')).toBe('');
  });

  it('write nothing when the other side hangs up before the first byte', async () => {
    const server = await start(http.createServer().on('connection', (socket: Socket) => socket.resetAndDestroy()));
    let hungUp: Promise<unknown> | undefined;
    const watched: EgressGuard = {
      checkUrl: (url) => guard.checkUrl(url),
      connect: async (target, limits) => {
        const socket = await guard.connect(target, limits);
        hungUp = new Promise((resolve) => socket.once('close', resolve));
        return socket;
      },
    };
    const beforeFirstByte = async () => {
      await hungUp;
    };
    const url = `http://127.0.0.1:${server.port}/`;
    const error = await failureOf({ method: 'post', url, maxRedirects, ...agents({ beforeFirstByte }, watched) });
    expect(error.cause).toMatchObject({ name: 'EgressError', code: 'refused' });
    expect(server.requests).toEqual([]);
  });
});

describe('guarded agents', () => {
  it('check every hop of a redirect', async () => {
    const inner = await start(http.createServer());
    const outer = await start(http.createServer(), (_, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${inner.port}/` }).end();
    });
    const narrow = createEgressGuard({ allow: parseEgressAllowList(`127.0.0.1:${outer.port}`) });
    const error = await failureOf({ url: `http://127.0.0.1:${outer.port}/`, ...agents({}, narrow) });
    expect(error.cause).toMatchObject({ code: 'blocked' });
    expect(outer.requests).toEqual(['GET /']);
    expect(inner.connections).toEqual([]);
  });

  it('keep sockets for further requests where that was asked for', async () => {
    const server = await start(http.createServer());
    const kept = agents({ keepAlive: true });
    for (let request = 0; request < 3; request += 1) {
      await axios.get(`http://127.0.0.1:${server.port}/`, { proxy: false, ...kept });
    }
    expect(server.requests).toHaveLength(3);
    expect(server.connections).toHaveLength(1);
  });

  it('refuse to combine kept sockets with beforeFirstByte', () => {
    expect(() =>
      createAgents(guard, { connectTimeoutMs: 1, keepAlive: true, beforeFirstByte: () => undefined }),
    ).toThrow(TypeError);
  });

  it('do not take the name of the certificate from the Host header', async () => {
    const server = await start(https.createServer(loopbackCertificate));
    const named = createEgressGuard({
      allow: parseEgressAllowList('other.test'),
      lookup: () => Promise.resolve(['127.0.0.1']),
      ca: loopbackCertificate.cert,
    });
    const url = `https://other.test:${server.port}/`;
    const error = await failureOf({ url, headers: { Host: 'localhost' }, ...agents({}, named) });
    expect(error.cause).toMatchObject({ code: 'bad_tls' });
    expect(server.requests).toEqual([]);
  });

  it('end a request that is aborted while its host is looked up', async () => {
    const silent = createEgressGuard({ allow: parseEgressAllowList(''), lookup: () => new Promise(() => undefined) });
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const { signal } = controller;
    await expect(
      axios.get('https://slow.test/', { proxy: false, signal, ...agents({ signal }, silent) }),
    ).rejects.toMatchObject({ code: 'ERR_CANCELED' });
  });
});
