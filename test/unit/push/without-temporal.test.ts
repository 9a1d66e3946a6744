import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import { attemptCreate } from '../../../src/push/attempt';
import { authenticate } from '../../../src/push/authenticate';
import { enrich } from '../../../src/push/enrich';
import { fetchProfile } from '../../../src/push/fetch';
import { findApplicant } from '../../../src/push/find';
import { makeDocuments } from '../../../src/push/format';
import { applyLogics } from '../../../src/push/logics';
import { createScope } from '../../../src/push/scope';
import { createSendWindow } from '../../../src/push/send-window';
import { CONNECTORS, startBench, type Bench, type ConnectorName } from '../activities/support';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ functions: { logics: { keep: (profile) => profile, drop: () => null } } });
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

/** Every step of a push as plain functions: no activity, no workflow, no server. */
async function push(connector: ConnectorName, attemptStartedAt?: number) {
  const { dependencies } = bench;
  const scope = createScope();
  const target = bench.target(connector);
  const actionParameters = { logics: ['keep'], read_mode: 'sync', onFailure: 'fail', holdFor: '7 days' } as const;
  const input = { ...target, actionParameters: { ...actionParameters, lookupFirst: false } };
  const fetched = await fetchProfile(dependencies, { ...input, originParameters: bench.origin() }, scope);
  const profile = await applyLogics(dependencies, { logics: ['keep'], profile: fetched.profile ?? {} });
  if (!profile) throw new Error('the logic dropped the profile');
  const made = await makeDocuments(dependencies, { ...target, profile }, scope.now());
  await authenticate(dependencies, target, scope);
  const { timing } = fetched;
  const window = createSendWindow(attemptStartedAt ?? scope.now(), timing.sendWindowMs, scope.now);
  const state = { inFlight: false, everSent: false };
  const create = { ...target, document: made.document ?? {}, files: made.files, timing };
  const startedAt = scope.now();
  const { atsId } = await attemptCreate(dependencies, create, scope, window, state);
  return { atsId, made, state, startedAt, scope, target, timing };
}

function applicantsIn(connector: ConnectorName): number {
  const { flatchr, oracleORC, talentSoft } = bench.simulators;
  return { flatchr: flatchr.applicants, oracleORC: oracleORC.candidates, talentSoft: talentSoft.applications }[
    connector
  ].length;
}

it.each(CONNECTORS)('a push to %s runs without Temporal and leaves one applicant', async (connector) => {
  const { state, made, startedAt, scope, target } = await push(connector);
  expect(state).toEqual({ inFlight: false, everSent: true });
  expect(applicantsIn(connector)).toBe(1);
  if (connector === 'flatchr') return;
  const query = {
    purpose: 'settle',
    afterSettle: true,
    lookupKeys: made.lookupKeys,
    firstAttemptAt: startedAt,
  } as const;
  expect(await findApplicant(bench.dependencies, { ...target, ...query }, scope)).toMatchObject({ answer: 'found' });
});

it('an attempt outside its send window sends nothing', async () => {
  await expect(push('oracleORC', Date.now() - 3_600_000)).rejects.toMatchObject({
    facts: { type: 'unavailable', retryable: true },
  });
  expect(applicantsIn('oracleORC')).toBe(0);
});

it('a step whose signal is aborted sends nothing', async () => {
  const target = bench.target('flatchr', 'enrichProfile');
  const scope = createScope({ signal: AbortSignal.abort() });
  const input = { ...target, document: {}, timing: bench.timing('flatchr'), retryNotFoundUntil: null };
  await expect(enrich(bench.dependencies, input, scope)).rejects.toThrow();
  expect(bench.simulators.flatchr.requests).toEqual([]);
});
