import { describe, expect, test } from '@jest/globals';
import { FaultScript, faultSchema, type Fault } from '../../simulators';
import { createApplicant, FLATCHR_HEADERS, requestToken, useSimulators } from './support';

const { clock, get } = useSimulators();

function play(fault: Fault): void {
  get().flatchr.faults.add({ operation: 'create', fault });
}

function lastRequest() {
  return get().flatchr.requests.at(-1);
}

describe('recording', () => {
  test('records a refused request completely', async () => {
    const response = await createApplicant(
      get(),
      {},
      { Authorization: 'Bearer wrong', 'Content-Type': 'application/json' },
    );
    expect(response.status).toBe(401);
    const [request] = get().flatchr.requests;
    expect(request).toMatchObject({
      id: 1,
      at: clock.time,
      method: 'POST',
      path: '/careers/vacancy/candidate/json',
      operation: 'create',
      status: 401,
      fault: null,
      committed: false,
      complete: true,
      json: { firstname: 'Zoé' },
    });
    expect(JSON.parse(request?.body.toString('utf8') ?? '')).toEqual(request?.json);
  });

  test('keeps query and headers, and marks what was committed', async () => {
    const { flatchr } = get();
    const headers = { ...FLATCHR_HEADERS, 'X-Mark': 'seen' };
    await fetch(`${flatchr.url}/api/company/none/vacancies?status=1`, { headers });
    await createApplicant(get());
    expect(flatchr.requests).toMatchObject([
      { query: { status: '1' }, headers: { 'x-mark': 'seen' }, committed: false },
      { status: 201, committed: true },
    ]);
  });

  test('omits json if the body is none', async () => {
    const { flatchr } = get();
    const url = `${flatchr.url}/careers/vacancy/candidate/json`;
    const response = await fetch(url, { method: 'POST', headers: FLATCHR_HEADERS, body: '{"vacancy":' });
    expect(response.status).toBe(400);
    expect(flatchr.requests[0]?.json).toBeUndefined();
  });
});

describe('a status', () => {
  test('comes in the error shape of the system and commits nothing by default', async () => {
    play({ kind: 'status', status: 503, headers: { 'Retry-After': '2' } });
    const response = await createApplicant(get());
    expect(response.status).toBe(503);
    expect(response.headers.get('retry-after')).toBe('2');
    expect(await response.json()).toMatchObject({ statusCode: 503, message: expect.any(String) });
    expect(get().flatchr.applicants).toHaveLength(0);
    expect(lastRequest()).toMatchObject({ status: 503, fault: 'status', committed: false });
  });

  test('can come after the commit', async () => {
    play({ kind: 'status', status: 500, commit: 'before' });
    expect((await createApplicant(get())).status).toBe(500);
    expect(get().flatchr.applicants).toHaveLength(1);
    expect(lastRequest()).toMatchObject({ status: 500, committed: true });
  });

  test('takes a body as JSON or as text', async () => {
    play({ kind: 'status', status: 418, body: { odd: true } });
    play({ kind: 'status', status: 400, body: 'no', contentType: 'text/csv' });
    expect(await (await createApplicant(get())).json()).toEqual({ odd: true });
    const text = await createApplicant(get());
    expect(text.headers.get('content-type')).toBe('text/csv');
    expect(await text.text()).toBe('no');
  });

  test('does not commit what would have been refused', async () => {
    play({ kind: 'status', status: 500, commit: 'before' });
    expect((await createApplicant(get(), { firstname: '' })).status).toBe(500);
    expect(get().flatchr.applicants).toHaveLength(0);
    expect(lastRequest()?.committed).toBe(false);
  });
});

describe('broken connections', () => {
  test('a reset before the commit leaves nothing', async () => {
    play({ kind: 'resetBeforeCommit' });
    await expect(createApplicant(get())).rejects.toThrow();
    expect(get().flatchr.applicants).toHaveLength(0);
    expect(lastRequest()).toMatchObject({ status: null, fault: 'resetBeforeCommit', committed: false });
  });

  test('a reset after the commit leaves the applicant', async () => {
    play({ kind: 'resetAfterCommit' });
    await expect(createApplicant(get())).rejects.toThrow();
    expect(get().flatchr.applicants).toHaveLength(1);
    expect(lastRequest()).toMatchObject({ status: null, committed: true });
  });

  test('a truncated answer has its head and breaks off in the body', async () => {
    play({ kind: 'truncateAfterCommit' });
    const response = await createApplicant(get());
    expect(response.status).toBe(201);
    await expect(response.text()).rejects.toThrow();
    expect(get().flatchr.applicants).toHaveLength(1);
    expect(lastRequest()).toMatchObject({ status: 201, committed: true });
  });
});

