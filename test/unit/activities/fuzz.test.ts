import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createActivities } from '../../../src/activities';
import { timingOf } from '../../../src/push/dependencies';
import type { JsonObject } from '../../../src/connectors/connector';
import { workerDependencies } from '../../../src/push/worker-dependencies';
import { createZip, uint32 } from '../../simulators/zip';
import { anyProfile } from '../connectors/format/support';
import { failureIn, run } from './support';

/** Too slow is a failure, too: fewer runs would pass unseen. */
const WHOLE = { numRuns: 2_000, interruptAfterTimeLimit: 170_000, markInterruptAsFailure: true } as const;

interface Odd {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** What becomes of the answer. */
  readonly way: 'whole' | 'none' | 'half' | 'no HTTP' | 'stuck';
}

const envelope = { code: 200, message: '', data: { info: { email: 'a@example.test' } } };
const candidate = { candidateDetail: { id: 1, email: 'a@example.test', creationDate: '2024-01-01T00:00:00Z' } };
const zip = createZip([{ name: 'applicantdetail', data: Buffer.from(JSON.stringify(candidate)) }]);

/** Bodies that are nearly what is expected, with anything at all in their places. */
const jsonBody = fc.oneof(
  fc.jsonValue(),
  fc.constant(envelope),
  fc.record({ code: fc.jsonValue(), message: fc.jsonValue(), data: fc.jsonValue() }, { requiredKeys: [] }),
  fc.record({
    code: fc.integer(),
    message: fc.constantFrom('Unable to find object', 'Unable to find object: source', 'x'),
  }),
  fc.record({ access_token: fc.oneof(fc.string(), fc.jsonValue()), expires_in: fc.oneof(fc.double(), fc.jsonValue()) }),
  fc.record({
    items: fc.oneof(fc.array(fc.jsonValue(), { maxLength: 3 }), fc.jsonValue()),
    hasMore: fc.oneof(fc.boolean(), fc.jsonValue()),
  }),
  fc.array(
    fc.record({
      slug: fc.constant('v'),
      vacancy_id: fc.jsonValue(),
      email: fc.oneof(fc.constant('a@example.test'), fc.jsonValue()),
    }),
  ),
  fc.record({ CandidateNumber: fc.jsonValue(), id: fc.jsonValue(), application: fc.jsonValue() }, { requiredKeys: [] }),
  fc.record({
    message: fc.oneof(fc.string({ maxLength: 2_000 }), fc.jsonValue()),
    errors: fc.jsonValue(),
    'o:errorDetails': fc.jsonValue(),
  }),
);

const body = fc.oneof(
  { weight: 6, arbitrary: jsonBody.map((value) => Buffer.from(JSON.stringify(value))) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constant(Buffer.from('<!DOCTYPE html><html>duplicate</html>')) },
  { weight: 1, arbitrary: fc.constant(Buffer.concat([uint32(zip.length), zip])) },
  { weight: 1, arbitrary: fc.nat(zip.length).map((end) => Buffer.concat([uint32(zip.length), zip.subarray(0, end)])) },
  {
    weight: 1,
    arbitrary: fc.uint8Array({ minLength: 1, maxLength: 60 }).map((junk) => Buffer.concat([uint32(junk.length), junk])),
  },
  { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
);

const headers = fc
  .record(
    {
      'Content-Type': fc.constantFrom('application/json', 'text/html', 'text/plain', 'application/octet-stream', ';;'),
      'Content-Encoding': fc.constantFrom('gzip', 'br', 'deflate', 'identity', 'nonsense'),
      'Retry-After': fc.constantFrom('0', '5', '-1', 'soon', '99999999999999999999', 'Thu, 01 Jan 1970 00:00:00 GMT'),
      'X-RateLimit-Reset': fc.constantFrom('1', 'x', '1700000000', '99999999999999'),
      Location: fc.constantFrom('/', '', 'http://10.0.0.1/', 'ftp://x', 'http://[', '//a@b', '/%%%'),
      'X-Request-Id': fc.constantFrom('id', 'é', '<b>'),
      'Set-Cookie': fc.constantFrom('a=b'),
    },
    { requiredKeys: [] },
  )
  .map((some) => ({ ...some }));

const odd: fc.Arbitrary<Odd> = fc.record({
  status: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(200, 201) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        202,
        204,
        206,
        301,
        302,
        304,
        307,
        400,
        401,
        402,
        403,
        404,
        408,
        409,
        422,
        429,
        500,
        502,
        503,
      ),
    },
    { weight: 1, arbitrary: fc.integer({ min: 200, max: 999 }) },
  ),
  headers: fc.oneof({ weight: 3, arbitrary: fc.constant({}) }, { weight: 2, arbitrary: headers }),
  body,
  way: fc.oneof(
    { weight: 40, arbitrary: fc.constant('whole' as const) },
    { weight: 6, arbitrary: fc.constantFrom('none' as const, 'half' as const, 'no HTTP' as const) },
    { weight: 1, arbitrary: fc.constant('stuck' as const) },
  ),
});

let server: Server;
let port = 0;
let folder = '';
let answers: readonly Odd[] = [];
let requests: string[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    const chosen = answers[(requests.length - 1) % answers.length];
    request.resume();
    request.on('end', () => (chosen ? answer(chosen, response) : response.destroy()));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  port = address.port;
  folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-fuzz-'));
  const quick = { connectTimeoutMs: 500, responseTimeoutMs: 80, ratePerSecond: 10_000, maxInFlight: 1_000 };
  const connectors = { hrflow: quick, flatchr: quick, talentSoft: quick, oracleORC: quick };
  writeFileSync(join(folder, 'settings.json'), JSON.stringify({ connectors }));
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true, force: true });
});

