import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { parseEgressAllowList } from '../../../src/http/egress/allow-list';
import type * as guardModule from '../../../src/http/egress/guard';
import type * as netModule from 'node:net';

/** Where the guard tried to connect to. Nothing leaves the machine: each attempt is led to a local server. */
const attempts: string[] = [];
let server: netModule.Server;

beforeEach(async () => {
  const net = jest.requireActual<typeof netModule>('node:net');
  server = net.createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as netModule.AddressInfo;
  jest.resetModules();
  jest.doMock('node:net', () => ({
    ...net,
    connect: (options: netModule.NetConnectOpts & { host: string }): netModule.Socket => {
      attempts.push(options.host);
      return net.connect(port, '127.0.0.1');
    },
  }));
});

afterEach(async () => {
  attempts.length = 0;
  await new Promise((resolve) => server.close(resolve));
});

async function outcomeOf(answers: readonly (readonly string[])[]): Promise<{ asked: number; code: unknown }> {
  const { createEgressGuard } = jest.requireActual<typeof guardModule>('../../../src/http/egress/guard');
  let asked = 0;
  const lookup = () => Promise.resolve(answers[Math.min(asked++, answers.length - 1)] ?? []);
  const guard = createEgressGuard({ allow: parseEgressAllowList(''), lookup });
  guard.checkUrl('https://rebind.test/cv.pdf');
  const code = await guard.connect({ host: 'rebind.test', port: 443, tls: true }, { timeoutMs: 5_000 }).then(
    () => 'connected',
    (error: unknown) => (error as { code?: unknown }).code,
  );
  return { asked, code };
}

describe('a name that changes its address', () => {
  it('is resolved once per connection, and only the checked address is tried', async () => {
    const { asked } = await outcomeOf([['93.184.216.34'], ['127.0.0.1']]);
    expect(asked).toBe(1);
    expect(attempts).toEqual(['93.184.216.34']);
  });

  it('is not tried at all once it answers with a private address', async () => {
    expect(await outcomeOf([['127.0.0.1'], ['93.184.216.34']])).toEqual({ asked: 1, code: 'blocked' });
    expect(await outcomeOf([['93.184.216.34', '10.0.0.1']])).toEqual({ asked: 1, code: 'blocked' });
    expect(attempts).toEqual([]);
  });

  it('is left when the connection turns out to end at another address than the checked one', async () => {
    const hungUp = new Promise((resolve) => server.once('connection', (socket) => socket.once('close', resolve)));
    expect((await outcomeOf([['93.184.216.34']])).code).toBe('blocked');
    await hungUp;
  });
});
