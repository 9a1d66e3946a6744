import { describe, expect, it } from '@jest/globals';
import { classify } from '../../../src/http/classify';
import type { HttpCall } from '../../../src/http/client';
import { factsOf } from '../../../src/http/failure';
import aspNetErrors from '../../fixtures/errors/asp-net.json';
import type { CallKind, HttpAnswer, HttpOutcome, NetworkCode } from '../../../src/http/outcome';

const call: HttpCall = {
  kind: 'create',
  method: 'POST',
  url: 'https://tenant.test/secret-path?token=secret-query',
  pathTemplate: '/vacancy/candidate/json',
  headers: { Authorization: 'Bearer secret-header' },
  body: 'secret-body',
};

function answered(status: number, body: string, changes: Partial<HttpAnswer> = {}): HttpAnswer {
  return {
    arrived: 'answer',
    status,
    headers: {},
    body: Buffer.from(body),
    complete: true,
    withinLimit: true,
    ...changes,
  };
}

function facts(outcome: HttpOutcome, kind: CallKind = 'create') {
  const expected = { kind, successStatuses: [201], json: kind !== 'create' };
  return factsOf('Flatchr', { ...call, kind }, outcome, classify(outcome, expected, Date.now()), (text) => text);
}

const CODES: readonly NetworkCode[] = [
  'blocked',
  'dns',
  'unknown_host',
  'refused',
  'tls',
  'bad_tls',
  'proxy_refused',
  'connect_timeout',
  'aborted',
  'too_late',
  'timeout',
  'reset',
  'garbled',
];

