import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { downloadAttachments } from '../../../src/activities/attachments';
import { StepFailure } from '../../../src/failure';
import type { HttpCall, HttpClient } from '../../../src/http/client';
import type { HttpOutcome } from '../../../src/http/outcome';
import { settingsOf } from '../../../src/settings';
import type { Fault } from '../../simulators';
import { startBench, type Bench } from './support';

const LARGEST = 50_000;

let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ settings: { attachmentMaxBytes: LARGEST } });
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

function download(urls: readonly string[], options: { signal?: AbortSignal; beforeEach?: () => void } = {}) {
  const document = { files: urls.map(($file) => ({ data: { $file, encoding: 'base64' } })) };
  const { http, settings } = bench.dependencies;
  const signal = options.signal ?? new AbortController().signal;
  return downloadAttachments(http, settingsOf(settings, 'flatchr'), document, { ...options, signal });
}

async function failureOf(running: Promise<unknown>): Promise<StepFailure['facts']> {
  const error: unknown = await running.then(
    () => new Error('it was downloaded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StepFailure)) throw error;
  return error.facts;
}

const bytes = Buffer.from([0x25, 0x50, 0x44, 0x46, 0, 255, 13, 10]);

describe('an attachment', () => {
  it('is downloaded byte by byte, each once, without credentials', async () => {
    const url = bench.simulators.files.put('cv/%C3%89lodie.pdf?signature=a%2Bb', bytes);
    const files = await download([url, url]);
    expect(files({ $file: url, encoding: 'base64' })).toEqual(bytes);
    expect(bench.simulators.files.requests).toHaveLength(1);
    expect(bench.simulators.files.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it.each([
    ['JSON that says it is text', '\uFEFF {"error": "expired"}', 'text/plain', /error page/],
    ['a list in JSON', '[{"error":"expired"}]', undefined, /error page/],
    ['anything that says it is JSON', 'expired', 'application/problem+json; charset=utf-8', /error page/],
    ['a program for Windows', 'MZ\u0090\0\u0003', 'application/pdf', /program/],
    ['a program for Linux', '\u007fELF\u0002', 'application/pdf', /program/],
    ['a script', '#!/bin/sh\n', 'text/plain', /program/],
  ])('that is %s cannot be sent', async (_, content, type, words) => {
    const url = bench.simulators.files.put('cv.pdf', Buffer.from(content), type);
    const facts = await failureOf(download([url]));
    expect(facts).toMatchObject({ type: 'attachment', retryable: false, message: expect.stringMatching(words) });
  });

  it.each([
    ['RTF, which begins like JSON', '{\\rtf1\\ansi A CV}'],
    ['a text that begins with a bracket', '[CV] Zoé'],
    ['a text that begins as programs do', 'MZALI Zoé, born in 1990'],
    ['a text about programs', 'I wrote #!/bin/sh and {"json": true}'],
  ])('that is %s is taken', async (_, content) => {
    const url = bench.simulators.files.put('cv', Buffer.from(content), 'application/octet-stream');
    expect((await download([url]))({ $file: url, encoding: 'binary' }).toString()).toBe(content);
  });

  it('of exactly the largest size is taken, and of one byte more refused', async () => {
    const { files } = bench.simulators;
    const most = files.put('most', Buffer.alloc(LARGEST, 1));
    const more = files.put('more', Buffer.alloc(LARGEST + 1, 1));
    expect((await download([most]))({ $file: most, encoding: 'binary' })).toHaveLength(LARGEST);
    expect(await failureOf(download([more]))).toMatchObject({
      type: 'attachment',
      retryable: false,
      message: expect.stringContaining(String(LARGEST)),
    });
  });

  it.each<[string, Fault, { retryable: boolean; words: RegExp }]>([
    ['without end', { kind: 'endless' }, { retryable: false, words: /more than/ }],
    ['whose signature has expired', { kind: 'status', status: 403 }, { retryable: false, words: /403/ }],
    ['that is gone', { kind: 'status', status: 404 }, { retryable: false, words: /404/ }],
    ['behind a sign-in', { kind: 'status', status: 401 }, { retryable: false, words: /401/ }],
    ['while the storage is down', { kind: 'status', status: 500 }, { retryable: true, words: /500/ }],
    ['while the storage is busy', { kind: 'status', status: 503 }, { retryable: true, words: /503/ }],
    ['of a storage that asks for patience', { kind: 'status', status: 429 }, { retryable: true, words: /429/ }],
    ['that is an HTML page', { kind: 'html', status: 200 }, { retryable: true, words: /HTML/ }],
    ['that breaks off', { kind: 'truncateAfterCommit' }, { retryable: true, words: /broke off/ }],
    ['that is reset', { kind: 'resetAfterCommit' }, { retryable: true, words: /cannot be downloaded/ }],
    ['that takes too long', { kind: 'delay', ms: 5_000 }, { retryable: true, words: /cannot be downloaded/ }],
    ['that drips', { kind: 'slowBody', chunkMs: 300, bytesPerChunk: 1 }, { retryable: true, words: /broke off/ }],
    ['that is empty', { kind: 'status', status: 200, body: '' }, { retryable: false, words: /empty/ }],
    [
      'that is the XML of an error under a 200',
      { kind: 'status', status: 200, body: '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>' },
      { retryable: false, words: /error page/ },
    ],
    [
      'that is the JSON of an error under a 200',
      { kind: 'status', status: 200, body: { code: 'AccessDenied' } },
      { retryable: false, words: /error page/ },
    ],
    [
      'that is redirected to another host',
      { kind: 'status', status: 302, headers: { Location: 'http://10.0.0.1/cv.pdf' } },
      { retryable: false, words: /302/ },
    ],
  ])('%s cannot be sent', async (_name, fault, { retryable, words }) => {
    const url = bench.simulators.files.put('cv.pdf', bytes);
    bench.simulators.files.faults.add({ fault });
    const facts = await failureOf(download([url]));
    expect(facts).toMatchObject({ type: 'attachment', whoMustAct: 'user', retryable });
    expect(facts.message).toMatch(words);
    expect(facts.message).not.toContain('127.0.0.1');
  });

  it.each([
    'http://10.0.0.1/cv.pdf',
    'http://[::1]/cv.pdf',
    'https://169.254.169.254/latest',
    'https://user:password@files.test/cv.pdf',
    'ftp://files.test/cv.pdf',
    'file:///etc/passwd',
    'not a url',
  ])('at %s is not reached', async (url) => {
    const facts = await failureOf(download([url]));
    expect(facts).toMatchObject({ type: 'attachment', retryable: false });
    expect(facts.message).toContain('may not be reached');
    expect(facts.message).not.toContain(url);
  });

  it('within the same origin may be redirected', async () => {
    const { files } = bench.simulators;
    files.put('new.pdf', bytes);
    const url = files.put('old.pdf', Buffer.from('old'));
    files.faults.add({ fault: { kind: 'status', status: 302, headers: { Location: '/new.pdf' } } });
    expect((await download([url]))({ $file: url, encoding: 'binary' })).toEqual(bytes);
  });

  it('is not downloaded any more when the download is stopped', async () => {
    const controller = new AbortController();
    controller.abort(new Error('stopped'));
    const url = bench.simulators.files.put('cv.pdf', bytes);
    await expect(download([url], { signal: controller.signal })).rejects.toThrow('stopped');
    expect(bench.simulators.files.requests).toEqual([]);
  });

  it('is not downloaded when there is no time left for it', async () => {
    const urls = ['a', 'b', 'c'].map((name) => bench.simulators.files.put(name, bytes));
    const noTime = () => {
      if (bench.simulators.files.requests.length === 2) throw new Error('no time left');
    };
    await expect(download(urls, { beforeEach: noTime })).rejects.toThrow('no time left');
    expect(bench.simulators.files.requests).toHaveLength(2);
  });

  it('is one of fifty at the most', async () => {
    const urls = Array.from({ length: 51 }, (_, number) => `${bench.simulators.files.url}/${number}`);
    expect(await failureOf(download(urls))).toMatchObject({ type: 'attachment', retryable: false });
    expect(bench.simulators.files.requests).toEqual([]);
  });
});

describe('all attachments of a document', () => {
  const MIB = 1024 * 1024;

  /** Answers with files of these sizes, one after the other, cut where the call says. */
  function storage(sizes: readonly number[]): { http: HttpClient; asked: HttpCall[] } {
    const asked: HttpCall[] = [];
    const send = (call: HttpCall): Promise<HttpOutcome> => {
      const size = sizes[asked.length] ?? 0;
      asked.push(call);
      const withinLimit = size <= (call.maxBytes ?? 0);
      const body = Buffer.alloc(withinLimit ? size : 0, 1);
      return Promise.resolve({ arrived: 'answer', status: 200, headers: {}, body, complete: withinLimit, withinLimit });
    };
    return { http: { send }, asked };
  }

  function downloadFrom(http: HttpClient, count: number) {
    const settings = { ...settingsOf(bench.dependencies.settings, 'flatchr'), attachmentMaxBytes: 40 * MIB };
    const files = Array.from({ length: count }, (_, number) => ({
      $file: `https://files.test/${number}`,
      encoding: 'binary',
    }));
    return downloadAttachments(http, settings, { files }, { signal: new AbortController().signal });
  }

  it('have a hundred MiB together, and not a byte more', async () => {
    const fitting = storage([40 * MIB, 40 * MIB, 20 * MIB]);
    await downloadFrom(fitting.http, 3);
    expect(fitting.asked.map(({ maxBytes }) => maxBytes)).toEqual([40 * MIB, 40 * MIB, 20 * MIB]);

    const more = storage([40 * MIB, 40 * MIB, 20 * MIB + 1]);
    expect(await failureOf(downloadFrom(more.http, 3))).toMatchObject({
      type: 'attachment',
      whoMustAct: 'user',
      retryable: false,
      message: expect.stringMatching(/all attachments together have more than 104857600 bytes/),
    });
  });

  it('are not to blame for one that is too large by itself', async () => {
    const { http } = storage([MIB, 40 * MIB + 1]);
    const { message } = await failureOf(downloadFrom(http, 2));
    expect(message).toContain(`it has more than ${40 * MIB} bytes`);
  });
});

it('a document without files needs none', async () => {
  await download([]);
  expect(bench.simulators.files.requests).toEqual([]);
});
