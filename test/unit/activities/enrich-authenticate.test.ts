import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { ORACLE_ACCOUNT, type Fault } from '../../simulators';
import { environment, failureOf, run, runIn, startBench, until, type Bench, type ConnectorName } from './support';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

async function enriching(
  action: 'pushProfile' | 'enrichProfile' = 'pushProfile',
  retryNotFoundUntil: number | null = null,
) {
  const target = bench.target('flatchr', action);
  const { enrichment: document } = await bench.documents(target);
  if (!document) throw new Error('there is no document');
  return () => bench.activities.enrich({ ...target, document, timing: bench.timing('flatchr'), retryNotFoundUntil });
}

function candidateIsThere(): void {
  bench.simulators.flatchr.addApplicant({
    email: bench.profiles[0]?.info.email ?? '',
    vacancySlug: bench.simulators.flatchr.vacancies[0]?.slug ?? '',
    createdAt: Date.now(),
  });
}

const play = (fault: Fault, times = 1) => bench.simulators.flatchr.faults.add({ operation: 'enrich', fault, times });

describe('an enrichment', () => {
  it('reaches the candidate, and may be repeated', async () => {
    candidateIsThere();
    const begin = await enriching();
    await run(begin);
    await run(begin);
    expect(bench.simulators.flatchr.enrichments).toHaveLength(2);
    expect(bench.simulators.flatchr.enrichments[0]).toMatchObject({ candidateFound: true });
  });

  it.each<[string, Fault, { nonRetryable: boolean; type: string }]>([
    ['401 for good', { kind: 'expiredToken' }, { nonRetryable: true, type: 'auth' }],
    ['403', { kind: 'status', status: 403 }, { nonRetryable: true, type: 'auth' }],
    ['400', { kind: 'status', status: 400 }, { nonRetryable: true, type: 'enrich' }],
    ['402', { kind: 'status', status: 402 }, { nonRetryable: true, type: 'enrich' }],
    ['429', { kind: 'status', status: 429 }, { nonRetryable: false, type: 'enrich' }],
    ['500', { kind: 'status', status: 500 }, { nonRetryable: false, type: 'enrich' }],
    ['a page', { kind: 'html', status: 200 }, { nonRetryable: false, type: 'enrich' }],
    ['a reset', { kind: 'resetAfterCommit' }, { nonRetryable: false, type: 'enrich' }],
    ['silence', { kind: 'delay', ms: 5_000 }, { nonRetryable: false, type: 'enrich' }],
  ])('answered with %s is its own failure', async (_name, fault, { nonRetryable, type }) => {
    candidateIsThere();
    play(fault, 2);
    const { failure, problem } = await failureOf(run(await enriching()));
    expect(problem).toMatchObject({ type, reason: 'callback_failure', stage: 'enrich' });
    expect(failure.nonRetryable).toBe(nonRetryable);
  });

  it('alone is a write', async () => {
    play({ kind: 'status', status: 400 });
    const { problem } = await failureOf(run(await enriching('enrichProfile')));
    expect(problem).toMatchObject({ type: 'enrich', reason: 'write_failure' });
  });

  it('of a candidate that may appear yet waits, and is final afterwards', async () => {
    const waiting = await failureOf(run(await enriching('pushProfile', Date.now() + 60_000)));
    expect(waiting.failure.nonRetryable).toBe(false);
    const over = await failureOf(run(await enriching('pushProfile', Date.now() - 1)));
    expect(over.failure.nonRetryable).toBe(true);
    const never = await failureOf(run(await enriching('enrichProfile', null)));
    expect(never.failure.nonRetryable).toBe(true);
  });

  it('of a candidate that is not known waits for a 404 alone where no setting says otherwise', async () => {
    const enrich = async () => (await failureOf(run(await enriching('pushProfile', Date.now() + 60_000)))).failure;
    bench.simulators.flatchr.switches.enrichUnknown = '404';
    expect((await enrich()).nonRetryable).toBe(false);
    bench.simulators.flatchr.switches.enrichUnknown = '400';
    expect((await enrich()).nonRetryable).toBe(true);
  });

  it('ends with its cancellation', async () => {
    play({ kind: 'delay', ms: 5_000 });
    const env = environment();
    const running = runIn(env, await enriching());
    await until(() => bench.simulators.flatchr.requests.some(({ operation }) => operation === 'enrich'));
    env.cancel();
    await expect(running).rejects.toBeInstanceOf(CancelledFailure);
  });
});

