import { once } from 'node:events';
import * as http from 'node:http';
import * as net from 'node:net';
import { createHttpClient, type CallLimits, type HttpCall } from '../../../src/http/client';
import { parseEgressAllowList } from '../../../src/http/egress/allow-list';
import { createEgressGuard } from '../../../src/http/egress/guard';
import type { HttpAnswer, HttpOutcome, NoAnswer } from '../../../src/http/outcome';
import { loopbackCertificate } from './egress-certificate';

/** A server of one test. */
export interface LocalServer {
  readonly port: number;
  /** Origin, without a trailing slash. */
  readonly url: string;
  /** Everything that arrived, over all connections, as Latin-1. */
  received(): string;
  connections(): number;
  /** Resolves when something arrives, at once where something has. */
  readonly somethingArrived: Promise<void>;
  close(): Promise<void>;
}

/** Starts a server on a free port of 127.0.0.1 and notes every byte that arrives. */
export async function serve(server: net.Server, scheme: 'http' | 'https' = 'http'): Promise<LocalServer> {
  const sockets = new Set<net.Socket>();
  let received = '';
  let arrived: () => void = () => undefined;
  const somethingArrived = new Promise<void>((resolve) => (arrived = resolve));
  server.on('connection', (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      received += bytes.toString('latin1');
      arrived();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const { port } = address;
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}`,
    received: () => received,
    connections: () => sockets.size,
    somethingArrived,
    async close() {
      for (const socket of sockets) socket.destroy();
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}

/** A server that writes these bytes on whatever comes in, and does then what `after` does with the connection. */
export function rawServer(bytes: string, after: (socket: net.Socket) => void = (socket) => socket.end()): net.Server {
  return net.createServer((socket) => {
    socket.once('data', () => (bytes === '' ? after(socket) : socket.write(bytes, 'latin1', () => after(socket))));
  });
}

/** An HTTP server. */
export function httpServer(listener: http.RequestListener): http.Server {
  return http.createServer(listener);
}

const allow = parseEgressAllowList('127.0.0.1,localhost');

/** The real client; tenants may reach 127.0.0.1. */
export const client = createHttpClient({
  tenant: createEgressGuard({ allow, ca: loopbackCertificate.cert }),
  operator: createEgressGuard({ allow }),
});

export const LIMITS: CallLimits = { connectTimeoutMs: 2_000, responseTimeoutMs: 5_000 };

/** A create, unless told otherwise. */
export function callTo(url: string, changes: Partial<HttpCall> = {}): HttpCall {
  return { kind: 'create', method: 'POST', url, pathTemplate: '/template', body: '{"a":1}', ...changes };
}

/** A read. */
export function readOf(url: string, changes: Partial<HttpCall> = {}): HttpCall {
  return { kind: 'read', method: 'GET', url, pathTemplate: '/template', ...changes };
}

export function answerOf(outcome: HttpOutcome): HttpAnswer {
  if (outcome.arrived !== 'answer') throw new Error(`no answer came: ${outcome.code}`);
  return outcome;
}

export function noAnswerOf(outcome: HttpOutcome): NoAnswer {
  if (outcome.arrived === 'answer') throw new Error(`an answer came: ${outcome.status}`);
  return outcome;
}
