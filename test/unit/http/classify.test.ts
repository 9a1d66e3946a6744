import { describe, expect, it } from '@jest/globals';
import { classify, RULES, type Expectation } from '../../../src/http/classify';
import type { CallKind, HttpOutcome, NetworkCode } from '../../../src/http/outcome';

const NOW = Date.parse('2024-02-01T08:00:00Z');
const KINDS: readonly CallKind[] = ['read', 'create', 'lookup', 'upsert'];
const isDuplicate = (words: unknown) => JSON.stringify(words).includes('duplicate');

interface AnswerParts {
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly complete?: boolean;
  readonly withinLimit?: boolean;
  readonly undecodable?: boolean;
}

function answered(status: number, { headers = {}, body = '{}', ...parts }: AnswerParts = {}): HttpOutcome {
  return { arrived: 'answer', status, headers, body: Buffer.from(body), complete: true, withinLimit: true, ...parts };
}

function nothing(code: NetworkCode): HttpOutcome {
  return { arrived: 'nothing', code, sent: ['timeout', 'reset', 'garbled'].includes(code) };
}

function expecting(kind: CallKind): Expectation {
  const successStatuses = kind === 'create' ? [201] : [200];
  return { kind, successStatuses, json: kind === 'lookup' || kind === 'read', isDuplicate };
}

const html = { headers: { 'content-type': 'text/html; charset=utf-8' }, body: '<!DOCTYPE html><html></html>' };
const duplicate = { body: '{"detail":"a duplicate candidate exists"}' };
const wait = { headers: { 'retry-after': '30' } };
const tooLarge = { complete: false, withinLimit: false };
const undecodable = { body: '', complete: false, undecodable: true };

type Row = readonly [outcome: HttpOutcome, kind: CallKind, rule: string, verdict: string, type: string];