describe('the words for what came of a call', () => {
  it.each(CODES)('say what %s means, and hold nothing of the request', (code) => {
    const { message, nextStep } = facts({ arrived: 'nothing', sent: false, code });
    expect(message).toMatch(/^Flatchr \(POST \/vacancy\/candidate\/json\): .+\.$/);
    expect(message + nextStep).not.toMatch(/secret|tenant/);
    expect(nextStep).not.toBe('');
  });

  it.each([201, 202, 302, 400, 401, 402, 403, 404, 409, 429, 500, 503])(
    'of a %d hold nothing of the request',
    (status) => {
      const { message, nextStep } = facts(answered(status, '{"message":"words of Flatchr"}'));
      expect(message).toContain(String(status));
      expect(message + nextStep).not.toMatch(/secret|tenant/);
    },
  );

  it('name the variable that opens a blocked address', () => {
    expect(facts({ arrived: 'nothing', sent: false, code: 'blocked' }).nextStep).toContain(
      'HRFLOW_TEMPORAL_EGRESS_ALLOW',
    );
  });

  it.each([
    ['{"message":"no such vacancy"}', 'no such vacancy'],
    ['{"error":"invalid_client","error_description":"unknown client"}', 'unknown client; invalid_client'],
    ['{"title":"Bad Request","o:errorDetails":[{"detail":"LastName is missing"}]}', 'Bad Request; LastName is missing'],
    ['{"errors":[{"message":"a"},{"message":"b"}]}', 'a; b'],
    [
      '{"Message":"An error has occurred.","ModelState":{"Name":["is missing"]}}',
      'An error has occurred.; Name: is missing',
    ],
    ['{"errors":{"email":"is taken","name":{"message":"is long"}}}', 'email: is taken; name: is long'],
    ['{"errors":[{"field":"email","message":"is wrong"}]}', 'email: is wrong'],
    ['{"errors":[{"field":"email","defaultMessage":"must not be blank"}]}', 'email: must not be blank'],
    ['{"errors":{"":["The body is empty."]}}', 'The body is empty'],
    [
      '{"title":"Invalid","invalid-params":[{"name":"age","reason":"must be positive"}]}',
      'Invalid; age: must be positive',
    ],
    ['{"error":{"message":"Refused","details":[{"message":"no such job"}]}}', 'Refused; no such job'],
    ['{"email":["Enter a valid address."]}', '{"email":["Enter a valid address."]}'],
    ['{"detail":[{"loc":["body","email"],"msg":"field required"}]}', 'body.email: field required'],
    ['plain\n  text', 'plain text'],
    ['{"message":"ends with a stop."}', 'ends with a stop'],
  ])('quote the other system: %s', (body, words) => {
    expect(facts(answered(400, body)).message).toBe(`Flatchr answered 400 to POST /vacancy/candidate/json: ${words}.`);
  });

  it('quote what ASP.NET says of each field', () => {
    expect(aspNetErrors.map((body) => facts(answered(400, JSON.stringify(body))).message)).toEqual([
      'Flatchr answered 400 to POST /vacancy/candidate/json: The request is invalid.; ' +
        'applicant.personalInformation.email: The email is not valid.',
      'Flatchr answered 400 to POST /vacancy/candidate/json: One or more validation errors occurred.; ' +
        'Email: The Email field is not a valid e-mail address.; LastName: The LastName field is required.',
    ]);
  });

  it('are found in JSON that is nested as deep as it likes', () => {
    const deep = '{"errors":['.repeat(5_000) + '"deep"' + ']}'.repeat(5_000);
    expect(() => facts(answered(400, deep)).message).not.toThrow();
  });

  it('cut what the other system says to 500 characters, and never in the middle of one', () => {
    const { message } = facts(answered(400, JSON.stringify({ message: '🚀'.repeat(2_000) })));
    expect(Array.from(message.replace(/^[^🚀]+/u, '').replace(/\.$/, ''))).toHaveLength(500);
    expect(message).not.toMatch(/\p{Surrogate}/u);
  });

  it('do not quote an HTML page', () => {
    expect(facts(answered(502, '<!DOCTYPE html><html>page</html>')).message).toMatch(/502 .+ with an HTML page\.$/);
  });

  it.each([
    ['is no JSON', answered(201, 'access_token=secret-token'), 'not what its documentation says'],
    ['broke off', answered(201, '{"access_token":"secret-tok', { complete: false }), 'broke off'],
    ['is too large', answered(201, 'secret', { complete: false, withinLimit: false }), 'more than 8388608 bytes'],
    ['is encoded otherwise', answered(201, '', { complete: false, undecodable: true }), 'its Content-Encoding'],
    ['has another status', answered(200, '{"message":"secret-token"}'), 'not what its documentation says'],
  ])('do not quote a success that %s: it may be a token or a profile', (_name, outcome, words) => {
    const { message } = facts(outcome, 'read');
    expect(message).toContain(words);
    expect(message).not.toContain('secret');
  });

  it.each([
    ['a 404 without words', answered(404, ''), 'read', /Check FLATCHR_URL: nothing exists under this path/],
    ['a 404 with a page', answered(404, '<!DOCTYPE html><html></html>'), 'create', /Check FLATCHR_URL/],
    ['a page under a 201', answered(201, '<!DOCTYPE html><html></html>'), 'read', /Check FLATCHR_URL/],
    ['a redirect', answered(302, '', { headers: { location: 'https://x.test' } }), 'read', /Set FLATCHR_URL to/],
    ['no such host', { arrived: 'nothing', sent: false, code: 'unknown_host' }, 'create', /the host in FLATCHR_URL/],
    [
      'a proxy that refuses',
      { arrived: 'nothing', sent: false, code: 'proxy_refused' },
      'read',
      /HRFLOW_TEMPORAL_PROXY/,
    ],
    ['a bad certificate', { arrived: 'nothing', sent: false, code: 'bad_tls' }, 'read', /NODE_EXTRA_CA_CERTS/],
  ] as const)('say where to look after %s, and leave it to the operator who set it', (_name, outcome, kind, words) => {
    const expected = { kind, successStatuses: [201], json: kind !== 'create' };
    const own = { ...call, kind, trusted: true, urlFrom: 'FLATCHR_URL' };
    const found = factsOf('Flatchr', own, outcome, classify(outcome, expected, Date.now()), (text) => text);
    expect(found.nextStep).toMatch(words);
    expect(found.whoMustAct).toBe('operator');
  });

  it('leave an address that came with the push to the user', () => {
    const outcome = { arrived: 'nothing', sent: false, code: 'unknown_host' } as const;
    expect(facts(outcome)).toMatchObject({ type: 'refused', whoMustAct: 'user', retryable: false });
  });

  it('name the request id that the vendor will ask for, where it is one', () => {
    const withId = (id: string) => facts(answered(500, '', { headers: { 'x-request-id': id } })).message;
    expect(withId('req-1:2')).toContain('(request req-1:2)');
    expect(withId('Élodie <script>')).not.toContain('request');
  });

  it('come with the status of an answer, and with none where no answer came', () => {
    expect(facts(answered(404, '')).status).toBe(404);
    expect(facts({ arrived: 'nothing', sent: true, code: 'reset' })).not.toHaveProperty('status');
  });

  it('quote a plain text whose media type says HTML', () => {
    const headers = { 'content-type': 'text/html' };
    expect(facts(answered(400, 'no such vacancy', { headers })).message).toContain(': no such vacancy.');
  });

  it('say whether a repeat may help', () => {
    const retryable = [429, 500, 401, 400, 403].map((status) => facts(answered(status, ''), 'read').retryable);
    expect(retryable).toEqual([true, true, true, false, false]);
  });
});
