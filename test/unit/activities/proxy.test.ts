import * as http from 'node:http';
import * as net from 'node:net';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { serve, type LocalServer } from '../http/local-server';
import { failureOf, run, startBench, type Bench } from './support';

/** What the proxy was asked for, and what it answers; 200 connects. */
let asked: string[];
let status: number;
let proxy: LocalServer;
const tunnels = new Set<net.Socket>();

beforeEach(async () => {
  asked = [];
  status = 200;
  const server = http.createServer();
  server.on('connect', ({ url = '' }: http.IncomingMessage, client: net.Socket) => {
    asked.push(url);
    if (status !== 200) {
      client.end(`HTTP/1.1 ${status} No\r\n\r\n`);
      return;
    }
    const { hostname, port } = new URL(`http://${url}`);
    const target = net.connect({ host: hostname, port: Number(port) }, () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      target.pipe(client).pipe(target);
    });
    tunnels.add(target);
    target.on('error', () => client.destroy());
    client.on('error', () => target.destroy());
  });
  proxy = await serve(server);
});

afterEach(async () => {
  tunnels.forEach((socket) => socket.destroy());
  await proxy.close();
});

async function withBench(noProxy: string, body: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await startBench({ env: { HRFLOW_TEMPORAL_PROXY: proxy.url, NO_PROXY: noProxy } });
  try {
    await body(bench);
  } finally {
    await bench.close();
  }
}

async function push(bench: Bench) {
  const target = bench.target('flatchr');
  const { document, files } = await bench.documents(target);
  const timing = bench.timing('flatchr');
  return run(() => bench.activities.pushApplicant({ ...target, document: document ?? {}, files, timing }));
}

it('a worker reaches ATS and storage through the proxy of the operator', () =>
  withBench('', async (bench) => {
    await push(bench);
    const { files, flatchr } = bench.simulators;
    expect(flatchr.applicants).toHaveLength(1);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toBe(new URL(files.url).host);
  }));

it('a worker reaches what NO_PROXY lists without it', () =>
  withBench('127.0.0.0/8', async (bench) => {
    await push(bench);
    expect(bench.simulators.flatchr.applicants).toHaveLength(1);
    expect(asked).toEqual([]);
  }));

it('a create that the proxy does not let through is refused, for the operator, and was not sent', () =>
  withBench('', async (bench) => {
    status = 407;
    const target = bench.target('flatchr');
    const { document } = await bench.documents(target);
    const { resume: _, ...withoutFile } = document ?? {};
    const timing = bench.timing('flatchr');
    const pushed = run(() => bench.activities.pushApplicant({ ...target, document: withoutFile, timing }));
    const { problem, end } = await failureOf(pushed);
    expect(end).toMatchObject({ verdict: 'refused' });
    expect(problem).toMatchObject({ type: 'refused', whoMustAct: 'operator' });
    expect(problem.message).toContain('the proxy of HRFLOW_TEMPORAL_PROXY: it asks for a user and a password');
    expect(bench.simulators.flatchr.requests).toEqual([]);
  }));
