import { setTimeout as sleep } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import { checkPush, startOptions } from '../../src/client/request';
import { workerDependencies } from '../../src/push/worker-dependencies';
import type { Fault, FaultRule } from '../simulators';
import { until } from './failures';
import type { Groups, Harness } from './harness';
import { uniqueRequest } from './requests';

/** Consecutive runs of one workflow id that left something for `recall` to read. */
export interface RecallScenario {
  readonly name: string;
  /** Whether the scenario starts its own worker instead of the default one. */
  readonly ownWorker?: boolean;
  /** Plays the runs to their end and returns their workflow id. */
  play(harness: Harness): Promise<string>;
}

/** Long enough for a run to be stopped while its outcome is unknown. */
export const RECALL_SETTLE_MS = 4_000;
/** A server that suggests a new history early makes chains of continue-as-new. */
export const RECALL_SUGGEST_NEW_HISTORY_AT = 40;

const NEVER: Fault = { kind: 'status', status: 500, commit: 'never' };
const LONG_WAIT: Fault = { kind: 'rateLimit', form: 'seconds', seconds: 15 };
const ON_THE_WIRE: Fault = { kind: 'delay', ms: 1_500, commit: 'after' };
const NOT_NOW: Fault = { kind: 'status', status: 503, headers: { 'retry-after': '1' } };

