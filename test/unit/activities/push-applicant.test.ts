import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ActivityCancellationDetails, CancelledFailure } from '@temporalio/common';
import { pushApplicant } from '../../../src/activities/push-applicant';
import type { HttpClient } from '../../../src/http/client';
import type { PushApplicantAnswer } from '../../../src/protocol/messages';
import { ORACLE_ACCOUNT, type Fault } from '../../simulators';
import {
  CONNECTORS,
  environment,
  failureOf,
  run,
  runIn,
  startBench,
  until,
  type Bench,
  type ConnectorName,
} from './support';

/** A 429 closes an account for as long as it says. */
const PATIENT = { settings: { retry: { initialMs: 20, maximumMs: 60_000, giveUpAfterMs: 60_000 } } };
let bench: Bench;

beforeAll(async () => {
  bench = await startBench(PATIENT);
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

/** Returns a new prepared attempt. */
async function attempt(connector: ConnectorName, changes: object = {}): Promise<() => Promise<PushApplicantAnswer>> {
  const target = bench.target(connector);
  const { document } = await bench.documents(target);
  if (!document) throw new Error('there is no document');
  const timing = bench.timing(connector);
  return () => bench.activities.pushApplicant({ ...target, document, timing, ...changes });
}

function creates(connector: ConnectorName) {
  return bench.simulators[connector].requests.filter(({ operation }) => operation === 'create');
}

function applicants(connector: ConnectorName): number {
  const { talentSoft, oracleORC, flatchr } = bench.simulators;
  return { talentSoft: talentSoft.applications, oracleORC: oracleORC.candidates, flatchr: flatchr.applicants }[
    connector
  ].length;
}

function play(connector: ConnectorName, fault: Fault, times = 1): void {
  bench.simulators[connector].faults.add({ operation: 'create', fault, times });
}

describe.each(CONNECTORS)('one attempt at %s', (connector) => {
  const hasId = connector !== 'flatchr';

  it('that is accepted is created', async () => {
    const { atsId } = await run(await attempt(connector));
    expect(atsId === null).toBe(!hasId);
    expect(creates(connector)).toHaveLength(1);
    expect(applicants(connector)).toBe(1);
  });

  it.each<[string, Fault]>([
    ['a body that breaks off', { kind: 'truncateAfterCommit' }],
    ['a body that takes too long', { kind: 'slowBody', chunkMs: 300, bytesPerChunk: 1 }],
    ['a body without end', { kind: 'endless' }],
    ['a body that is no JSON', { kind: 'status', status: 201, body: 'thanks', commit: 'before' }],
    ['an empty body', { kind: 'status', status: 201, body: '', commit: 'before' }],
  ])('answered with the documented status and %s is created, its id unknown', async (_name, fault) => {
    play(connector, fault);
    expect(await run(await attempt(connector))).toEqual({ atsId: null });
    expect(creates(connector)).toHaveLength(1);
    expect(applicants(connector)).toBe(1);
  });

  it.each<[string, Fault, { verdict: string; type: string; whoMustAct?: string; delayMs?: number | null }]>([
    [
      '429 in seconds',
      { kind: 'rateLimit', form: 'seconds', seconds: 7 },
      { verdict: 'not_sent', type: 'unavailable', delayMs: 7_000 },
    ],
    [
      '429 without a header',
      { kind: 'status', status: 429 },
      { verdict: 'not_sent', type: 'unavailable', delayMs: null },
    ],
    [
      '503 with Retry-After',
      { kind: 'status', status: 503, headers: { 'Retry-After': '9' } },
      { verdict: 'not_sent', type: 'unavailable', delayMs: 9_000 },
    ],
    ['503 without Retry-After', { kind: 'status', status: 503 }, { verdict: 'unknown', type: 'unavailable' }],
    [
      '503 with a Retry-After that says nothing',
      { kind: 'status', status: 503, headers: { 'Retry-After': 'soon' } },
      { verdict: 'unknown', type: 'unavailable' },
    ],
    ['403', { kind: 'status', status: 403 }, { verdict: 'refused', type: 'auth', whoMustAct: 'user' }],
    ['402', { kind: 'status', status: 402 }, { verdict: 'refused', type: 'quota', whoMustAct: 'user' }],
    ['409', { kind: 'status', status: 409 }, { verdict: 'duplicate', type: 'refused' }],
    ['400', { kind: 'status', status: 400 }, { verdict: 'refused', type: 'refused', whoMustAct: 'user' }],
    ['404', { kind: 'status', status: 404 }, { verdict: 'refused', type: 'refused' }],
    ['422', { kind: 'status', status: 422 }, { verdict: 'refused', type: 'refused' }],
    ['400 with an HTML page', { kind: 'html', status: 400 }, { verdict: 'refused', type: 'refused' }],
    ['408', { kind: 'status', status: 408 }, { verdict: 'unknown', type: 'unavailable' }],
    ['301', { kind: 'status', status: 301, headers: { Location: '/' } }, { verdict: 'unknown', type: 'unavailable' }],
    ['307', { kind: 'status', status: 307, headers: { Location: '/' } }, { verdict: 'unknown', type: 'unavailable' }],
    ['500', { kind: 'status', status: 500 }, { verdict: 'unknown', type: 'unavailable' }],
    ['502 with an HTML page', { kind: 'html', status: 502 }, { verdict: 'unknown', type: 'unavailable' }],
    ['504', { kind: 'status', status: 504 }, { verdict: 'unknown', type: 'unavailable' }],
    ['another 2xx', { kind: 'status', status: 206 }, { verdict: 'unknown', type: 'unavailable' }],
    ['a 2xx with an HTML page', { kind: 'html', status: 201 }, { verdict: 'unknown', type: 'unavailable' }],
    ['a reset before the commit', { kind: 'resetBeforeCommit' }, { verdict: 'unknown', type: 'unavailable' }],
  ])('answered with %s has its verdict, and nothing is sent twice', async (_name, fault, expected) => {
    play(connector, fault);
    const { problem, end, failure } = await failureOf(run(await attempt(connector)));
    const { verdict, delayMs, ...rest } = expected;
    expect(end.verdict).toBe(verdict);
    expect(problem).toMatchObject({ stage: 'pushApplicant', reason: 'write_failure', ...rest });
    if (delayMs !== undefined) expect(end.delayMs).toBe(delayMs);
    expect(failure.nonRetryable).toBe(true);
    expect(creates(connector)).toHaveLength(1);
    expect(applicants(connector)).toBe(0);
  });

  it('answered 429 with a date waits until then', async () => {
    play(connector, { kind: 'rateLimit', form: 'date', seconds: 60 });
    const { end } = await failureOf(run(await attempt(connector)));
    expect(end.verdict).toBe('not_sent');
    expect(Number(end.delayMs)).toBeGreaterThan(55_000);
    expect(Number(end.delayMs)).toBeLessThanOrEqual(61_000);
  });

  it.each<[string, Fault]>([
    ['a reset', { kind: 'resetAfterCommit' }],
    ['a 500', { kind: 'status', status: 500, commit: 'before' }],
    ['an HTML page', { kind: 'html', status: 201, commit: 'before' }],
    ['silence', { kind: 'delay', ms: 5_000, commit: 'before' }],
  ])('that is committed and answered with %s is unknown, and sent once', async (_name, fault) => {
    play(connector, fault);
    const { end } = await failureOf(run(await attempt(connector)));
    expect(end.verdict).toBe('unknown');
    expect(creates(connector)).toHaveLength(1);
    expect(applicants(connector)).toBe(1);
  });

  it('answered 401 once is repeated with fresh credentials in the same attempt', async () => {
    play(connector, { kind: 'expiredToken' });
    expect((await run(await attempt(connector))).atsId === null).toBe(!hasId);
    expect(creates(connector).map(({ status }) => status)).toEqual([401, 201]);
    expect(applicants(connector)).toBe(1);
  });

  it('answered 401 twice is refused for its credentials', async () => {
    play(connector, { kind: 'expiredToken' }, 5);
    const { problem, end } = await failureOf(run(await attempt(connector)));
    expect(end).toMatchObject({ verdict: 'refused', sent: true });
    expect(problem).toMatchObject({ type: 'auth', whoMustAct: 'user' });
    expect(creates(connector)).toHaveLength(2);
  });

  it('answered 401 and then with silence is unknown', async () => {
    play(connector, { kind: 'expiredToken' });
    play(connector, { kind: 'resetAfterCommit' });
    expect((await failureOf(run(await attempt(connector)))).end.verdict).toBe('unknown');
    expect(applicants(connector)).toBe(1);
  });

  it.each([
    ['too late', { sendWindowMs: -1 }],
    ['older than its window', { sendWindowMs: 100 }],
  ])('that begins %s sends nothing', async (_name, timing) => {
    const begin = await attempt(connector, {
      timing: { ...bench.timing(connector), connectTimeoutMs: 60_000, ...timing },
    });
    const stamp = Date.now() - 2_000;
    const { end, problem } = await failureOf(run(begin, { currentAttemptScheduledTimestampMs: stamp }));
    expect(end.verdict).toBe('not_sent');
    expect(problem.type).toBe('unavailable');
    expect(creates(connector)).toEqual([]);
  });

  it('whose clock is not that of the server sends nothing', async () => {
    const begin = await attempt(connector);
    const { end } = await failureOf(run(begin, { currentAttemptScheduledTimestampMs: Date.now() + 60_000 }));
    expect(end.verdict).toBe('not_sent');
    expect(creates(connector)).toEqual([]);
  });

  it('after a wait in the queue, with no server to ask when it began, sends nothing', async () => {
    const begin = await attempt(connector);
    const { end } = await failureOf(run(begin, { currentAttemptScheduledTimestampMs: Date.now() - 60_000 }));
    expect(end.verdict).toBe('not_sent');
    expect(creates(connector)).toEqual([]);
  });

  it('that is cancelled before its first byte ends cancelled and sends nothing', async () => {
    bench.simulators.files.faults.add({ fault: { kind: 'delay', ms: 5_000 } });
    const env = environment();
    const running = runIn(env, await attempt(connector));
    await until(() => bench.simulators.files.requests.length > 0);
    env.cancel();
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
    expect(creates(connector)).toEqual([]);
  });

  it('whose worker shuts down before its first byte is not sent, and not cancelled', async () => {
    bench.simulators.files.faults.add({ fault: { kind: 'delay', ms: 5_000 } });
    const env = environment();
    const running = runIn(env, await attempt(connector));
    await until(() => bench.simulators.files.requests.length > 0);
    env.cancel('WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true }));
    const { end, problem } = await failureOf(running);
    expect(end.verdict).toBe('not_sent');
    expect(problem.type).toBe('unavailable');
    expect(creates(connector)).toEqual([]);
  });

  it.each([
    ['cancelled', undefined, undefined],
    ['shut down', 'WORKER_SHUTDOWN', new ActivityCancellationDetails({ workerShutdown: true })],
  ] as const)('that is %s after its first byte finishes its create', async (_name, reason, details) => {
    play(connector, { kind: 'delay', ms: 200, commit: 'after' });
    const env = environment();
    const running = runIn(env, await attempt(connector));
    await until(() => creates(connector).length > 0);
    env.cancel(reason, details);
    expect((await running).atsId === null).toBe(!hasId);
    expect(applicants(connector)).toBe(1);
  });

  it('that is not the account’s turn is not sent, with the time to wait', async () => {
    const begin = await attempt(connector);
    play(connector, { kind: 'rateLimit', form: 'seconds', seconds: 30 });
    await failureOf(run(begin));
    const downloads = bench.simulators.files.requests.length;
    const { end, problem } = await failureOf(run(begin));
    expect(end).toMatchObject({ verdict: 'not_sent', sent: false, queued: true });
    expect(Number(end.delayMs)).toBeGreaterThan(25_000);
    expect(problem.whoMustAct).toBe('operator');
    expect(creates(connector)).toHaveLength(1);
    expect(bench.simulators.files.requests).toHaveLength(downloads);
  });

  it('gives no download longer than what is left of its send window', async () => {
    const target = bench.target(connector);
    const { document } = await bench.documents(target);
    if (!document) throw new Error('there is no document');
    const sendWindowMs = bench.timing(connector).responseTimeoutMs - 1;
    const timing = { ...bench.timing(connector), sendWindowMs };
    const given: number[] = [];
    const http: HttpClient = {
      send(call, limits) {
        if (call.pathTemplate === '(attachment)') given.push(limits.responseTimeoutMs);
        return bench.dependencies.http.send(call, limits);
      },
    };
    await run(() => pushApplicant({ ...bench.dependencies, http }, { ...target, document, timing }));
    expect(given.length).toBeGreaterThan(0);
    expect(Math.max(...given)).toBeLessThanOrEqual(sendWindowMs);
  });

  it('at a port where nobody listens is not sent', async () => {
    await bench.close();
    const { end } = await failureOf(run(await attempt(connector)));
    expect(end.verdict).toBe('not_sent');
    bench = await startBench(PATIENT);
  });
});

describe('an attempt at Oracle', () => {
  it('for an e-mail that is known, where the pod refuses it, is a duplicate', async () => {
    bench.simulators.oracleORC.switches.duplicateEmail = 'reject';
    await run(await attempt('oracleORC'));
    const { end } = await failureOf(run(await attempt('oracleORC')));
    expect(end.verdict).toBe('duplicate');
    expect(applicants('oracleORC')).toBe(1);
  });

  it('with a wrong password is refused, whatever the body of the 401', async () => {
    for (const unauthorizedBody of ['html', 'empty'] as const) {
      bench.simulators.oracleORC.switches.unauthorizedBody = unauthorizedBody;
      const { targetParameters } = bench.target('oracleORC');
      const authData = { ...ORACLE_ACCOUNT, password: 'wrong' };
      const begin = await attempt('oracleORC', { targetParameters: { ...targetParameters, authData } });
      expect((await failureOf(run(begin))).end.verdict).toBe('refused');
    }
  });
});

describe('an attempt at TalentSoft', () => {
  const tokens = () => bench.simulators.talentSoft.requests.filter(({ operation }) => operation === 'token');

  it('fetches a token once and keeps it', async () => {
    const begin = await attempt('talentSoft');
    await Promise.all([run(begin), run(begin), run(begin)]);
    await run(begin);
    expect(tokens()).toHaveLength(1);
  });

  it('fetches a new token after a 401', async () => {
    const begin = await attempt('talentSoft');
    await run(begin);
    bench.simulators.talentSoft.revokeTokens();
    await run(begin);
    expect(tokens()).toHaveLength(2);
    expect(creates('talentSoft').map(({ status }) => status)).toEqual([201, 401, 201]);
  });

  it('fetches a new token after a 401 without the secret of the back office', async () => {
    const changes = { client_secret_back: { secret: 'not/there' } };
    const { targetParameters } = bench.target('talentSoft', 'pushProfile', changes);
    const begin = await attempt('talentSoft', { targetParameters });
    await run(begin);
    bench.simulators.talentSoft.revokeTokens();
    await run(begin);
    expect(creates('talentSoft').map(({ status }) => status)).toEqual([201, 401, 201]);
  });

  it('with a wrong client secret is refused for its credentials', async () => {
    const { targetParameters } = bench.target('talentSoft', 'pushProfile', { client_secret_front: 'wrong' });
    const { end, problem } = await failureOf(run(await attempt('talentSoft', { targetParameters })));
    expect(end.verdict).toBe('refused');
    expect(problem).toMatchObject({ type: 'auth', whoMustAct: 'user' });
    expect(creates('talentSoft')).toEqual([]);
  });

  it.each<[string, Fault]>([
    ['a 500', { kind: 'status', status: 500 }],
    ['an HTML page', { kind: 'html', status: 200 }],
    ['a reset', { kind: 'resetAfterCommit' }],
    ['silence', { kind: 'delay', ms: 5_000 }],
    ['a body that breaks off', { kind: 'truncateAfterCommit' }],
  ])('whose token is answered with %s is not sent', async (_name, fault) => {
    bench.simulators.talentSoft.faults.add({ operation: 'token', fault });
    const { end, problem } = await failureOf(run(await attempt('talentSoft')));
    expect(end.verdict).toBe('not_sent');
    expect(problem.message).not.toContain('access_token');
    expect(creates('talentSoft')).toEqual([]);
  });
});
