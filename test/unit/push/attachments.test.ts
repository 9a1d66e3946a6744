import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { downloadAttachments, type DownloadOptions } from '../../../src/push/attachments';
import { StepError } from '../../../src/protocol/errors';
import type { HttpCall, HttpClient } from '../../../src/http/client';
import type { HttpOutcome } from '../../../src/http/outcome';
import { settingsOf } from '../../../src/config/settings';
import type { FileFacts } from '../../../src/protocol/messages';
import type { Fault } from '../../simulators/index';
import { run, startBench, type Bench } from '../activities/support';

const LARGEST = 50_000;

let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ settings: { attachmentMaxBytes: LARGEST } });
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

function download(urls: readonly string[], options: Partial<DownloadOptions> = {}) {
  const document = { files: urls.map(($file) => ({ data: { $file, encoding: 'base64' } })) };
  const { http, settings } = bench.dependencies;
  const signal = options.signal ?? new AbortController().signal;
  return downloadAttachments(http, settingsOf(settings, 'flatchr'), document, { ...options, signal });
}

async function failureOf(running: Promise<unknown>): Promise<StepError['facts']> {
  const error: unknown = await running.then(
    () => new Error('it was downloaded'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof StepError)) throw error;
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
    ['that is an HTML page', { kind: 'html', status: 200 }, { retryable: false, words: /HTML page came instead/ }],
    [
      'behind a gateway that is down',
      { kind: 'html', status: 502 },
      { retryable: true, words: /502 with an HTML page/ },
    ],
    ['that comes in part', { kind: 'status', status: 206, body: 'half' }, { retryable: false, words: /206, a part/ }],
    [
      'that is not encoded as it says',
      { kind: 'status', status: 200, headers: { 'Content-Encoding': 'gzip' }, body: '%PDF-1.7' },
      { retryable: false, words: /not encoded as its Content-Encoding says/ },
    ],
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
      'that is the XML of an error with a namespace',
      { kind: 'status', status: 200, body: '<Error xmlns="urn:x"><Code>ExpiredToken</Code></Error>' },
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
    expect(facts).toMatchObject({ type: 'attachment', whoMustAct: retryable ? 'vendor' : 'user', retryable });
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

  it('at an address that may not be reached is for the operator, in the words of the guard', async () => {
    const facts = await failureOf(download(['http://10.0.0.1/cv/zoe.pdf?signature=abc']));
    expect(facts).toMatchObject({ whoMustAct: 'operator', retryable: false });
    expect(facts.message).toContain('http://10.0.0.1:80: it is no public https address');
    expect(facts.message + facts.nextStep).toContain('HRFLOW_TEMPORAL_EGRESS_ALLOW');
    expect(facts.message).not.toMatch(/zoe|signature/);
  });

  it('of a storage that redirects elsewhere says so, and nothing of path and query', async () => {
    const headers = { Location: 'https://login.example.test/zoe?token=abc' };
    bench.simulators.files.faults.add({ fault: { kind: 'status', status: 302, headers } });
    const facts = await failureOf(download([bench.simulators.files.put('cv.pdf', bytes)]));
    expect(facts).toMatchObject({ whoMustAct: 'user', retryable: false });
    expect(facts.message).toContain('answered 302 and redirects elsewhere, to https://login.example.test,');
    expect(facts.message).not.toMatch(/zoe|token/);
  });

  it('at a host that does not exist is final; where the resolver gives no answer, it is not', async () => {
    const answering = (code: 'unknown_host' | 'dns' | 'bad_tls'): HttpClient => ({
      send: () => Promise.resolve({ arrived: 'nothing', sent: false, code, reason: `https://files.test:443: ${code}` }),
    });
    const settings = settingsOf(bench.dependencies.settings, 'flatchr');
    const document = { data: { $file: 'https://files.test/cv.pdf', encoding: 'base64' } };
    const failure = (code: 'unknown_host' | 'dns' | 'bad_tls') =>
      failureOf(downloadAttachments(answering(code), settings, document, { signal: new AbortController().signal }));
    expect(await failure('unknown_host')).toMatchObject({ retryable: false, whoMustAct: 'user' });
    expect(await failure('bad_tls')).toMatchObject({ retryable: false, whoMustAct: 'operator' });
    expect(await failure('dns')).toMatchObject({ retryable: true, whoMustAct: 'vendor' });
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

describe('an attachment that is HTML', () => {
  const word = readFileSync(join(__dirname, '..', '..', 'fixtures', 'attachments', 'cv-word-html.doc'));
  const outcome = (path: string, type: string, facts: Partial<FileFacts> = {}) => {
    const url = bench.simulators.files.put(path, word, type);
    const own = { url, extension: /\.\w+$/.exec(path)?.[0] ?? '', ...facts };
    return download([url], { facts: [own] }).then(
      (files) => files({ $file: url, encoding: 'binary' }).equals(word),
      (error: unknown) => (error instanceof StepError && !error.facts.retryable ? 'refused' : error),
    );
  };

  it.each([
    ['cv.doc', 'application/msword'],
    ['cv.doc', 'binary/octet-stream'],
    ['cv.doc', 'application/octet-stream'],
    ['cv', 'application/msword'],
    ['cv.xls', 'application/vnd.ms-excel'],
    ['cv.rtf', 'application/rtf'],
    ['cv.txt', 'text/plain'],
  ])('is sent as %s under %s, as Word writes it', async (path, type) => {
    expect(await outcome(path, type)).toBe(true);
  });

  it.each([
    ['cv.pdf', 'application/pdf'],
    ['cv.pdf', 'application/msword'],
    ['cv.docx', 'application/octet-stream'],
    ['cv.doc', 'text/html; charset=utf-8'],
    ['cv.html', 'text/html'],
    ['cv', 'application/octet-stream'],
  ])('is a log-in page as %s under %s, and refused at once', async (path, type) => {
    expect(await outcome(path, type)).toBe('refused');
  });

  it('is sent under text/html where it has the size that the profile states', async () => {
    expect(await outcome('cv.html', 'text/html', { size: word.length })).toBe(true);
    expect(await outcome('cv.html', 'text/html', { size: word.length + 1 })).toBe('refused');
    expect(await outcome('cv.pdf', 'text/html', { size: word.length })).toBe('refused');
  });

  it('is judged by the extension of the URL where the profile tells nothing of it', async () => {
    const url = bench.simulators.files.put('cv.DOC%20?x=.pdf', word, 'application/msword');
    expect((await download([url]))({ $file: url, encoding: 'binary' })).toEqual(word);
  });
});

describe('the bytes of a document', () => {
  it.each([
    ['a PDF', '%PDF-1.7 x %%EOF'],
    ['a PDF behind some bytes', '\r\n%PDF-1.7 x %%EOF'],
    ['a file of Word', 'PK\u0003\u0004'],
    ['an old file of Word', '\u00d0\u00cf\u0011\u00e0\u00a1\u00b1'],
    ['RTF', '{\\rtf1 CV}'],
  ])('decide, and not the media type: %s under application/json is sent', async (_name, content) => {
    const url = bench.simulators.files.put('cv', Buffer.from(content, 'latin1'), 'application/json');
    expect((await download([url]))({ $file: url, encoding: 'binary' }).toString('latin1')).toBe(content);
  });
});

describe('a file that is not as the profile says', () => {
  const whole = Buffer.from(`%PDF-1.7\n${'x'.repeat(2_000)}\n%%EOF\n`);
  const half = whole.subarray(0, 1_000);

  /** Answers with these files, one after the other. */
  function storage(answers: readonly Buffer[]) {
    const http: HttpClient & { asked: number } = {
      asked: 0,
      send: () => {
        const body = answers[http.asked] ?? Buffer.from('too many');
        http.asked += 1;
        return Promise.resolve({
          arrived: 'answer',
          status: 200,
          headers: {},
          body,
          complete: true,
          withinLimit: true,
        });
      },
    };
    return http;
  }

  async function fetched(http: HttpClient, facts: Partial<FileFacts>): Promise<Buffer> {
    const url = 'https://files.test/cv.pdf';
    const document = { data: { $file: url, encoding: 'base64' } };
    const settings = settingsOf(bench.dependencies.settings, 'flatchr');
    const files = await downloadAttachments(http, settings, document, {
      signal: new AbortController().signal,
      facts: [{ url, extension: '.pdf', ...facts }],
    });
    return files({ $file: url, encoding: 'base64' });
  }

  const wholeSize = whole.length;

  it.each<[string, Buffer[], number | undefined, Buffer, number]>([
    ['is as the profile says', [whole], wholeSize, whole, 1],
    ['is whole where the profile states no size', [whole], undefined, whole, 1],
    ['is half of it at first', [half, whole], wholeSize, whole, 2],
    ['is half of it at first, and a PDF without an end tells', [half, whole], undefined, whole, 2],
    ['comes differently three times', [half, whole.subarray(1), half, whole], wholeSize, whole, 4],
    ['comes the same twice: the profile is old', [whole, whole], wholeSize + 7, whole, 2],
    ['comes the same twice: the PDF is so', [half, half], undefined, half, 2],
    ['comes the same twice after another', [half, whole, whole], 5, whole, 3],
  ])('and %s is sent', async (_name, answers, size, sent, asked) => {
    const http = storage(answers);
    expect((await fetched(http, size === undefined ? {} : { size })).equals(sent)).toBe(true);
    expect(http.asked).toBe(asked);
  });

  it('and never the same twice is tried four times, and again later', async () => {
    const http = storage([1, 2, 3, 4].map((size) => whole.subarray(0, size * 100)));
    expect(await failureOf(fetched(http, { size: wholeSize }))).toMatchObject({ type: 'attachment', retryable: true });
    expect(http.asked).toBe(4);
  });

  it('is known by what the format step hands on', async () => {
    const { files, hrflow } = bench.simulators;
    const url = files.put('cv.pdf', whole, 'application/pdf');
    const [profile] = bench.profiles;
    if (!profile) throw new Error('there is no profile');
    const attachments = [{ ...profile.attachments[0], public_url: url, file_size: String(wholeSize), extension: null }];
    const target = bench.target('flatchr');
    const { document, files: facts } = await bench.documents(target, { ...profile, attachments });
    expect(facts).toEqual([{ url, extension: '.pdf', size: wholeSize }]);
    files.faults.add({ fault: { kind: 'status', status: 200, body: half.toString('latin1') } });
    const timing = bench.timing('flatchr');
    await run(() => bench.activities.pushApplicant({ ...target, document: document ?? {}, files: facts, timing }));
    expect(files.requests).toHaveLength(2);
    expect(bench.simulators.flatchr.applicants).toHaveLength(1);
    expect(hrflow.requests).toEqual([]);
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