export const RECALL_SCENARIOS: readonly RecallScenario[] = [
  oracle('created', async ({ start }) => ended(await start())),
  oracle('refused', async ({ start, fault }) => {
    fault({ kind: 'status', status: 400, commit: 'never' });
    await ended(await start());
  }),
  oracle('terminated-with-the-create-under-way', async ({ start, fault, created }) => {
    fault(ON_THE_WIRE);
    const handle = await start();
    await created(1);
    await terminate(handle);
  }),
  oracle('terminated-before-anything-was-sent', async ({ start, fault }) => {
    fault(LONG_WAIT);
    const handle = await start();
    await waiting(handle, 'before the next attempt');
    await terminate(handle);
  }),
  oracle('cancelled-before-anything-was-sent', async ({ start, fault }) => {
    fault(LONG_WAIT);
    const handle = await start();
    await waiting(handle, 'before the next attempt');
    await handle.cancel();
    await ended(handle);
  }),
  oracle('terminated-while-unknown', async ({ start, fault }) => {
    fault(NEVER);
    const handle = await start();
    await waiting(handle, 'looking');
    await terminate(handle);
  }),
  oracle('terminated-after-a-lookup-found-nothing', async ({ start, fault }) => {
    fault(NEVER);
    fault(LONG_WAIT);
    const handle = await start();
    await waiting(handle, 'before the next attempt');
    await terminate(handle);
  }),
  oracle('timed-out-with-the-create-under-way', async ({ startBare, fault, created }) => {
    fault(ON_THE_WIRE);
    const handle = await startBare({ workflowRunTimeout: 1_000 });
    await created(1);
    await ended(handle);
  }),
  oracle('continued-while-unknown', async ({ start, fault }) => {
    fault(NEVER);
    const handle = await start();
    await continued(handle);
    await waiting(handle, 'looking');
    await terminate(handle);
  }),
  oracle('continued-after-a-lookup-found-nothing', async ({ start, fault }) => {
    fault(NEVER);
    for (let time = 0; time < 3; time += 1) fault({ ...NOT_NOW, headers: { 'retry-after': '0' } });
    fault(LONG_WAIT);
    const handle = await start();
    await continued(handle);
    await until('the last wait', async () => (await doing(handle)).waitsLong);
    await terminate(handle);
  }),
  oracle('refused-then-terminated-with-the-create-under-way', async ({ start, fault, created }) => {
    fault({ kind: 'status', status: 400, commit: 'never' });
    fault(ON_THE_WIRE);
    await ended(await start());
    const handle = await start();
    await created(2);
    await terminate(handle);
  }),
  oracle('unknown-then-terminated-after-its-recall', async ({ start, fault, created }) => {
    fault(ON_THE_WIRE);
    const first = await start();
    await created(1);
    await terminate(first);
    const second = await start();
    await waiting(second, 'looking');
    await terminate(second);
  }),
  oracle('created-then-again-that-sent-nothing', async ({ start, fault, created }) => {
    await ended(await start());
    fault(LONG_WAIT);
    const again = await start({ again: true });
    await created(2);
    await waiting(again, 'before the next attempt');
    await terminate(again);
  }),
  oracle('created-then-again-that-is-unknown', async ({ start, fault }) => {
    await ended(await start());
    fault(NEVER);
    const again = await start({ again: true });
    await waiting(again, 'looking');
    await terminate(again);
  }),
  oracle('another-push-under-the-same-name', async ({ harness, start, startBare }) => {
    const workflowId = `a-name-of-mine-${Date.now()}`;
    await ended(await start({ workflowId }));
    await ended(await startBare({}, { ...uniqueRequest(harness, 'oracleORC'), workflowId }));
  }),
  {
    name: 'terminated-before-its-recall',
    ownWorker: true,
    async play(harness) {
      const { oracleORC } = harness.simulators;
      const asked = uniqueRequest(harness, 'oracleORC');
      oracleORC.faults.add({ operation: 'create', fault: ON_THE_WIRE });
      const worker = await harness.startWorker();
      const first = await harness.client.oracleORC.startPushProfile(asked as never);
      await until('the create', () => oracleORC.requests.some(({ operation }) => operation === 'create'));
      await terminate(first);
      await worker.stop();
      const second = await harness.client.oracleORC.startPushProfile(asked as never);
      await terminate(second);
      return first.workflowId;
    },
  },
  {
    name: 'terminated-after-the-heartbeat-was-lost',
    ownWorker: true,
    async play(harness) {
      const deaf = await startDeafWorker(harness);
      const handle = await harness.client.oracleORC.startPushProfile(uniqueRequest(harness, 'oracleORC') as never);
      await waiting(handle, 'looking');
      await terminate(handle);
      await deaf.stop();
      return handle.workflowId;
    },
  },
  flatchr('terminated-while-enriching', async ({ start, fault, asked }) => {
    fault(NOT_NOW, { operation: 'enrich', times: 50 });
    const handle = await start();
    await asked('enrich', 1);
    await terminate(handle);
  }),
  flatchr('terminated-while-enriching-whom-a-lookup-found', async ({ start, fault, asked }) => {
    fault({ kind: 'resetAfterCommit' });
    fault(NOT_NOW, { operation: 'enrich', times: 50 });
    const handle = await start();
    await asked('enrich', 1);
    await terminate(handle);
  }),
  flatchr('terminated-after-it-was-resolved-as-delivered', async ({ start, fault, asked }) => {
    fault(NEVER);
    fault({ kind: 'status', status: 403, commit: 'never' }, { operation: 'search', times: 50 });
    fault(NOT_NOW, { operation: 'enrich', times: 50 });
    const handle = await start({ actionParameters: { onFailure: 'hold' } });
    await held(handle);
    await handle.executeUpdate('resolve', { args: [{ delivered: true, atsId: 300_000_123 }] });
    await asked('enrich', 1);
    await terminate(handle);
  }),
  flatchr('terminated-after-it-was-resolved-as-not-delivered', async ({ start, fault }) => {
    fault(NEVER);
    fault({ kind: 'status', status: 403, commit: 'never' }, { operation: 'search', times: 50 });
    fault(LONG_WAIT);
    const handle = await start({ actionParameters: { onFailure: 'hold' } });
    await held(handle);
    await sleep(RECALL_SETTLE_MS);
    await handle.executeUpdate('resolve', { args: [{ delivered: false }] });
    await waiting(handle, 'before the next attempt');
    await terminate(handle);
  }),
  flatchr('failed-unknown', async ({ start, fault }) => {
    fault(NEVER);
    fault({ kind: 'status', status: 403, commit: 'never' }, { operation: 'search', times: 50 });
    await ended(await start());
  }),
  flatchr('cancelled-with-the-create-under-way', async ({ start, fault, asked }) => {
    fault({ kind: 'delay', ms: 1_000, commit: 'before' });
    const handle = await start();
    await asked('create', 1);
    await handle.cancel();
    await ended(handle);
  }),
];

