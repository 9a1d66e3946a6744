import type { Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { FastifyInstance } from 'fastify';
import type { Browser } from 'playwright-core';
import { openContext, type ClientContext } from '../../src/client/context';
import { checkPush } from '../../src/client/request';
import { startPush } from '../../src/client/start';
import { createCodecServer, type CodecServerOptions } from '../../src/security/encryption/codec-server';
import { generateEncryptionKey, parseKeyRing } from '../../src/security/encryption/key-ring';
import { createPayloadCodec } from '../../src/security/encryption/payload-codec';
import { freePort, startDevServer, type DevServer } from '../../tools/dev-server';
import { findChromium, openBrowser } from './ui-browser';
import { startUiProxy } from './ui-proxy';

const READABLE = 'somebody.readable@example.test';
const TOKEN = 'token-of-the-user-interface';

const chromium = findChromium();

it('there is a browser to check the Temporal UI with, at least in CI', () => {
  if (chromium === null)
    process.stderr.write('No Chromium (CHROMIUM_PATH, or one on the PATH): the UI was not checked.\n');
  expect(chromium !== null || process.env['CI'] !== 'true').toBe(true);
});

if (chromium !== null) describe('the Temporal UI in Chromium', () => looksAtUi(chromium));

function looksAtUi(path: string): void {
  let server: DevServer;
  let browser: Browser;
  let context: ClientContext;
  let codecServer: FastifyInstance | undefined;
  let codecPort: number;
  /** The UI and the codec server at one origin. The UI has another origin of its own, too. */
  let oneOrigin: string;
  let proxy: Server;
  let page: string;
  let ciphertext: RegExp;
  const keys = generateEncryptionKey();
  const codec = createPayloadCodec(parseKeyRing(keys));

  beforeAll(async () => {
    codecPort = await freePort();
    const proxyPort = await freePort();
    oneOrigin = `http://127.0.0.1:${proxyPort}`;
    server = await startDevServer({ codecEndpoint: `${oneOrigin}/codec` });
    proxy = await startUiProxy(proxyPort, Number(server.uiPort), codecPort);
    context = await openContext({
      env: { TEMPORAL_ADDRESS: server.address, HRFLOW_TEMPORAL_ENCRYPTION_KEYS: keys },
    });
    const run = await startRun(context);
    page = `/namespaces/default/workflows/${encodeURIComponent(run.workflowId)}/${run.runId}/history`;
    ciphertext = await storedInput(context, run.workflowId);
    browser = await openBrowser(path);
  });
  afterEach(async () => {
    await codecServer?.close();
    codecServer = undefined;
  });
  afterAll(async () => {
    await Promise.allSettled([context.close(), server.stop()]);
    await browser.close();
    proxy.closeAllConnections();
    proxy.close();
  });

  async function serveCodec(options: Partial<CodecServerOptions>): Promise<number[]> {
    const statuses: number[] = [];
    const info = (_: string, seen: object | undefined): void => {
      if (seen && 'status' in seen && 'method' in seen && seen.method !== 'OPTIONS') statuses.push(Number(seen.status));
    };
    const uiOrigins = [String(server.uiUrl), oneOrigin];
    codecServer = createCodecServer({ codec, uiOrigins, tokens: [], logger: { info, warn: info }, ...options });
    await codecServer.listen({ host: '127.0.0.1', port: codecPort });
    return statuses;
  }

  async function look(pattern: RegExp, name: string, origin = String(server.uiUrl), password?: string) {
    const tab = await browser.newPage({
      viewport: { width: 1400, height: 1400 },
      // What a user types if the browser asks for it.
      ...(password !== undefined && { httpCredentials: { username: 'anybody', password } }),
    });
    try {
      await tab.goto(origin + page);
      await tab.getByText(pattern).first().waitFor({ timeout: 40_000 });
      const folder = process.env['HRFLOW_TEMPORAL_SCREENSHOTS'];
      if (folder) await tab.screenshot({ path: join(folder, `${name}.png`) });
      return await tab.locator('body').innerText();
    } finally {
      await tab.close();
    }
  }

  it('shows a readable input through the codec server', async () => {
    await serveCodec({ allowWithoutToken: true });
    const text = await look(new RegExp(READABLE), 'decoded');
    expect(text).toMatch(/"connector":\s*"flatchr"/);
    expect(text).not.toMatch(ciphertext);
  });

  it('shows ciphertext without a codec server', async () => {
    expect(await look(ciphertext, 'without')).not.toContain(READABLE);
  });

  it('shows ciphertext if the codec server expects pages of another origin', async () => {
    const statuses = await serveCodec({ allowWithoutToken: true, uiOrigins: ['https://temporal.example'] });
    expect(await look(ciphertext, 'wrong-origin')).not.toContain(READABLE);
    // None at all, unless the browser has cached the permission from another test.
    expect(statuses.filter((status) => status !== 403)).toEqual([]);
  });

  it('shows ciphertext if the codec server expects a token that the UI lacks', async () => {
    const statuses = await serveCodec({ tokens: [{ token: TOKEN, namespaces: ['default'] }] });
    expect(await look(ciphertext, 'no-token')).not.toContain(READABLE);
    expect(new Set(statuses)).toEqual(new Set([401]));
  });

  it('shows a readable input if the user enters a token, and UI and codec server share an origin', async () => {
    const statuses = await serveCodec({ tokens: [{ token: TOKEN, namespaces: ['default'] }] });
    const text = await look(new RegExp(READABLE), 'password', oneOrigin, TOKEN);
    expect(text).not.toMatch(ciphertext);
    expect(new Set(statuses)).toEqual(new Set([401, 200]));
  });

  it('shows ciphertext if the user enters a wrong token', async () => {
    const statuses = await serveCodec({ tokens: [{ token: TOKEN, namespaces: ['default'] }] });
    expect(await look(ciphertext, 'wrong-password', oneOrigin, 'a guess')).not.toContain(READABLE);
    expect(new Set(statuses)).toEqual(new Set([401]));
  });

  it('gets nothing with a wrong token or one of another namespace, and everything with the right one', async () => {
    await serveCodec({
      tokens: [
        { token: TOKEN, namespaces: ['default'] },
        { token: 'token-of-another-namespace', namespaces: ['other'] },
      ],
    });
    expect(await decodeAs('token-of-another-namespace')).toEqual({ status: 403, readable: false });
    expect(await decodeAs('a guess')).toEqual({ status: 401, readable: false });
    expect(await decodeAs(TOKEN, 'https://evil.example')).toEqual({ status: 403, readable: false });
    expect(await decodeAs(TOKEN)).toEqual({ status: 200, readable: true });
  });

  /** Sends the request that the UI makes to an https endpoint, with the token. */
  async function decodeAs(token: string, origin = String(server.uiUrl)) {
    const [payload] = await codec.encode([
      { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(`"${READABLE}"`) },
    ]);
    const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
    const metadata = Object.entries(payload?.metadata ?? {}).map(([name, value]) => [name, toBase64(value)]);
    const response = await fetch(`http://127.0.0.1:${codecPort}/decode?preserveStorageRefs=true`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-namespace': 'default',
        authorization: `Bearer ${token}`,
        origin,
      },
      body: JSON.stringify({
        payloads: [{ metadata: Object.fromEntries(metadata), data: toBase64(payload?.data ?? new Uint8Array()) }],
      }),
    });
    const readable = (await response.text()).includes(toBase64(Buffer.from(`"${READABLE}"`)));
    return { status: response.status, readable };
  }
}

/** Returns the beginning of the stored input of a run, as the UI shows bytes. */
async function storedInput({ temporal }: ClientContext, workflowId: string): Promise<RegExp> {
  const { events } = await temporal.workflow.getHandle(workflowId).fetchHistory();
  const input = events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads?.[0];
  const text = Buffer.from(input?.data ?? [])
    .toString('base64')
    .slice(0, 40);
  return new RegExp(text.replaceAll('+', '\\+'));
}

/** Starts a push that no worker picks up. */
async function startRun(context: ClientContext): Promise<{ workflowId: string; runId: string }> {
  const asked = checkPush(
    'flatchr',
    'pushProfile',
    {
      originParameters: { api_secret: 'x', api_user: READABLE, source_key: 'source', profile_key: 'profile' },
      targetParameters: { auth: 'y', subdomain: 'careers', vacancy: 'developer' },
    },
    true,
  );
  const { runId } = await startPush(context, asked);
  return { workflowId: asked.workflowId, runId };
}
