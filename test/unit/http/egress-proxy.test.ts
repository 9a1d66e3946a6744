import type * as http from 'node:http';
import * as https from 'node:https';
import * as net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createHttpClient, type HttpCall } from '../../../src/http/client';
import { parseEgressAllowList } from '../../../src/http/egress/allow-list';
import { createEgressGuard, type HostLookup } from '../../../src/http/egress/guard';
import { parseProxy } from '../../../src/http/egress/proxy';
import type { HttpOutcome } from '../../../src/http/outcome';
import { loopbackCertificate } from './egress-certificate';
import { answerOf, callTo, httpServer, LIMITS, readOf, serve } from './local-server';

const closers: (() => Promise<void> | void)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(server: net.Server, scheme: 'http' | 'https' = 'http') {
  const local = await serve(server, scheme);
  closers.push(local.close);
  return local;
}

/** A proxy as companies run them: CONNECT alone, to wherever `route` says, with what it was asked. */
async function startProxy(route: (to: string) => net.NetConnectOpts | number) {
  const asked: { to: string | undefined; authorization: string | undefined }[] = [];
  const server = httpServer((_, response) => void response.writeHead(405).end());
  server.on('connect', (request: http.IncomingMessage, client: net.Socket) => {
    asked.push({ to: request.url, authorization: request.headers['proxy-authorization'] });
    const way = route(request.url ?? '');
    if (typeof way === 'number') {
      client.end(`HTTP/1.1 ${way} No\r\nContent-Length: 4\r\n\r\nno!\n`);
      return;
    }
    const target = net.connect(way, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    closers.push(() => void target.destroy());
    for (const socket of [client, target]) socket.on('error', () => client.destroy());
  });
  return { ...(await start(server)), asked };
}

interface Setting {
  readonly proxy: string;
  readonly noProxy?: string;
  readonly allow?: string;
  readonly trusted?: readonly string[];
  readonly lookup?: HostLookup;
}

/** Every name has a public address, but `localhost` and addresses. */
const publicNames: HostLookup = (host) => Promise.resolve([host === 'localhost' ? '127.0.0.1' : '8.8.8.8']);
const unknownNames: HostLookup = () => Promise.reject(Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' }));

function send(call: HttpCall, { proxy, noProxy = '', allow = '', trusted = [], lookup = publicNames }: Setting) {
  const guard = createEgressGuard({
    allow: parseEgressAllowList(allow),
    proxy: parseProxy(proxy, noProxy),
    trusted,
    lookup,
    ca: loopbackCertificate.cert,
  });
  return createHttpClient({ tenant: guard, operator: guard }).send(call, LIMITS);
}

/** The certificate of the tests is made out to `localhost`. */
async function secureServer() {
  const server = await start(
    https.createServer(loopbackCertificate, (_, response) => response.end('{"through":"tls"}')),
    'https',
  );
  return { ...server, url: `https://localhost:${server.port}/` };
}

const textOf = (outcome: HttpOutcome) => answerOf(outcome).body.toString();

describe('a call through a proxy', () => {
  it.each(['create', 'read'] as const)('asks it for the name and speaks TLS with that: %s', async (kind) => {
    const server = await secureServer();
    const proxy = await startProxy(() => ({ host: '127.0.0.1', port: server.port }));
    const setting = { proxy: `http://127.0.0.1:${proxy.port}`, allow: 'localhost' };
    const call = kind === 'create' ? callTo(server.url) : readOf(server.url);
    expect(textOf(await send(call, setting))).toBe('{"through":"tls"}');
    expect(proxy.asked).toEqual([{ to: `localhost:${server.port}`, authorization: undefined }]);
    expect(proxy.received()).not.toContain('/template');
  });

  it('goes by CONNECT over plain http, too, where that is allowed', async () => {
    const server = await start(httpServer((_, response) => response.end('{"plain":true}')));
    const proxy = await startProxy(() => ({ host: '127.0.0.1', port: server.port }));
    const outcome = await send(callTo('http://ats.corp:8080/x'), { proxy: proxy.url, allow: 'ats.corp:8080' });
    expect(textOf(outcome)).toBe('{"plain":true}');
    expect(proxy.asked.map(({ to }) => to)).toEqual(['ats.corp:8080']);
    expect(server.received()).toMatch(/^POST \/x HTTP\/1\.1\r\n/);
  });

  it('gives user and password', async () => {
    const server = await secureServer();
    const proxy = await startProxy(() => ({ host: '127.0.0.1', port: server.port }));
    const setting = { proxy: `http://me:p%40ss%3Aword@127.0.0.1:${proxy.port}`, allow: 'localhost' };
    await send(callTo(server.url), setting);
    const expected = `Basic ${Buffer.from('me:p@ss:word').toString('base64')}`;
    expect(proxy.asked.map(({ authorization }) => authorization)).toEqual([expected]);
    expect(server.received()).not.toContain('Proxy-Authorization');
  });

  it('keeps its tunnel for further reads', async () => {
    const server = await secureServer();
    const proxy = await startProxy(() => ({ host: '127.0.0.1', port: server.port }));
    const guard = createEgressGuard({
      allow: parseEgressAllowList('localhost'),
      proxy: parseProxy(proxy.url),
      ca: loopbackCertificate.cert,
    });
    const client = createHttpClient({ tenant: guard, operator: guard });
    for (let read = 0; read < 3; read += 1) await client.send(readOf(server.url), LIMITS);
    expect(proxy.asked).toHaveLength(1);
  });

  it.each([
    [407, 'proxy_refused', 'it asks for a user and a password, or for other ones (407)'],
    [403, 'proxy_refused', 'it refuses to connect to ats.test:443 (403)'],
    [405, 'proxy_refused', 'it refuses to connect to ats.test:443 (405)'],
    [302, 'proxy_refused', 'it refuses to connect to ats.test:443 (302)'],
    [429, 'refused', 'it could not connect to ats.test:443 (429)'],
    [502, 'refused', 'it could not connect to ats.test:443 (502)'],
    [503, 'refused', 'it could not connect to ats.test:443 (503)'],
  ])('that is answered %d is %s, and nothing was sent', async (status, code, words) => {
    const proxy = await startProxy(() => status);
    const setting = { proxy: `http://me:the-password@127.0.0.1:${proxy.port}`, trusted: ['https://ats.test'] };
    const reason = `the proxy of HRFLOW_TEMPORAL_PROXY: ${words}`;
    expect(await send(callTo('https://ats.test/'), setting)).toEqual({ arrived: 'nothing', sent: false, code, reason });
  });

  it.each([
    ['is no proxy', (socket: net.Socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
    ['closes at once', (socket: net.Socket) => socket.destroy()],
  ])('that %s was not sent, and may go better the next time', async (_name, answer) => {
    const server = await start(net.createServer((socket) => void socket.once('data', () => answer(socket))));
    const outcome = await send(callTo('https://ats.test/'), { proxy: server.url, trusted: ['https://ats.test'] });
    expect(outcome).toMatchObject({ arrived: 'nothing', sent: false, code: 'refused' });
  });

  it('that is not answered ends by the time for connecting, and one that is cancelled at once', async () => {
    const server = await start(net.createServer());
    const guard = createEgressGuard({
      allow: parseEgressAllowList(''),
      trusted: ['https://ats.test'],
      proxy: parseProxy(server.url),
    });
    const client = createHttpClient({ tenant: guard, operator: guard });
    const call = callTo('https://ats.test/');
    const late = await client.send(call, { ...LIMITS, connectTimeoutMs: 100 });
    expect(late).toMatchObject({ arrived: 'nothing', sent: false, code: 'connect_timeout' });
    const controller = new AbortController();
    const cancelled = client.send(call, { ...LIMITS, connectTimeoutMs: 60_000, signal: controller.signal });
    await server.somethingArrived;
    controller.abort();
    expect(await cancelled).toMatchObject({ arrived: 'nothing', sent: false, code: 'aborted' });
  });

  it('to a proxy that is not there is not sent; whose name does not exist is for the operator', async () => {
    const gone = await serve(net.createServer());
    await gone.close();
    const trusted = ['https://ats.test'];
    const call = callTo('https://ats.test/');
    expect(await send(call, { proxy: gone.url, trusted })).toMatchObject({ sent: false, code: 'refused' });
    const typo = await send(call, { proxy: 'http://proxi.corp:3128', trusted, lookup: unknownNames });
    expect(typo).toMatchObject({ sent: false, code: 'proxy_refused' });
    expect(typo).toHaveProperty('reason', 'the proxy of HRFLOW_TEMPORAL_PROXY: there is no such host');
  });

  it('is refused by the certificate where the proxy leads elsewhere', async () => {
    const server = await secureServer();
    const proxy = await startProxy(() => ({ host: '127.0.0.1', port: server.port }));
    const outcome = await send(callTo('https://ats.test/'), { proxy: proxy.url, lookup: unknownNames });
    // The proxy's own name is an address, so only that of the call is unknown here.
    expect(outcome).toMatchObject({ sent: false, code: 'bad_tls' });
    expect(proxy.asked.map(({ to }) => to)).toEqual(['ats.test:443']);
    expect(server.received()).not.toContain('template');
  });
});

describe('addresses are checked before the proxy is asked', () => {
  it.each([
    ['https://10.0.0.1/', publicNames],
    ['https://[fd00::1]/', publicNames],
    ['http://ats.test/', publicNames],
    ['https://inside.corp/', () => Promise.resolve(['10.0.0.1'])],
    ['https://both.test/', () => Promise.resolve(['8.8.8.8', '169.254.169.254'])],
  ] as [string, HostLookup][])('%s is blocked', async (url, lookup) => {
    const proxy = await startProxy(() => 502);
    expect(await send(callTo(url), { proxy: proxy.url, lookup })).toMatchObject({ code: 'blocked', sent: false });
    expect(proxy.connections()).toBe(0);
  });

  it.each([
    ['does not resolve here', unknownNames],
    ['is not resolved soon', () => new Promise<never>(() => undefined)],
    ['has a public address', () => Promise.resolve(['8.8.8.8'])],
  ] as [string, HostLookup][])('a name that %s is left to the proxy over TLS', async (_name, lookup) => {
    const proxy = await startProxy(() => 502);
    await send(callTo('https://ats.test/'), { proxy: proxy.url, lookup });
    expect(proxy.asked.map(({ to }) => to)).toEqual(['ats.test:443']);
  });

  it('a name that does not resolve here is not reached over plain http, whatever ranges are listed', async () => {
    const proxy = await startProxy(() => 502);
    const setting = { proxy: proxy.url, lookup: unknownNames, allow: '10.0.0.0/8' };
    expect(await send(callTo('http://ats.test/'), setting)).toMatchObject({ code: 'blocked', sent: false });
    expect(proxy.connections()).toBe(0);
  });
});

describe('NO_PROXY', () => {
  it('lets calls go round the proxy', async () => {
    const server = await secureServer();
    const proxy = await startProxy(() => 502);
    const setting = { proxy: proxy.url, allow: 'localhost', noProxy: 'localhost' };
    expect(textOf(await send(callTo(server.url), setting))).toBe('{"through":"tls"}');
    expect(proxy.connections()).toBe(0);
  });

  it.each<[noProxy: string, host: string, port: number, spared: boolean]>([
    ['', 'ats.test', 443, false],
    ['*', 'ats.test', 443, true],
    ['ats.test', 'ats.test', 443, true],
    ['ATS.Test', 'ats.test', 443, true],
    ['ats.test', 'my.ats.test', 443, true],
    ['ats.test', 'notats.test', 443, false],
    ['ats.test', 'ats.test.evil', 443, false],
    ['.ats.test', 'my.ats.test', 443, true],
    ['*.ats.test', 'my.ats.test', 443, true],
    ['.test', 'ats.test', 443, true],
    ['ats.test:8443', 'ats.test', 8_443, true],
    ['ats.test:8443', 'ats.test', 443, false],
    ['.ats.test:8443', 'my.ats.test', 8_443, true],
    ['other, ats.test', 'ats.test', 443, true],
    ['other ats.test', 'ats.test', 443, true],
    ['10.0.0.1', '10.0.0.1', 443, true],
    ['10.0.0.1', '10.0.0.2', 443, false],
    ['10.0.0.1:81', '10.0.0.1', 81, true],
    ['10.0.0.1:81', '10.0.0.1', 443, false],
    ['10.0.0.0/8', '10.200.0.1', 443, true],
    ['10.0.0.0/8', '11.0.0.1', 443, false],
    ['10.0.0.0/8', 'ats.test', 443, false],
    ['fd00::/8', 'fd00::1', 443, true],
    ['fd00::1', 'fd00::1', 443, true],
    ['[fd00::1]:81', 'fd00::1', 81, true],
    ['10.0.0.0/99,/,:,.', 'ats.test', 443, false],
    ['0.0.1', '10.0.0.1', 443, false],
  ])('%j and %s, port %d: spared is %s', (noProxy, host, port, spared) => {
    expect(parseProxy('http://proxy:3128', noProxy)?.isSpared(host, port)).toBe(spared);
  });
});
