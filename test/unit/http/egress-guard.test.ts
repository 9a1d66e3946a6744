import * as http from 'node:http';
import * as net from 'node:net';
import type { AddressInfo } from 'node:net';
import * as tls from 'node:tls';
import { Worker } from 'node:worker_threads';
import { afterEach, describe, expect, it } from '@jest/globals';
import { parseEgressAllowList } from '../../../src/http/egress/allow-list';
import { createEgressGuard, EgressError, type EgressGuardOptions } from '../../../src/http/egress/guard';
import { loopbackCertificate } from './egress-certificate';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function guardWith(allow: string, options: Omit<EgressGuardOptions, 'allow'> = {}) {
  return createEgressGuard({ allow: parseEgressAllowList(allow), ...options });
}

async function listen(server: net.Server): Promise<number> {
  const sockets = new Set<net.Socket>();
  server.on('connection', (socket: net.Socket) => sockets.add(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    sockets.forEach((socket) => socket.destroy());
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function failureOf(work: Promise<unknown>): Promise<EgressError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof EgressError)) throw new Error(`expected an EgressError, got ${String(error)}`);
  return error;
}

const soon = { timeoutMs: 5_000 };

describe('checkUrl', () => {
  const strict = guardWith('');

  it.each([
    'https://example.org/cv.pdf?signature=1',
    'https://example.org:8443/',
    'https://8.8.8.8/',
    'https://[2606:4700:4700::1111]/',
    'https://münchen.example/',
    'https://xn--mnchen-3ya.example/',
    'https://EXAMPLE.org./',
  ])('lets %s pass', (url) => {
    expect(() => strict.checkUrl(url)).not.toThrow();
    expect(() => strict.checkUrl(new URL(url))).not.toThrow();
  });

  it.each([
    ['plain http', 'http://example.org/'],
    ['plain http to a public address', 'http://8.8.8.8/'],
    ['a file', 'file:///etc/passwd'],
    ['ftp', 'ftp://example.org/'],
    ['data', 'data:text/plain,hello'],
    ['a web socket', 'wss://example.org/'],
    ['gopher', 'gopher://127.0.0.1:6379/_INFO'],
    ['a Unix socket', 'unix:/var/run/docker.sock'],
    ['no scheme', 'example.org'],
    ['a relative URL', '/etc/passwd'],
    ['nothing', ''],
    ['no host', 'https://'],
    ['port 0', 'https://example.org:0/'],
    ['a port too high', 'https://example.org:65536/'],
    ['credentials', 'https://user:pass@example.org/'],
    ['a user', 'https://user@example.org/'],
    ['a password', 'https://:pass@example.org/'],
    ['dotted loopback', 'https://127.0.0.1/'],
    ['decimal loopback', 'https://2130706433/'],
    ['hex loopback', 'https://0x7f000001/'],
    ['octal loopback', 'https://0177.0.0.1/'],
    ['octal loopback in one number', 'https://017700000001/'],
    ['mixed loopback', 'https://0x7f.0.1/'],
    ['short loopback', 'https://127.1/'],
    ['zero', 'https://0/'],
    ['loopback with a dot at the end', 'https://127.0.0.1./'],
    ['percent-encoded loopback', 'https://%31%32%37.0.0.1/'],
    ['full-width loopback', 'https://１２７.０.０.１/'],
    ['loopback with full-width dots', 'https://127。0。0。1/'],
    ['metadata', 'https://169.254.169.254/latest/meta-data/'],
    ['decimal metadata', 'https://2852039166/'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['IPv6 unspecified', 'https://[::]/'],
    ['mapped loopback', 'https://[::ffff:127.0.0.1]/'],
    ['mapped metadata in hex', 'https://[::ffff:a9fe:a9fe]/'],
    ['NAT64 metadata', 'https://[64:ff9b::169.254.169.254]/'],
    ['6to4', 'https://[2002:7f00:1::]/'],
    ['IPv6 metadata', 'https://[fd00:ec2::254]/'],
    ['a zone', 'https://[fe80::1%25eth0]/'],
  ])('refuses %s', (_, url) => {
    expect(() => strict.checkUrl(url)).toThrow(expect.objectContaining({ name: 'EgressError', code: 'blocked' }));
  });

  it.each(['http://u5er:pa55@10.0.0.1/zoe/cv.pdf?token=t0k', 'https://10.0.0.1/zoe?token=t0k', 'u5er zoe'])(
    'says nothing of path, query and credentials of %s',
    (url) => {
      let message = '';
      try {
        strict.checkUrl(url);
      } catch (error) {
        message = String(error);
      }
      expect(message).toContain('EgressError');
      expect(message).not.toMatch(/u5er|pa55|zoe|t0k/);
    },
  );

  it.each([
    ['localhost:8080', 'http://localhost:8080/x', true],
    ['localhost:8080', 'http://LOCALHOST.:8080/x', true],
    ['localhost:8080', 'http://localhost:8081/x', false],
    ['localhost', 'http://localhost:9/', true],
    ['127.0.0.1:8080', 'http://127.0.0.1:8080/', true],
    ['127.0.0.1:8080', 'http://2130706433:8080/', true],
    ['127.0.0.1:8080', 'https://127.0.0.1/', false],
    ['10.0.0.0/8', 'https://10.1.2.3/', true],
    ['10.0.0.0/8', 'http://10.1.2.3:81/', true],
    ['10.0.0.0/8', 'http://192.168.0.1/', false],
    ['10.0.0.0/8', 'http://8.8.8.8/', false],
    ['[::1]:8080', 'http://[::1]:8080/', true],
    ['[::1]:8080', 'http://[::1]:8081/', false],
    ['localhost:80', 'http://localhost/', true],
    ['localhost:443', 'http://localhost/', false],
    ['localhost', 'http://user@localhost/', false],
  ])('with "%s" allowed, %s passes: %s', (allow, url, passes) => {
    const check = () => guardWith(allow).checkUrl(url);
    if (passes) expect(check).not.toThrow();
    else expect(check).toThrow(EgressError);
  });

  it.each([
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4000/any/path', true],
    ['http://127.0.0.1:4000', 'http://127.0.0.1:4001/', false],
    ['http://127.0.0.1:4000', 'https://127.0.0.1:4000/', false],
    ['http://*.flatchr.test:81/x', 'http://careers.flatchr.test:81/', true],
    ['http://*.flatchr.test:81', 'http://my_subdomain.my.flatchr.test:81/', true],
    ['http://*.flatchr.test:81', 'http://flatchr.test:81/', false],
    ['http://*.flatchr.test:81', 'http://careers.flatchr.test.evil.test:81/', false],
    ['http://*.flatchr.test:81', 'http://evilflatchr.test:81/', false],
    ['http://flatchr-*.corp.internal', 'http://flatchr-careers.corp.internal/', true],
    ['http://flatchr-*.corp.internal', 'http://flatchr-my_subdomain.my.corp.internal/', true],
    ['http://flatchr-*.corp.internal', 'http://FLATCHR-careers.corp.internal/', true],
    ['http://flatchr-*.corp.internal', 'http://flatchr-.corp.internal/', false],
    ['http://flatchr-*.corp.internal', 'http://careers.corp.internal/', false],
    ['http://flatchr-*.corp.internal', 'http://x.flatchr-careers.corp.internal/', false],
    ['http://flatchr-*.corp.internal', 'http://flatchr-careersxcorp.internal/', false],
    ['http://flatchr-*.corp.internal', 'http://flatchr-careers.corp.internal.evil.test/', false],
    ['http://flatchr-*.corp.internal', 'http://flatchr-careers.corp.internal:81/', false],
    ['http://*-flatchr.corp.internal', 'http://careers-flatchr.corp.internal/', true],
  ])('with the origin %s trusted, %s passes: %s', (origin, url, passes) => {
    const check = () => guardWith('', { trusted: [origin] }).checkUrl(url);
    if (passes) expect(check).not.toThrow();
    else expect(check).toThrow(EgressError);
  });
});

describe('connect', () => {
  it.each([
    ['a private IPv4 answer', ['10.0.0.1']],
    ['a private IPv6 answer', ['fd00::1']],
    ['a public and a private answer', ['8.8.8.8', '127.0.0.1']],
    ['a private answer behind a public IPv6 one', ['2606:4700:4700::1111', '10.0.0.1']],
    ['a mapped answer', ['::ffff:127.0.0.1']],
    ['an answer with a zone', ['fe80::1%eth0']],
    ['an answer that is no address', ['internal']],
  ])('refuses a name with %s', async (_, answers) => {
    const guard = guardWith('', { lookup: () => Promise.resolve(answers) });
    const error = await failureOf(guard.connect({ host: 'cv.example', port: 443, tls: true }, soon));
    expect(error.code).toBe('blocked');
    expect(error.message).toContain('https://cv.example:443');
    expect(error.message).not.toContain(answers[0]);
  });

  it.each(['127.0.0.1', '2130706433', '0x7f.1', '[::1]', '::1', '127.0.0.1.', 'fe80::1%lo', 'a@127.0.0.1', '', 'a/b'])(
    'refuses the host %j without any lookup',
    async (host) => {
      const guard = guardWith('', { lookup: () => Promise.reject(new Error('looked up')) });
      expect((await failureOf(guard.connect({ host, port: 443, tls: true }, soon))).code).toBe('blocked');
    },
  );

  it('refuses plain http to a public name, though ranges are allowed', async () => {
    const guard = guardWith('10.0.0.0/8', { lookup: () => Promise.resolve(['8.8.8.8']) });
    expect(() => guard.checkUrl('http://cv.example/')).not.toThrow();
    expect((await failureOf(guard.connect({ host: 'cv.example', port: 80, tls: false }, soon))).code).toBe('blocked');
  });

  it.each([Number.NaN, 0, 65_536, 80.5])('refuses port %d', async (port) => {
    const error = await failureOf(guardWith('localhost').connect({ host: 'localhost', port, tls: false }, soon));
    expect(error.code).toBe('blocked');
  });

  it.each(['localhost', '127.0.0.0/8', '127.0.0.1'])('reaches a name that %s allows', async (allow) => {
    const port = await listen(net.createServer((socket) => socket.end('hello')));
    const guard = guardWith(allow, { lookup: () => Promise.resolve(['127.0.0.1']) });
    const socket = await guard.connect({ host: 'localhost', port, tls: false }, soon);
    closers.push(() => void socket.destroy());
    expect(socket.remoteAddress).toBe('127.0.0.1');
    expect(await new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())))).toBe('hello');
  });

  it('resolves by the operating system unless told otherwise', async () => {
    const port = await listen(net.createServer());
    const socket = await guardWith('localhost').connect({ host: 'localhost', port, tls: false }, soon);
    expect(socket.remotePort).toBe(port);
    socket.destroy();
  });

  it('tries the next address if one refuses', async () => {
    const port = await listen(net.createServer());
    const guard = guardWith('two.test', { lookup: () => Promise.resolve(['::1', '127.0.0.1']) });
    const socket = await guard.connect({ host: 'two.test', port, tls: false }, soon);
    expect(socket.remoteAddress).toBe('127.0.0.1');
    socket.destroy();
  });

  it('says that the port is refused', async () => {
    const server = net.createServer();
    const port = await listen(server);
    await new Promise((resolve) => server.close(resolve));
    const error = await failureOf(guardWith('127.0.0.1').connect({ host: '127.0.0.1', port, tls: false }, soon));
    expect(error).toMatchObject({ code: 'refused', cause: { code: 'ECONNREFUSED' } });
  });

  it.each([
    ['a resolver that fails', () => Promise.reject(new Error('ENOTFOUND'))],
    ['a name without address', () => Promise.resolve([])],
  ])('says that the name is not found: %s', async (_, lookup) => {
    const guard = guardWith('', { lookup });
    expect((await failureOf(guard.connect({ host: 'gone.test', port: 443, tls: true }, soon))).code).toBe('dns');
  });

  it('ends by the time limit while the resolver is silent', async () => {
    const guard = guardWith('', { lookup: () => new Promise(() => undefined) });
    const error = await failureOf(guard.connect({ host: 'slow.test', port: 443, tls: true }, { timeoutMs: 20 }));
    expect(error.code).toBe('connect_timeout');
  });

  it('ends by the time limit while nobody accepts the connection', async () => {
    const port = await blackHole();
    const error = await failureOf(
      guardWith('127.0.0.1').connect({ host: '127.0.0.1', port, tls: false }, { timeoutMs: 50 }),
    );
    expect(error.code).toBe('connect_timeout');
  });

  it('ends by the time limit while the TLS handshake is not answered, and hangs up', async () => {
    const server = net.createServer();
    const port = await listen(server);
    const hungUp = new Promise((resolve) =>
      server.once('connection', (socket) => socket.resume().once('close', resolve)),
    );
    const error = await failureOf(
      guardWith('127.0.0.1').connect({ host: '127.0.0.1', port, tls: true }, { timeoutMs: 50 }),
    );
    expect(error.code).toBe('connect_timeout');
    await hungUp;
  });

  it.each(['before', 'during'])('is aborted %s the lookup, with the reason as cause', async (moment) => {
    const controller = new AbortController();
    const reason = new Error('worker is shutting down');
    const guard = guardWith('', {
      lookup: () => {
        controller.abort(reason);
        return new Promise(() => undefined);
      },
    });
    if (moment === 'before') controller.abort(reason);
    const limits = { timeoutMs: 5_000, signal: controller.signal };
    const error = await failureOf(guard.connect({ host: 'slow.test', port: 443, tls: true }, limits));
    expect(error).toMatchObject({ code: 'aborted', cause: reason });
  });

  it('is aborted during the TLS handshake', async () => {
    const controller = new AbortController();
    const port = await listen(net.createServer(() => controller.abort()));
    const limits = { timeoutMs: 5_000, signal: controller.signal };
    const error = await failureOf(guardWith('127.0.0.1').connect({ host: '127.0.0.1', port, tls: true }, limits));
    expect(error.code).toBe('aborted');
  });

  it('refuses a certificate that nobody vouches for', async () => {
    const port = await listen(tls.createServer(loopbackCertificate));
    const error = await failureOf(guardWith('127.0.0.1').connect({ host: '127.0.0.1', port, tls: true }, soon));
    expect(error).toMatchObject({ code: 'bad_tls', cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
  });

  it('verifies certificates whatever the environment says', async () => {
    const port = await listen(tls.createServer(loopbackCertificate));
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    closers.push(() => delete process.env['NODE_TLS_REJECT_UNAUTHORIZED']);
    const error = await failureOf(guardWith('127.0.0.1').connect({ host: '127.0.0.1', port, tls: true }, soon));
    expect(error.code).toBe('bad_tls');
  });

  it('refuses the certificate of another name', async () => {
    const port = await listen(tls.createServer(loopbackCertificate));
    const guard = guardWith('other.test', {
      lookup: () => Promise.resolve(['127.0.0.1']),
      ca: loopbackCertificate.cert,
    });
    const error = await failureOf(guard.connect({ host: 'other.test', port, tls: true }, soon));
    expect(error).toMatchObject({ code: 'bad_tls', cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' } });
    const named = await guard.connect({ host: 'other.test', port, tls: true, servername: 'localhost' }, soon);
    named.destroy();
  });

  it.each(['127.0.0.1', 'localhost', 'localhost.'])('speaks TLS with %s when its authority is known', async (host) => {
    const port = await listen(tls.createServer(loopbackCertificate, (socket) => socket.end('secret hello')));
    const guard = guardWith('127.0.0.1,localhost', {
      ca: loopbackCertificate.cert,
      lookup: () => Promise.resolve(['127.0.0.1']),
    });
    const socket = await guard.connect({ host, port, tls: true }, soon);
    expect(socket).toBeInstanceOf(tls.TLSSocket);
    expect(await new Promise((resolve) => socket.once('data', (data) => resolve(data.toString())))).toBe(
      'secret hello',
    );
    socket.destroy();
  });

  it('takes a server that does not speak TLS for a TLS failure', async () => {
    const port = await listen(http.createServer());
    const error = await failureOf(guardWith('127.0.0.1').connect({ host: '127.0.0.1', port, tls: true }, soon));
    expect(error.code).toBe('bad_tls');
  });
});

/** A listener in a thread that is fast asleep, with its queue of waiting connections full. */
async function blackHole(): Promise<number> {
  const wake = new Int32Array(new SharedArrayBuffer(4));
  const sleeper = `
    const { parentPort, workerData } = require('node:worker_threads');
    const server = require('node:net').createServer().listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
      parentPort.postMessage(server.address().port);
      Atomics.wait(workerData, 0, 0);
      process.exit();
    });`;
  const worker = new Worker(sleeper, { eval: true, workerData: wake });
  const port = await new Promise<number>((resolve) => worker.once('message', resolve));
  const ended = new Promise((resolve) => worker.once('exit', resolve));
  const waiting = Array.from({ length: 8 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  closers.push(() => {
    waiting.forEach((socket) => socket.destroy());
    Atomics.store(wake, 0, 1);
    Atomics.notify(wake, 0);
    return ended;
  });
  await Promise.race(waiting.map((socket) => new Promise((resolve) => socket.once('connect', resolve))));
  return port;
}
