import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PushError } from '../../src/client';
import { checkPush } from '../../src/client/request';
import { InputError } from '../../src/protocol/errors';
import { FAILURE_TYPES, OUTCOMES } from '../../src/protocol/names';
import { HRFLOW_ACCOUNT } from '../simulators';
import { startHarness, type Harness } from '../support/harness';
import { quickSettings } from '../support/settings';
import { anyProfile } from '../unit/connectors/format/support';
import { pushWith } from './connectors/support';

const CONNECTORS = ['talentSoft', 'oracleORC', 'flatchr'] as const;

/** Gives up early: otherwise a push with only malformed responses would run for a day. */
const settings = quickSettings({
  responseTimeoutMs: 500,
  settleMs: 100,
  retry: { initialMs: 10, maximumMs: 50, giveUpAfterMs: 300 },
});

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness({ settings });
  await harness.startWorker();
});
afterAll(async () => {
  await harness.close();
});

/** Runs an arbitrary push, which must end with a result or an error of the contract. */
async function endOf(on: Harness, connector: string, request: Parameters<typeof pushWith>[2]): Promise<string> {
  try {
    const result = await pushWith(on, connector, request);
    expect(OUTCOMES).toContain(result.items[0]?.outcome);
    return 'ended';
  } catch (error) {
    if (error instanceof InputError) return 'refused';
    if (!(error instanceof PushError)) throw error;
    expect(FAILURE_TYPES).toContain(error.type);
    expect(error.message).not.toBe('');
    expect(error.result).not.toBeNull();
    return 'failed';
  }
}

let key = 0;
function nextKey(): string {
  key += 1;
  return key.toString(16).padStart(40, '0');
}

async function expectAlive(): Promise<void> {
  harness.simulators.reset();
  const groups = harness.request('oracleORC', key % 5);
  const cv = harness.simulators.files.put('cv', Buffer.from('%PDF'));
  const profile_key = nextKey();
  const info = { first_name: 'A', last_name: 'B', email: `${profile_key}@example.test` };
  const attachments = [{ type: 'resume', public_url: cv }];
  harness.simulators.hrflow.putProfile(HRFLOW_ACCOUNT.source_key, { key: profile_key, ...{ info, attachments } });
  const originParameters = { ...groups.originParameters, profile_key };
  expect((await pushWith(harness, 'oracleORC', { ...groups, originParameters })).items[0]?.outcome).toBe('created');
}

describe('a worker', () => {
  it('survives malformed profiles', async () => {
    await fc.assert(
      fc.asyncProperty(anyProfile, fc.constantFrom(...CONNECTORS), async (members, connector) => {
        const profile_key = nextKey();
        const profile = JSON.parse(JSON.stringify(members));
        harness.simulators.hrflow.putProfile(HRFLOW_ACCOUNT.source_key, { ...profile, key: profile_key });
        const groups = harness.request(connector);
        await endOf(harness, connector, { ...groups, originParameters: { ...groups.originParameters, profile_key } });
      }),
      { numRuns: 40, interruptAfterTimeLimit: 60_000 },
    );
    await expectAlive();
  });

  it('survives malformed responses of an ATS', async () => {
    const odd = await oddServer();
    const { port } = odd;
    const hostAndPort = { host: 'http://127.0.0.1', port };
    const open = await startHarness({ settings, env: { HRFLOW_TEMPORAL_EGRESS_ALLOW: '127.0.0.1' } });
    await open.startWorker();
    try {
      await fc.assert(
        fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 0xffffff })), async (numbers) => {
          odd.choose(() => Number(numbers.next().value));
          const profile_key = nextKey();
          const info = { first_name: 'A', last_name: 'B', email: `${profile_key}@example.test` };
          open.simulators.hrflow.putProfile(HRFLOW_ACCOUNT.source_key, { key: profile_key, ...{ info } });
          const groups = open.request('oracleORC');
          const originParameters = { ...groups.originParameters, profile_key };
          const targetParameters = { ...groups.targetParameters, hostAndPort };
          await endOf(open, 'oracleORC', { originParameters, targetParameters });
        }),
        { numRuns: 25, interruptAfterTimeLimit: 60_000 },
      );
    } finally {
      await open.close();
      odd.server.closeAllConnections();
      odd.server.close();
    }
    await expectAlive();
  });

  it('is not reached by malformed requests', async () => {
    const good = harness.request('flatchr');
    await fc.assert(
      fc.asyncProperty(
        fc.object(),
        fc.object(),
        fc.object(),
        (actionParameters, originParameters, targetParameters) => {
          const request = { actionParameters, originParameters, targetParameters };
          expect(() => checkPush('flatchr', 'pushProfile', request, true)).toThrow(InputError);
          const half = { ...good, targetParameters: { ...good.targetParameters, ...targetParameters, oddly_named: 1 } };
          expect(() => checkPush('flatchr', 'pushProfile', half, true)).toThrow(InputError);
          return Promise.resolve();
        },
      ),
      { numRuns: 300 },
    );
    await expectAlive();
  });
});

const BODIES = [
  '',
  '{}',
  '[]',
  'null',
  '{"CandidateNumber":{}}',
  '{"items":[],"hasMore":false}',
  '{"items":[{"Email":5}],"hasMore":false}',
  '{"items":[null],"hasMore":true}',
  '<html>',
  '\u0000\uFFFF',
  '{"title":"duplicate"}',
  '"'.repeat(5_000),
];
const STATUSES = [200, 201, 202, 204, 206, 302, 304, 400, 401, 403, 404, 408, 409, 418, 422, 429, 500, 502, 503, 599];

/** Starts a server whose responses follow the given numbers: any status, header or body, or no response. */
async function oddServer(): Promise<{ server: Server; port: number; choose: (next: () => number) => void }> {
  let next: () => number = () => 0;
  const server = createServer((request, response) => {
    request.resume();
    const number = next();
    if (number % 11 === 0) {
      response.destroy();
      return;
    }
    const status = STATUSES[number % STATUSES.length] ?? 200;
    const retryAfter = number % 5 === 0 ? { 'Retry-After': ['0', 'x', '-1', '1e9'][number % 4] ?? '0' } : {};
    const type = number % 3 === 0 ? { 'Content-Type': 'application/json' } : {};
    response.writeHead(status, { ...retryAfter, ...type });
    response.end(BODIES[number % BODIES.length]);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { server, port: address.port, choose: (chosen) => (next = chosen) };
}
