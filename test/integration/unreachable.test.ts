import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createSecureServer, createServer, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { openContext } from '../../src/client/context';
import { TemporalUnreachableError } from '../../src/client/reach';
import type { Env } from '../../src/config/environment';
import { temporalAddress } from '../support/harness';

const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-unreachable-'));
const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')];

beforeAll(() => {
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', keyFile, '-out', certificateFile, ...names], {
    stdio: 'ignore',
  });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Servers that speak gRPC and respond to each call with the same status. */
describe('an unusable Temporal', () => {
  const ends: (() => void)[] = [];
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });

  async function serve(server: Http2Server, status: Readonly<Record<string, string>>, port = 0): Promise<string> {
    const sockets = new Set<Socket>();
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
    });
    server.on('sessionError', () => undefined);
    server.on('stream', (stream: ServerHttp2Stream) => {
      stream.respond({ ':status': 200, 'content-type': 'application/grpc', ...status }, { endStream: true });
    });
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
    ends.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    return `localhost:${String((server.address() as AddressInfo).port)}`;
  }
  const secured = (more = {}) =>
    createSecureServer({ key: readFileSync(keyFile), cert: readFileSync(certificateFile), ...more });
  const denied = { 'grpc-status': '7', 'grpc-message': 'Request unauthorized.' };
  const unknown = (said: string) => ({ 'grpc-status': '16', 'grpc-message': said });

  /** Returns the message, and checks that it came without waiting for the timeout of 600 s. */
  async function immediateError(env: Env): Promise<string> {
    const asked = { HRFLOW_TEMPORAL_ENCRYPTION: 'off', ...env };
    const error: unknown = await openContext({ env: asked, connectTimeoutMs: 600_000 }).then(
      () => null,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(TemporalUnreachableError);
    return String(error);
  }

  it('with an untrusted certificate names the variable for the certificate of the authority', async () => {
    const address = await serve(secured(), denied);
    const said = await immediateError({ TEMPORAL_ADDRESS: address, TEMPORAL_TLS: 'true' });
    expect(said).toContain(
      `Temporal at ${address} has a certificate that is not trusted here (self-signed certificate)`,
    );
    expect(said).toContain('TEMPORAL_TLS_SERVER_CA_CERT_PATH');
  });

  it('with a certificate for another name names TEMPORAL_TLS_SERVER_NAME', async () => {
    const env = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificateFile, TEMPORAL_TLS_SERVER_NAME: 'temporal.example' };
    const said = await immediateError({ TEMPORAL_ADDRESS: await serve(secured(), denied), ...env });
    expect(said).toContain('has a certificate for another name');
    expect(said).toContain('TEMPORAL_TLS_SERVER_NAME');
  });

  it('that requires a client certificate names the variables for it', async () => {
    const server = secured({ requestCert: true, rejectUnauthorized: true, ca: readFileSync(certificateFile) });
    const env = { TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificateFile };
    const said = await immediateError({ TEMPORAL_ADDRESS: await serve(server, denied), ...env });
    expect(said).toContain('TEMPORAL_TLS_CLIENT_CERT_PATH');
  });

  it('that speaks TLS, reached without TLS, names TEMPORAL_TLS=true', async () => {
    const said = await immediateError({ TEMPORAL_ADDRESS: await serve(secured(), denied) });
    expect(said).toContain('speaks TLS, and this client does not: set TEMPORAL_TLS=true');
  });

  it.each([{ TEMPORAL_TLS: 'true' }, { TEMPORAL_API_KEY: 'k' }])(
    'that speaks no TLS, reached with TLS (%j), names TEMPORAL_TLS=false',
    async (env) => {
      const said = await immediateError({ TEMPORAL_ADDRESS: temporalAddress(), ...env });
      expect(said).toContain('does not speak TLS, and this client does (wrong version number)');
      expect(said).toContain('TEMPORAL_TLS=false');
    },
  );

  it('with a wrong key gives the reason of the server, without the key', async () => {
    const address = await serve(secured(), unknown('the token MARKER-key has expired'));
    const env = { TEMPORAL_ADDRESS: address, TEMPORAL_TLS_SERVER_CA_CERT_PATH: certificateFile };
    const said = await immediateError({ ...env, TEMPORAL_API_KEY: 'MARKER-key' });
    expect(said).toContain(`Temporal at ${address} refuses: the token [API key] has expired (UNAUTHENTICATED`);
    expect(said).toContain('TEMPORAL_API_KEY');
    expect(said).not.toContain('MARKER');
  });

  it('without permission gives the reason of the server', async () => {
    const said = await immediateError({ TEMPORAL_ADDRESS: await serve(createServer(), denied) });
    expect(said).toContain('refuses: Request unauthorized. (PERMISSION_DENIED');
  });

  it('in a namespace that it lacks names TEMPORAL_NAMESPACE', async () => {
    const said = await immediateError({ TEMPORAL_ADDRESS: temporalAddress(), TEMPORAL_NAMESPACE: 'nosuch' });
    expect(said).toContain('does not know the namespace "nosuch" (Namespace nosuch is not found.)');
    expect(said).toContain('TEMPORAL_NAMESPACE');
  });

  it('is polled until it responds, and the error gives the last reason', async () => {
    const env = { HRFLOW_TEMPORAL_ENCRYPTION: 'off', TEMPORAL_ADDRESS: 'localhost:1' };
    await expect(openContext({ env, connectTimeoutMs: 1_000 })).rejects.toThrow(
      /^Temporal did not answer at localhost:1 for 1 s: connect ECONNREFUSED .* TEMPORAL_ADDRESS\.$/,
    );
    const busy = await serve(createServer(), { 'grpc-status': '14', 'grpc-message': 'shard is not ready' });
    await expect(openContext({ env: { ...env, TEMPORAL_ADDRESS: busy }, connectTimeoutMs: 1_000 })).rejects.toThrow(
      'did not answer',
    );
  });
});
