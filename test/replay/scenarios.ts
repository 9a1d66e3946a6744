import type { WorkflowHandle } from '@temporalio/client';
import { until } from '../support/failures';
import type { Groups, Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

/** A run to record. Each takes a different path through the workflow. Secrets are references, and encryption is off. */
export interface Scenario {
  readonly name: string;
  /** Plays the scenario and returns the runs to record. */
  play(harness: Harness): Promise<readonly WorkflowHandle[]>;
}

type Connector = 'talentSoft' | 'oracleORC' | 'flatchr';
type Starter = (request: never) => Promise<WorkflowHandle>;

const start = ({ client }: Harness, connector: Connector, asked: Groups, more: Record<string, unknown> = {}) => {
  const starters: Record<Connector, Starter> = {
    talentSoft: client.talentSoft.startPushProfile,
    oracleORC: client.oracleORC.startPushProfile,
    flatchr: client.flatchr.startPushProfile,
  };
  return starters[connector]({ ...asked, ...more } as never);
};

const ended = async (handle: WorkflowHandle): Promise<WorkflowHandle> => {
  await handle.result().catch(() => undefined);
  return handle;
};

const isHeld = async (handle: WorkflowHandle): Promise<boolean> =>
  (await handle.query<{ state: string }>('state')).state === 'held';

const HOLD = { actionParameters: { onFailure: 'hold' } };

export const SCENARIOS: readonly Scenario[] = [
  plain('talentsoft-created', 'talentSoft'),
  plain('oracle-created', 'oracleORC'),
  plain('flatchr-created-and-enriched', 'flatchr'),
  plain('discarded', 'flatchr', { actionParameters: { logics: ['dropAll'] } }),
  {
    name: 'not-found',
    async play(harness) {
      const asked = harness.request('oracleORC');
      asked.originParameters['profile_key'] = 'f'.repeat(40);
      return [await ended(await start(harness, 'oracleORC', asked))];
    },
  },
  {
    name: 'waited-and-created',
    async play(harness) {
      harness.simulators.oracleORC.faults.add({
        operation: 'create',
        fault: { kind: 'rateLimit', form: 'seconds', seconds: 1 },
      });
      return [await ended(await start(harness, 'oracleORC', uniqueRequest(harness, 'oracleORC')))];
    },
  },
  {
    name: 'lost-answer-found',
    async play(harness) {
      harness.simulators.oracleORC.faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });
      return [await ended(await start(harness, 'oracleORC', uniqueRequest(harness, 'oracleORC')))];
    },
  },
  {
    name: 'lost-before-commit-sent-again',
    async play(harness) {
      harness.simulators.talentSoft.faults.add({ operation: 'create', fault: { kind: 'resetBeforeCommit' } });
      return [await ended(await start(harness, 'talentSoft', uniqueRequest(harness, 'talentSoft')))];
    },
  },
  {
    name: 'refused-then-further-run',
    async play(harness) {
      const asked = uniqueRequest(harness, 'oracleORC');
      harness.simulators.oracleORC.faults.add({
        operation: 'create',
        fault: { kind: 'status', status: 400, commit: 'never' },
      });
      const refused = await ended(await start(harness, 'oracleORC', asked));
      return [refused, await ended(await start(harness, 'oracleORC', asked))];
    },
  },
  {
    name: 'again',
    async play(harness) {
      const asked = uniqueRequest(harness, 'oracleORC');
      await ended(await start(harness, 'oracleORC', asked));
      return [await ended(await start(harness, 'oracleORC', asked, { again: true }))];
    },
  },
  {
    name: 'enrichment-held-then-retried',
    async play(harness) {
      harness.simulators.flatchr.faults.add({
        operation: 'enrich',
        fault: { kind: 'status', status: 422, commit: 'never' },
      });
      const handle = await start(harness, 'flatchr', uniqueRequest(harness, 'flatchr'), HOLD);
      await until('the hold', () => isHeld(handle));
      await handle.executeUpdate('retry', { args: [{}] });
      return [await ended(handle)];
    },
  },
  {
    name: 'unknown-held-then-resolved',
    async play(harness) {
      const asked = uniqueRequest(harness, 'flatchr');
      delete asked.targetParameters['enrich'];
      harness.simulators.flatchr.faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });
      const handle = await start(harness, 'flatchr', asked, HOLD);
      await until('the hold', () => isHeld(handle));
      await handle.executeUpdate('resolve', { args: [{ delivered: true }] });
      return [await ended(handle)];
    },
  },
  {
    name: 'held-then-abandoned',
    async play(harness) {
      harness.simulators.flatchr.faults.add({
        operation: 'create',
        times: 2,
        fault: { kind: 'status', status: 401, commit: 'never' },
      });
      const handle = await start(harness, 'flatchr', uniqueRequest(harness, 'flatchr'), HOLD);
      await until('the hold', () => isHeld(handle));
      await handle.executeUpdate('abandon', { args: [{ reason: 'recorded' }] });
      return [await ended(handle)];
    },
  },
  {
    name: 'cancelled-while-waiting',
    async play(harness) {
      harness.simulators.flatchr.faults.add({
        operation: 'create',
        fault: { kind: 'rateLimit', form: 'seconds', seconds: 20 },
      });
      const handle = await start(harness, 'flatchr', uniqueRequest(harness, 'flatchr'));
      await until('the wait', async () => (await handle.query<{ state: string }>('state')).state === 'waiting');
      await handle.cancel();
      return [await ended(handle)];
    },
  },
  {
    name: 'enriched-alone',
    async play(harness) {
      const pushed = uniqueRequest(harness, 'flatchr');
      await ended(await start(harness, 'flatchr', pushed));
      const { auth, vacancy, enrich } = pushed.targetParameters;
      const targetParameters = { auth, vacancy, ...(enrich as object) };
      const handle = await harness.client.flatchr.startEnrichProfile({ ...pushed, targetParameters } as never);
      return [await ended(handle)];
    },
  },
];

function plain(name: string, connector: Connector, more: Record<string, unknown> = {}): Scenario {
  return {
    name,
    play: async (harness) => [await ended(await start(harness, connector, uniqueRequest(harness, connector), more))],
  };
}