function answer(chosen: Odd, response: ServerResponse): void {
  const { status, body: bytes, way } = chosen;
  if (way === 'none') {
    response.destroy();
    return;
  }
  if (way === 'stuck') return;
  if (way === 'no HTTP') {
    response.socket?.end(bytes);
    return;
  }
  response.writeHead(status, { ...asciiOnly(chosen.headers), 'Content-Length': bytes.length });
  if (way === 'whole') response.end(bytes);
  else response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
}

function asciiOnly(some: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(some).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]));
}

/** A worker's activities with nothing remembered: a 429 of one case shall not slow the next. */
function fresh() {
  const url = `http://127.0.0.1:${port}`;
  const env = {
    HRFLOW_API_URL: url,
    FLATCHR_URL: `${url}/{subdomain}`,
    HRFLOW_TEMPORAL_EGRESS_ALLOW: '127.0.0.1',
    HRFLOW_TEMPORAL_SETTINGS: join(folder, 'settings.json'),
  };
  const dependencies = workerDependencies(env, { encrypted: true });
  return { activities: createActivities(dependencies), dependencies };
}

const targetsOf = (): readonly { connector: string; targetParameters: JsonObject }[] => {
  const url = `http://127.0.0.1:${port}`;
  const talentSoft = {
    client_id_front: 'a',
    client_secret_front: 'b',
    client_url_front: url,
    client_id_back: 'c',
    client_secret_back: 'd',
    client_url_back: url,
  };
  const oracle = { authData: { username: 'u', password: 'p' }, hostAndPort: { host: 'http://127.0.0.1', port } };
  const flatchr = { auth: 'k', subdomain: 's', vacancy: 'v', enrich: { compagny: 'c' } };
  return [
    { connector: 'talentSoft', targetParameters: talentSoft },
    { connector: 'oracleORC', targetParameters: oracle },
    { connector: 'flatchr', targetParameters: flatchr },
  ];
};

const profile: JsonObject = { info: { first_name: 'A', last_name: 'B', email: 'a@example.test' } };
const origin = { api_secret: 's', api_user: 'u@example.test', source_key: 'k', profile_key: 'p' };
const asked = { logics: [], read_mode: 'sync', onFailure: 'fail', holdFor: '1 day', lookupFirst: false } as const;

const STEPS = ['fetchProfile', 'authenticate', 'pushApplicant', 'findApplicant', 'enrich'] as const;

async function step(name: (typeof STEPS)[number], which: number, purpose: 'settle' | 'first'): Promise<unknown> {
  const { activities, dependencies } = fresh();
  const chosen = targetsOf()[name === 'enrich' ? 2 : which];
  if (!chosen) throw new Error('there is no such connector');
  const target = { ...chosen, action: 'pushProfile' } as const;
  const timing = timingOf(dependencies, target.connector);
  const { document, enrichment, lookupKeys } = await run(() => activities.format({ ...target, profile }));
  switch (name) {
    case 'fetchProfile':
      return run(() => activities.fetchProfile({ ...target, originParameters: origin, actionParameters: asked }));
    case 'authenticate':
      return run(() => activities.authenticate(target));
    case 'pushApplicant':
      return run(() => activities.pushApplicant({ ...target, document: document ?? {}, timing }));
    case 'findApplicant':
      return run(() =>
        activities.findApplicant({ ...target, lookupKeys, firstAttemptAt: Date.now(), purpose, afterSettle: false }),
      );
    case 'enrich':
      return run(() => activities.enrich({ ...target, document: enrichment ?? {}, timing, retryNotFoundUntil: null }));
  }
}

/** Ends well or with a failure of the contract; ours alone is never the reason. */
async function expectTyped(running: Promise<unknown>): Promise<void> {
  const thrown: unknown = await running.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown === null) return;
  const { problem } = failureIn(thrown);
  expect(problem.type).not.toBe('internal');
  expect(problem.message.length).toBeLessThan(3_000);
}

describe('whatever a system answers', () => {
  it('every activity ends with an answer or a failure of the contract, and a create is sent once', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(odd, { minLength: 1, maxLength: 4 }),
        fc.constantFrom(...STEPS),
        fc.nat(2),
        fc.constantFrom('settle' as const, 'first' as const),
        async (chosen, name, which, purpose) => {
          answers = chosen;
          requests = [];
          await expectTyped(step(name, which, purpose));
          const creates = requests.filter((request) =>
            /applicationswithoutaccount|recruitingCandidates$|candidate\/json/.test(request),
          );
          const refused = chosen.filter(({ status, way }) => status === 401 && ['whole', 'half'].includes(way)).length;
          if (name === 'pushApplicant') expect(creates.length).toBeLessThanOrEqual(refused > 0 ? 2 : 1);
        },
      ),
      WHOLE,
    );
  });
});

describe('whatever a profile holds', () => {
  it('formats and logics end with an answer or a failure of the contract', async () => {
    const { activities } = fresh();
    await fc.assert(
      fc.asyncProperty(fc.oneof(anyProfile, fc.object()), fc.nat(2), async (members, which) => {
        const target = targetsOf()[which];
        if (!target) throw new Error('there is no such connector');
        // As it comes out of JSON: with the prototype of every object.
        const given: JsonObject = JSON.parse(JSON.stringify(members));
        await expectTyped(run(() => activities.format({ ...target, action: 'pushProfile', profile: given })));
        await expectTyped(run(() => activities.applyLogics({ logics: [], profile: given })));
      }),
      WHOLE,
    );
  });
});