const CREATES: readonly Row[] = [
  [answered(201), 'create', 'created', 'ok', 'unavailable'],
  [answered(201, { body: '{"Candidate', complete: false }), 'create', 'created', 'ok', 'unavailable'],
  [answered(201, { body: 'created' }), 'create', 'created', 'ok', 'unavailable'],
  [answered(201, html), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(200), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(202), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(204, { body: '' }), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(302, { headers: { location: '/' } }), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(400), 'create', 'refused', 'refused', 'refused'],
  [answered(400, html), 'create', 'refused', 'refused', 'refused'],
  [answered(400, duplicate), 'create', 'create, says duplicate', 'duplicate', 'refused'],
  [answered(401), 'create', 'unauthorised', 'unauthorised', 'auth'],
  [answered(402), 'create', 'quota used up', 'refused', 'quota'],
  [answered(403), 'create', 'forbidden', 'refused', 'auth'],
  [answered(404), 'create', 'refused', 'refused', 'refused'],
  [answered(408), 'create', 'create, request time-out', 'unknown', 'unavailable'],
  [answered(408, duplicate), 'create', 'create, request time-out', 'unknown', 'unavailable'],
  [answered(409), 'create', 'create, conflict', 'duplicate', 'refused'],
  [answered(422), 'create', 'refused', 'refused', 'refused'],
  [answered(429), 'create', 'too many requests', 'not_sent', 'unavailable'],
  [answered(429, wait), 'create', 'too many requests', 'not_sent', 'unavailable'],
  [answered(429, duplicate), 'create', 'too many requests', 'not_sent', 'unavailable'],
  [answered(500), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(502, html), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(503), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(503, { headers: { 'retry-after': 'soon' } }), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(503, wait), 'create', 'busy, come back', 'not_sent', 'unavailable'],
  [answered(500, wait), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(599), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(999), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [nothing('timeout'), 'create', 'create, answer lost', 'unknown', 'unavailable'],
  [answered(201, tooLarge), 'create', 'created', 'ok', 'unavailable'],
  [answered(201, undecodable), 'create', 'created', 'ok', 'unavailable'],
  [answered(206), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [answered(414), 'create', 'refused', 'refused', 'refused'],
  [answered(431), 'create', 'refused', 'refused', 'refused'],
  [answered(501), 'create', 'create, anything else', 'unknown', 'unavailable'],
  [nothing('reset'), 'create', 'create, answer lost', 'unknown', 'unavailable'],
  [nothing('garbled'), 'create', 'create, answer lost', 'unknown', 'unavailable'],
];

/**
 * What is permanent and what may be a bad day. Of a lookup or an upsert, a page, a body that is cut or no JSON and every 5xx prove
 * nothing, and are repeated as long as the settings say. Of a read (profile, token, attachment) a page under a 200 is most
 * likely a log-in page or another service: repeated a few times, since some maintenance pages come so, then final.
 */
const READS: readonly Row[] = [
  [answered(200, html), 'read', 'no answer for machines', 'repeat', 'unavailable'],
  [answered(200, { body: 'PK' }), 'read', 'no answer for machines', 'repeat', 'unavailable'],
  [answered(502, html), 'read', 'anything else', 'repeat', 'unavailable'],
  [answered(501), 'read', 'not offered', 'refused', 'refused'],
  [answered(505), 'read', 'not offered', 'refused', 'refused'],
  [answered(511), 'read', 'not offered', 'refused', 'refused'],
  [nothing('garbled'), 'read', 'no HTTP', 'repeat', 'unavailable'],
  ...(['lookup', 'upsert'] as const).flatMap((kind): readonly Row[] => [
    [answered(200, html), kind, 'anything else', 'repeat', 'unavailable'],
    [answered(501), kind, 'anything else', 'repeat', 'unavailable'],
    [nothing('garbled'), kind, 'answer lost', 'repeat', 'unavailable'],
  ]),
  [answered(200, { body: 'PK' }), 'lookup', 'anything else', 'repeat', 'unavailable'],
];

const OTHERS: readonly Row[] = (['read', 'lookup', 'upsert'] as const).flatMap((kind): readonly Row[] => [
  [answered(200), kind, 'whole answer', 'ok', 'unavailable'],
  [answered(200, { complete: false }), kind, 'anything else', 'repeat', 'unavailable'],
  [answered(200, tooLarge), kind, 'too large', 'refused', 'refused'],
  [answered(200, undecodable), kind, 'not encoded as it says', 'refused', 'refused'],
  [answered(500, tooLarge), kind, 'anything else', 'repeat', 'unavailable'],
  [answered(500, undecodable), kind, 'anything else', 'repeat', 'unavailable'],
  [answered(201), kind, 'undocumented success', 'refused', 'refused'],
  [answered(202), kind, 'anything else', 'repeat', 'unavailable'],
  [answered(206), kind, 'undocumented success', 'refused', 'refused'],
  [answered(414), kind, 'refused', 'refused', 'refused'],
  [answered(431), kind, 'refused', 'refused', 'refused'],
  [
    answered(302, { headers: { location: 'https://elsewhere.test' } }),
    kind,
    'redirected elsewhere',
    'refused',
    'refused',
  ],
  [answered(400), kind, 'refused', 'refused', 'refused'],
  [answered(400, duplicate), kind, 'refused', 'refused', 'refused'],
  [answered(401), kind, 'unauthorised', 'unauthorised', 'auth'],
  [answered(402), kind, 'quota used up', 'refused', 'quota'],
  [answered(403), kind, 'forbidden', 'refused', 'auth'],
  [answered(404), kind, 'refused', 'refused', 'refused'],
  [answered(408), kind, 'request time-out', 'repeat', 'unavailable'],
  [answered(409), kind, 'refused', 'refused', 'refused'],
  [answered(429), kind, 'too many requests', 'not_sent', 'unavailable'],
  [answered(500), kind, 'anything else', 'repeat', 'unavailable'],
  [answered(503), kind, 'service unavailable', 'repeat', 'unavailable'],
  [answered(503, wait), kind, 'busy, come back', 'not_sent', 'unavailable'],
  [nothing('timeout'), kind, 'answer lost', 'repeat', 'unavailable'],
  [nothing('reset'), kind, 'answer lost', 'repeat', 'unavailable'],
]);

const BEFORE_THE_FIRST_BYTE: readonly Row[] = KINDS.flatMap((kind): readonly Row[] => [
  [nothing('blocked'), kind, 'address blocked', 'refused', 'refused'],
  [nothing('proxy_refused'), kind, 'refused by the proxy', 'refused', 'refused'],
  kind === 'create'
    ? [nothing('unknown_host'), kind, 'create, no such host', 'refused', 'refused']
    : [nothing('unknown_host'), kind, 'no such host', 'not_sent', 'unavailable'],
  [nothing('bad_tls'), kind, 'no secure connection', 'refused', 'refused'],
  ...(['dns', 'refused', 'tls', 'connect_timeout', 'aborted', 'too_late'] as const).map((code): Row => [
    nothing(code),
    kind,
    'nothing sent',
    'not_sent',
    'unavailable',
  ]),
]);

const ROWS = [...CREATES, ...OTHERS, ...READS, ...BEFORE_THE_FIRST_BYTE];

const titled = ROWS.map(([outcome, kind, rule, verdict, type]) => {
  const what = outcome.arrived === 'answer' ? `${outcome.status} ${JSON.stringify(outcome.headers)}` : outcome.code;
  return { title: `${kind}: ${what} is ${verdict} (${rule})`, outcome, kind, rule, verdict, type };
});

describe('the classifier', () => {
  it.each(titled)('$title', ({ outcome, kind, rule, verdict, type }) => {
    expect(classify(outcome, expecting(kind), NOW)).toMatchObject({ rule, verdict, type });
  });

  it('has no row that none of these cases reaches', () => {
    const reached = new Set(ROWS.map(([outcome, kind]) => classify(outcome, expecting(kind), NOW).rule));
    expect([...reached].sort()).toEqual(RULES.map(({ name }) => name).sort());
  });

  it('has a name of its own for every row', () => {
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length);
  });

  it('never takes a create for not sent, refused or done on a status that may hide an applicant', () => {
    const clear = new Set([201, 429]);
    for (let status = 100; status < 1_000; status += 1) {
      const { verdict } = classify(answered(status), expecting('create'), NOW);
      const isRefusal = status >= 400 && status < 500 && status !== 408 && status !== 429;
      if (isRefusal) expect(['refused', 'unauthorised', 'duplicate']).toContain(verdict);
      else if (!clear.has(status)) expect([status, verdict]).toEqual([status, 'unknown']);
    }
  });

  it('takes JSON for JSON whatever its media type says, and asks for it only where it is expected', () => {
    const json = answered(200, { headers: { 'content-type': 'application/json; charset=utf-8' } });
    const text = answered(200, { headers: { 'content-type': 'text/plain' }, body: '\uFEFF[]' });
    const bytes = answered(200, { body: 'PK' });
    expect(classify(json, expecting('read'), NOW).verdict).toBe('ok');
    expect(classify(text, expecting('lookup'), NOW).verdict).toBe('ok');
    expect(classify(bytes, expecting('lookup'), NOW).verdict).toBe('repeat');
    expect(classify(bytes, { ...expecting('lookup'), json: false }, NOW).verdict).toBe('ok');
  });

  const HTML = 'text/html; charset=utf-8';

  it.each([
    [HTML, '<!DOCTYPE html><html></html>'],
    [HTML, '<html>'],
    [HTML, ' \n<h1>Created</h1>'],
    [HTML, '<!-- served by a proxy --><html></html>'],
    ['application/json', '<!doctype html>'],
    ['application/json', ' \n<html><body></body></html>'],
    ['', '\uFEFF<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01//EN">'],
    ['text/plain', `${'\n'.repeat(1_000)}<HTML lang="fr">`],
  ])('takes a body under "%s" that begins with %j for a page, which creates nothing for certain', (type, body) => {
    expect(classify(answered(201, { headers: { 'content-type': type }, body }), expecting('create'), NOW).verdict).toBe(
      'unknown',
    );
  });

  it.each([
    [HTML, 'applicant created'],
    [HTML, '{"response":"applicant created"}'],
    [HTML, ''],
    [HTML, 'created: see <html>'],
    ['application/json', '{"text":"<html>"}'],
    ['application/xml', '<?xml version="1.0"?><created/>'],
    ['text/plain', '<htmlish'],
  ])('takes a body under "%s" that is %j for no page', (type, body) => {
    expect(classify(answered(201, { headers: { 'content-type': type }, body }), expecting('create'), NOW).verdict).toBe(
      'ok',
    );
  });

  it('hands on how long to wait, and nothing where the answer asks for no wait', () => {
    const delays = ['30', '0', 'Thu, 01 Feb 2024 08:01:00 GMT', 'Thu, 01 Feb 2024 07:00:00 GMT', '-5', 'soon'].map(
      (value) => classify(answered(429, { headers: { 'retry-after': value } }), expecting('create'), NOW).delayMs,
    );
    expect(delays).toEqual([30_000, null, 60_000, null, null, null]);
  });

  it('repeats only a few times what is most likely no bad day', () => {
    const doubtful = RULES.filter((rule) => rule.doubtful).map(({ name }) => name);
    expect(doubtful).toEqual(['no such host', 'no HTTP', 'no answer for machines']);
    expect(classify(answered(200, html), expecting('read'), NOW).doubtful).toBe(true);
    expect(classify(answered(200, html), expecting('lookup'), NOW).doubtful).toBe(false);
  });

  it.each([
    ['a broken connection', nothing('reset'), 'vendor', false],
    ['a blocked address', nothing('blocked'), 'operator', false],
    ['a certificate that is not accepted', nothing('bad_tls'), 'operator', false],
    ['an answer that is too large', answered(200, tooLarge), 'user', false],
    ['an answer that is encoded otherwise', answered(200, undecodable), 'vendor', false],
    ['refused credentials', answered(401), 'user', false],
    ['a 429', answered(429), 'vendor', true],
    ['a 503', answered(503), 'vendor', true],
  ] as const)('says who must act on %s, and whether it is an everyday matter', (_name, outcome, whoMustAct, benign) => {
    expect(classify(outcome, expecting('read'), NOW)).toMatchObject({ whoMustAct, benign });
  });
});