interface Stage {
  readonly harness: Harness;
  /** Starts the push as the client does. The handle follows the run into new histories. */
  start(more?: Record<string, unknown>): Promise<WorkflowHandle>;
  /** Starts a run as the client never would. */
  startBare(options: { readonly workflowRunTimeout?: number }, asked?: Request): Promise<WorkflowHandle>;
  fault(fault: Fault, rule?: Partial<FaultRule>): void;
  /** Waits until the system has received an operation this often. */
  asked(operation: string, times: number): Promise<void>;
  created(times: number): Promise<void>;
}

type Request = Groups & { readonly workflowId?: string };
type Play = (stage: Stage) => Promise<unknown>;

function oracle(name: string, play: Play): RecallScenario {
  return { name, play: (harness) => playOn(harness, 'oracleORC', play) };
}

function flatchr(name: string, play: Play): RecallScenario {
  return { name, play: (harness) => playOn(harness, 'flatchr', play) };
}

async function playOn(harness: Harness, connector: 'oracleORC' | 'flatchr', play: Play): Promise<string> {
  const request = uniqueRequest(harness, connector);
  const { [connector]: system } = harness.simulators;
  const { temporal, taskQueue } = harness.context;
  let workflowId = '';
  const asked = (operation: string, times: number) =>
    until(
      `${operation} ${times}`,
      () => system.requests.filter((each) => each.operation === operation).length >= times,
    );
  await play({
    harness,
    async start(more = {}) {
      ({ workflowId } = await harness.client[connector].startPushProfile({ ...request, ...more } as never));
      return temporal.workflow.getHandle(workflowId);
    },
    async startBare(options, other = request) {
      const push = checkPush(connector, 'pushProfile', other, false);
      ({ workflowId } = push);
      return temporal.workflow.start('pushProfile', { ...startOptions(push, taskQueue, [], null), ...options });
    },
    fault: (fault, rule = {}) => system.faults.add({ operation: 'create', ...rule, fault }),
    asked,
    created: (times) => asked('create', times),
  });
  return workflowId;
}

/** Starts a worker whose attempts neither end nor heartbeat, like those of a hung process. */
export async function startDeafWorker(harness: Harness): Promise<{ stop(): Promise<void> }> {
  let release = (): void => undefined;
  const hung = new Promise<never>((_resolve, reject) => {
    release = () => reject(new Error('released'));
  });
  const connection = await NativeConnection.connect({ address: String(harness.env['TEMPORAL_ADDRESS']) });
  const worker = await Worker.create({
    connection,
    taskQueue: harness.context.taskQueue,
    workflowBundle: { codePath: String(process.env['TEST_WORKFLOW_BUNDLE']) },
    activities: {
      ...createActivities(workerDependencies(harness.env, { encrypted: false })),
      pushApplicant: () => hung,
    },
  });
  const running = worker.run();
  return {
    async stop() {
      release();
      worker.shutdown();
      await running;
      await connection.close();
    },
  };
}

async function ended(handle: WorkflowHandle): Promise<void> {
  await handle.result().catch(() => undefined);
}

async function terminate(handle: WorkflowHandle): Promise<void> {
  await handle.terminate('recorded');
  await ended(handle);
}

async function continued(handle: WorkflowHandle): Promise<void> {
  await until('a new history', async () => {
    const { raw, runId } = await handle.describe();
    return raw.workflowExecutionInfo?.firstRunId !== runId;
  });
}

interface State {
  readonly state: string;
  readonly doing: string;
  readonly waitingUntil: string | null;
}

const stateOf = (handle: WorkflowHandle): Promise<State> => handle.query<State>('state');

async function doing(handle: WorkflowHandle): Promise<{ readonly waitsLong: boolean }> {
  const { waitingUntil } = await stateOf(handle);
  return { waitsLong: waitingUntil !== null && Date.parse(waitingUntil) > Date.now() + 5_000 };
}

async function waiting(handle: WorkflowHandle, why: string): Promise<void> {
  await until(`the run waits: ${why}`, async () => {
    const { state, doing: what } = await stateOf(handle);
    return state === 'waiting' && what.includes(why);
  });
}

async function held(handle: WorkflowHandle): Promise<void> {
  await until('the hold', async () => (await stateOf(handle)).state === 'held');
}