describe('authenticate', () => {
  const authenticate = (connector: ConnectorName, changes: object = {}) => {
    const target = bench.target(connector, 'pushProfile', { ...changes });
    return run(() => bench.activities.authenticate(target));
  };

  it('answers when the token of TalentSoft expires, and no token', async () => {
    const answer = await authenticate('talentSoft');
    expect(Object.keys(answer)).toEqual(['expiresAt']);
    const seconds = (Date.parse(answer.expiresAt ?? '') - Date.now()) / 1_000;
    expect(seconds).toBeGreaterThan(1_100);
    expect(seconds).toBeLessThan(1_200);
  });

  it.each([-1, 0, 'soon', 1e300, 'Infinity', null, true, {}])(
    'takes an expiry of %j for the usual one',
    async (expires_in) => {
      const body = { access_token: 'token', expires_in };
      bench.simulators.talentSoft.faults.add({ operation: 'token', fault: { kind: 'status', status: 200, body } });
      const { expiresAt } = await authenticate('talentSoft');
      expect(Date.parse(expiresAt ?? '')).toBeGreaterThan(Date.now());
      expect(Date.parse(expiresAt ?? '')).toBeLessThan(Date.now() + 1_200_000);
    },
  );

  it('goes over no network where there are no tokens', async () => {
    expect(await authenticate('flatchr')).toEqual({ expiresAt: null });
    expect(await authenticate('oracleORC')).toEqual({ expiresAt: null });
    expect(bench.simulators.flatchr.requests).toEqual([]);
    expect(bench.simulators.oracleORC.requests).toEqual([]);
  });

  it('refuses credentials that the token endpoint refuses, without quoting them', async () => {
    const { problem, failure } = await failureOf(authenticate('talentSoft', { client_secret_front: 'a-wrong-secret' }));
    expect(problem).toMatchObject({ type: 'auth', stage: 'authenticate', whoMustAct: 'user' });
    expect(problem.message).not.toContain('a-wrong-secret');
    expect(failure.nonRetryable).toBe(true);
  });

  it.each<[string, Fault, { type: string; whoMustAct: string }]>([
    ['a 404', { kind: 'status', status: 404 }, { type: 'refused', whoMustAct: 'user' }],
    ['a 403', { kind: 'status', status: 403 }, { type: 'auth', whoMustAct: 'user' }],
    [
      'a redirect',
      { kind: 'status', status: 302, headers: { Location: 'http://10.0.0.1/' } },
      { type: 'refused', whoMustAct: 'operator' },
    ],
  ])('of TalentSoft keeps %s of the token endpoint what it is', async (_name, fault, expected) => {
    bench.simulators.talentSoft.faults.add({ operation: 'token', fault });
    const { problem, failure } = await failureOf(authenticate('talentSoft'));
    expect(problem).toMatchObject(expected);
    expect(problem.nextStep).not.toContain('client credentials');
    expect(failure.nonRetryable).toBe(true);
  });

  it('of TalentSoft at an address that may not be reached says how to allow it', async () => {
    const { problem } = await failureOf(authenticate('talentSoft', { client_url_front: 'http://10.0.0.1' }));
    expect(problem).toMatchObject({ type: 'refused', whoMustAct: 'operator' });
    expect(problem.nextStep).toContain('HRFLOW_TEMPORAL_EGRESS_ALLOW');
  });

  it.each([
    ['flatchr', { auth: { secret: 'nowhere' } }],
    ['oracleORC', { authData: { ...ORACLE_ACCOUNT, password: { secret: 'nowhere' } } }],
    ['talentSoft', { client_secret_front: { secret: 'nowhere' } }],
  ] as const)('of %s names a secret that resolves nowhere', async (connector, changes) => {
    const { problem } = await failureOf(authenticate(connector, changes));
    expect(problem).toMatchObject({ type: 'auth', whoMustAct: 'operator' });
    expect(problem.message).toContain('nowhere');
  });
});