describe('slowness', () => {
  test('a delay responds normally in the end', async () => {
    play({ kind: 'delay', ms: 30 });
    const started = performance.now();
    const response = await createApplicant(get());
    expect(performance.now() - started).toBeGreaterThanOrEqual(25);
    expect(response.status).toBe(201);
    expect(get().flatchr.applicants).toHaveLength(1);
  });

  test('a delay after the commit has stored already when the client gives up', async () => {
    play({ kind: 'delay', ms: 60_000, commit: 'before' });
    const left = new AbortController();
    const call = createApplicant(get(), {}, FLATCHR_HEADERS, left.signal);
    await until(() => get().flatchr.applicants.length === 1);
    left.abort();
    await expect(call).rejects.toThrow();
    expect(lastRequest()).toMatchObject({ status: null, committed: true });
  });

  test('a delay before the commit stores although the client has left', async () => {
    const { flatchr } = get();
    const left = new AbortController();
    flatchr.faults.add({
      match: () => {
        left.abort();
        return true;
      },
      fault: { kind: 'delay', ms: 30, commitDelay: 20 },
    });
    await expect(createApplicant(get(), {}, FLATCHR_HEADERS, left.signal)).rejects.toThrow();
    await until(() => flatchr.applicants.length === 1);
    expect(lastRequest()).toMatchObject({ status: null, committed: true });
  });

  test('a reset of the simulator drops what is delayed', async () => {
    play({ kind: 'delay', ms: 60_000 });
    const call = createApplicant(get());
    await until(() => get().flatchr.requests.length === 1);
    get().flatchr.reset();
    await expect(call).rejects.toThrow();
    expect(get().flatchr.applicants).toHaveLength(0);
  });

  test('a slow body arrives whole', async () => {
    const { files } = get();
    const url = files.put('slow.bin', Buffer.alloc(100, 7));
    files.faults.add({ operation: 'download', fault: { kind: 'slowBody', chunkMs: 1, bytesPerChunk: 30 } });
    const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
    expect(bytes.equals(Buffer.alloc(100, 7))).toBe(true);
  });

  test('an endless body continues until the client leaves', async () => {
    const { files } = get();
    files.faults.add({ fault: { kind: 'endless' } });
    const left = new AbortController();
    const response = await fetch(files.put('endless.bin', Buffer.from('x')), { signal: left.signal });
    let received = 0;
    const body: ReadableStream<Uint8Array> | null = response.body;
    const reader = body?.getReader();
    while (received < 200_000) received += (await reader?.read())?.value?.length ?? 0;
    left.abort();
    expect(response.headers.get('content-length')).toBeNull();
  });
});

describe('refusals of a busy or odd server', () => {
  test('a rate limit names seconds or a date', async () => {
    play({ kind: 'rateLimit', form: 'seconds', seconds: 3 });
    play({ kind: 'rateLimit', form: 'date', seconds: 3 });
    const seconds = await createApplicant(get());
    expect([seconds.status, seconds.headers.get('retry-after')]).toEqual([429, '3']);
    const date = await createApplicant(get());
    expect(date.headers.get('retry-after')).toBe('Thu, 01 Feb 2024 08:00:04 GMT');
    expect(get().flatchr.applicants).toHaveLength(0);
  });

  test('a page instead of JSON can come after the commit', async () => {
    play({ kind: 'html', status: 200, commit: 'before' });
    const response = await createApplicant(get());
    expect(response.headers.get('content-type')).toMatch(/^text\/html/);
    expect(await response.text()).toMatch(/^<!DOCTYPE html>/);
    expect(get().flatchr.applicants).toHaveLength(1);
  });

  test('an expired token is the 401 of the system', async () => {
    play({ kind: 'expiredToken' });
    expect((await createApplicant(get())).status).toBe(401);
    expect((await createApplicant(get())).status).toBe(201);
  });

  test('a redirect of a file is a status with a location', async () => {
    const { files } = get();
    const url = files.put('cv.pdf', Buffer.from('x'));
    files.faults.add({ fault: { kind: 'status', status: 302, headers: { Location: 'http://127.0.0.1:1/other' } } });
    const response = await fetch(url, { redirect: 'manual' });
    expect([response.status, response.headers.get('location')]).toEqual([302, 'http://127.0.0.1:1/other']);
  });
});

describe('the script', () => {
  test('plays a rule as often as told, then the next, then nothing', async () => {
    const { flatchr } = get();
    flatchr.faults.add({ operation: 'create', times: 2, fault: { kind: 'status', status: 500 } });
    play({ kind: 'status', status: 502 });
    expect(flatchr.faults.pending).toBe(3);
    const statuses = [];
    for (let call = 0; call < 4; call += 1) statuses.push((await createApplicant(get())).status);
    expect(statuses).toEqual([500, 500, 502, 201]);
  });

  test('matches only the intended operation and requests', async () => {
    const { talentSoft } = get();
    const fault: Fault = { kind: 'status', status: 500 };
    talentSoft.faults.add({ operation: 'token', match: (request) => request.site === 'back', fault });
    expect((await requestToken(get(), 'front')).status).toBe(200);
    expect((await requestToken(get(), 'back')).status).toBe(500);
  });

  test('asks the generator if no rule matches', async () => {
    const { flatchr } = get();
    flatchr.faults.setGenerator((request) => (request.id % 2 === 0 ? { kind: 'status', status: 500 } : null));
    expect((await createApplicant(get())).status).toBe(201);
    expect((await createApplicant(get())).status).toBe(500);
    flatchr.faults.setGenerator(null);
    expect((await createApplicant(get())).status).toBe(201);
  });

  test('is forgotten by a reset of the simulator', async () => {
    play({ kind: 'status', status: 500 });
    get().flatchr.reset();
    expect((await createApplicant(get())).status).toBe(201);
  });

  test('has nothing to say at first, and a fault from outside is checked', () => {
    expect(new FaultScript().pending).toBe(0);
    expect(faultSchema.safeParse({ kind: 'delay', ms: -1 }).success).toBe(false);
    expect(faultSchema.safeParse({ kind: 'resetAfterCommit', more: 1 }).success).toBe(false);
  });
});

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}
