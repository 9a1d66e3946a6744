import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Readable, Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
const POLL_MS = 100;

/** Path of a Chromium: `CHROMIUM_PATH`, else one of the usual names on the PATH; null where there is none. */
export function findChromium(): string | null {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  const onPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...(CHROMIUM_PATH ? [CHROMIUM_PATH] : []), ...onPath].find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A headless browser with one page. */
export interface Browser {
  goTo(url: string): Promise<void>;
  /**
   * Reads the page again and again.
   *
   * @returns its text as soon as that matches
   * @throws Error with the text when it does not within `timeoutMs`
   */
  textMatching(pattern: RegExp, timeoutMs?: number): Promise<string>;
  /** A PNG of what is seen. */
  screenshot(): Promise<Buffer>;
  close(): Promise<void>;
}

interface Message {
  readonly id?: number;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** Starts Chromium and speaks its DevTools protocol over a pipe, for which Node needs no WebSocket. */
export async function openBrowser(path: string): Promise<Browser> {
  const profile = mkdtempSync(join(tmpdir(), 'hrflow-temporal-chromium-'));
  // Chromium's sandbox refuses to work for root, which containers often are.
  const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  const flags = [
    '--headless=new',
    '--window-size=1400,1400',
    '--remote-debugging-pipe',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--no-first-run',
  ];
  const quiet = ['--disable-background-networking', '--disable-component-update', '--no-proxy-server'];
  const child = spawn(path, [...flags, ...quiet, ...sandbox, `--user-data-dir=${profile}`, 'about:blank'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const kill = (): void => void child.kill('SIGKILL');
  process.once('exit', kill);
  const call = speak(child);
  const session = await openPage(call);

  return {
    goTo: async (url) => {
      await call('Page.navigate', { url }, session);
    },
    textMatching: async (pattern, timeoutMs = 30_000) => {
      const deadline = Date.now() + timeoutMs;
      for (;;) {
        const text = await pageText(call, session);
        if (pattern.test(text)) return text;
        if (Date.now() > deadline) throw new Error(`the page does not show ${String(pattern)} but:\n${text}`);
        await delay(POLL_MS);
      }
    },
    screenshot: async () => Buffer.from(String((await call('Page.captureScreenshot', {}, session))['data']), 'base64'),
    close: async () => {
      const closed = once(child, 'close');
      kill();
      await closed;
      process.off('exit', kill);
      // Helper processes of the browser write for a while after it has ended.
      rmSync(profile, { recursive: true, force: true, maxRetries: 30, retryDelay: 100 });
    },
  };
}

type Call = (method: string, params?: object, sessionId?: string) => Promise<Readonly<Record<string, unknown>>>;

/** Requests and answers are JSON texts with a zero byte after each. */
function speak(child: ChildProcess): Call {
  const [, , , toBrowser, fromBrowser] = child.stdio;
  if (!(toBrowser instanceof Writable) || !(fromBrowser instanceof Readable)) {
    throw new Error('Chromium was started without the pipes that --remote-debugging-pipe needs');
  }
  const waiting = new Map<number, (message: Message) => void>();
  let id = 0;
  let rest = '';
  const ended = once(child, 'close').then(() => Promise.reject(new Error('Chromium has ended')));
  ended.catch(() => undefined);
  fromBrowser.setEncoding('utf8').on('data', (piece: string) => {
    const texts = (rest + piece).split('\0');
    rest = texts.pop() ?? '';
    for (const text of texts) {
      const message = JSON.parse(text) as Message;
      waiting.get(message.id ?? 0)?.(message);
      waiting.delete(message.id ?? 0);
    }
  });
  return (method, params = {}, sessionId) => {
    id += 1;
    const own = id;
    toBrowser.write(`${JSON.stringify({ id: own, method, params, ...(sessionId && { sessionId }) })}\0`);
    const answered = new Promise<Readonly<Record<string, unknown>>>((resolve, reject) => {
      waiting.set(own, ({ result, error }) => {
        if (error) reject(new Error(`${method}: ${error.message}`));
        else resolve(result ?? {});
      });
    });
    return Promise.race([answered, ended]);
  };
}

async function openPage(call: Call): Promise<string> {
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
  await call('Page.enable', {}, String(sessionId));
  return String(sessionId);
}

async function pageText(call: Call, session: string): Promise<string> {
  const expression = 'document.body ? document.body.innerText : ""';
  const { result } = await call('Runtime.evaluate', { expression, returnByValue: true }, session);
  return (result as { value?: string } | undefined)?.value ?? '';
}
