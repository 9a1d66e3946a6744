import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { NativeConnection, Worker } from '@temporalio/worker';
import { EncryptionKeyMissingError } from '../../src/client';
import { openContext, type ClientContext, type ConnectOptions } from '../../src/client/context';
import { checkPush, type CheckedPush, type StartRequest } from '../../src/client/request';
import { startPush } from '../../src/client/start';
import { push } from '../../src/client/wait';
import { HrflowConnectorsPlugin, type HrflowConnectorsPluginOptions } from '../../src/worker/plugin';
import { generateEncryptionKey } from '../../src/security/encryption/key-ring';
import { FLATCHR_KEY, HRFLOW_ACCOUNT } from '../simulators';
import { startHarness, temporalAddress, type Harness } from '../support/harness';

const [a, b, c] = ['a', 'b', 'c'].map((id) => generateEncryptionKey(id));
const REFERENCE = { secret: 'flatchr/prod' };

let harness: Harness;
let connection: NativeConnection;
const open: { close(): Promise<void> }[] = [];
let folder: string;

beforeAll(async () => {
  harness = await startHarness();
  connection = await NativeConnection.connect({ address: temporalAddress() });
});
afterAll(async () => {
  await connection.close();
  await harness.close();
});
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-encryption-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
  harness.simulators.flatchr.faults.clear();
  harness.simulators.talentSoft.faults.clear();
});

function keys(...ring: (string | undefined)[]): Record<string, string> {
  return { HRFLOW_TEMPORAL_ENCRYPTION_KEYS: ring.join(',') };
}

/** Starts a worker on the queue of the harness with different variables. */
async function startWorker(env: Record<string, string>, options: HrflowConnectorsPluginOptions = {}) {
  const worker = await Worker.create({
    connection,
    taskQueue: String(harness.env['HRFLOW_TEMPORAL_TASK_QUEUE']),
    workflowBundle: { codePath: String(process.env['TEST_WORKFLOW_BUNDLE']) },
    plugins: [new HrflowConnectorsPlugin({ env: { ...harness.env, ...env }, ...options })],
  });
  const running = worker.run();
  const started = {
    async close() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      await running;
    },
  };
  open.push(started);
  return started;
}

async function client(env: Record<string, string>, options: ConnectOptions = {}): Promise<ClientContext> {
  const context = await openContext({ env: { ...harness.env, ...env }, ...options });
  open.push(context);
  return context;
}

/** Returns a push of a new profile to Flatchr. */
function flatchrPush(
  profile: number,
  target: Record<string, unknown> = {},
  more: Partial<StartRequest> = {},
): CheckedPush {
  const { originParameters, targetParameters } = harness.request('flatchr', profile);
  const request = { originParameters, targetParameters: { ...targetParameters, ...target }, ...more };
  return checkPush('flatchr', 'pushProfile', request, true);
}

async function until(reached: () => Promise<boolean>): Promise<void> {
  while (!(await reached())) await delay(50);
}

/** Returns the history as the server stores it. */
async function rawHistory(context: ClientContext, { workflowId }: CheckedPush): Promise<string> {
  const history = await context.temporal.workflow.getHandle(workflowId).fetchHistory();
  return Buffer.from(temporal.api.history.v1.History.encode(history).finish()).toString('latin1');
}

async function failedTask(context: ClientContext, { workflowId }: CheckedPush) {
  const { events } = await context.temporal.workflow.getHandle(workflowId).fetchHistory();
  return events?.map((event) => event.workflowTaskFailedEventAttributes?.failure).find((failure) => failure);
}

/** Returns the sorted ids of the keys that the payloads of the history name. */
async function keyIds(context: ClientContext, asked: CheckedPush): Promise<string[]> {
  const fields = (await rawHistory(context, asked)).matchAll(/encryption-key-id\x12\x01(\w)/g);
  return [...new Set([...fields].map(([, id = '']) => id))].sort();
}

describe('keys', () => {
  it('can be rotated while runs are open: these finish, and older payloads stay readable', async () => {
    const before = await client(keys(a));
    const old = await startWorker(keys(a));
    const delivered = flatchrPush(0);
    const first = await push(before, delivered);

    harness.simulators.flatchr.faults.add({
      operation: 'create',
      fault: { kind: 'rateLimit', form: 'seconds', seconds: 2 },
    });
    const waiting = flatchrPush(1);
    await startPush(before, waiting);
    const handle = before.temporal.workflow.getHandle(waiting.workflowId);
    await until(async () => (await handle.query<{ state: string }>('state')).state === 'waiting');
    await old.close();

    const after = await client(keys(b, a));
    await startWorker(keys(b, a));
    expect((await push(after, waiting)).result.items[0]).toMatchObject({ outcome: 'created' });
    expect(await push(after, delivered)).toEqual(first);

    expect(await keyIds(after, waiting)).toEqual(['a', 'b']);
  });

  it('that a worker lacks fail the task with the name of the key, and the run continues once it is added', async () => {
    const context = await client(keys(c));
    const lacking = await startWorker(keys(a));
    const asked = flatchrPush(2);
    await startPush(context, asked);
    await until(async () => (await failedTask(context, asked)) !== undefined);
    const reader = await client(keys(c, a));
    const failure = await failedTask(reader, asked);
    const [decoded] = await reader.temporal.options.loadedDataConverter.payloadCodecs[0]!.decode([
      failure!.encodedAttributes!,
    ]);
    expect(Buffer.from(decoded?.data ?? []).toString()).toContain(
      '\\"c\\", which is not among the encryption keys here',
    );
    await lacking.close();

    await startWorker(keys(a, c));
    await expect(push(context, asked)).rejects.toThrow(/"a", which is not among the encryption keys here; add it/);
    expect((await push(reader, asked)).result.items[0]).toMatchObject({ outcome: 'created' });
  });

  it('can be introduced while unencrypted runs are open', async () => {
    const readable = await client({ HRFLOW_TEMPORAL_ENCRYPTION: 'off' });
    const asked = flatchrPush(3, { auth: REFERENCE });
    await startPush(readable, asked);
    await startWorker({ ...keys(a), HRFLOW_SECRET_FLATCHR_PROD: FLATCHR_KEY });
    const result = await push(await client(keys(a)), asked);
    expect(result.result.items[0]).toMatchObject({ outcome: 'created' });
    expect(await keyIds(readable, asked)).toEqual(['a']);
  });
});

describe('ciphertext bound to a namespace', () => {
  const bound = { ...keys(a), HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE: 'default' };

  it('is written and read only by a worker and client that name it, even if others have the key', async () => {
    await startWorker(bound);
    const asked = flatchrPush(0, {}, { workflowId: 'bound-to-a-namespace' });
    const { result } = await push(await client(bound), asked);
    expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
    const elsewhere = { ...bound, HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE: 'elsewhere' };
    for (const env of [keys(a), elsewhere]) {
      const { temporal: reader } = await client(env);
      await expect(reader.workflow.getHandle(asked.workflowId).result()).rejects.toThrow(
        /belongs to another namespace/,
      );
    }
    const { temporal: reader } = await client(keys(a), { encryptionNamespace: 'default' });
    expect(await reader.workflow.getHandle(asked.workflowId).result()).toMatchObject({ items: result.items });
  });
});

describe('without a key', () => {
  const none = { HRFLOW_TEMPORAL_ENCRYPTION_KEYS: '' };
  const off = { HRFLOW_TEMPORAL_ENCRYPTION: 'off' };

  it('neither worker nor client starts, and both report what to do', async () => {
    const told = /Set one.*HRFLOW_TEMPORAL_ENCRYPTION_KEYS=.*HRFLOW_TEMPORAL_ENCRYPTION=off/;
    await expect(client(none)).rejects.toThrow(EncryptionKeyMissingError);
    await expect(client(none)).rejects.toThrow(told);
    await expect(startWorker(none)).rejects.toThrow(told);
  });

  it('and encryption switched off explicitly, references are accepted', async () => {
    await startWorker({
      ...off,
      HRFLOW_SECRET_FLATCHR_PROD: FLATCHR_KEY,
      HRFLOW_SECRET_HRFLOW: HRFLOW_ACCOUNT.keys.all,
    });
    const context = await client(off);
    const { originParameters, targetParameters } = harness.request('flatchr', 4);
    const request = {
      originParameters: { ...originParameters, api_secret: { secret: 'hrflow' } },
      targetParameters: { ...targetParameters, auth: REFERENCE },
    };
    const { result } = await push(context, checkPush('flatchr', 'pushProfile', request, context.encrypted));
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
  });

  it('and encryption switched off, literal secrets are refused by name: by the client, and by the worker if one gets through', async () => {
    await startWorker(off);
    const context = await client(off);
    const request = harness.request('talentSoft');
    expect(() => checkPush('talentSoft', 'pushProfile', request, context.encrypted)).toThrow(
      /originParameters.api_secret: encryption is off/,
    );
    const { originParameters, targetParameters } = request;
    const referred = { originParameters: { ...originParameters, api_secret: { secret: 'hrflow' } }, targetParameters };
    const named = /targetParameters.client_secret_front, targetParameters.client_secret_back: encryption is off/;
    expect(() => checkPush('talentSoft', 'pushProfile', referred, context.encrypted)).toThrow(named);
    const { requests } = harness.simulators.hrflow;
    const before = requests.length;
    const smuggled = checkPush('talentSoft', 'pushProfile', referred, true);
    await expect(push(context, smuggled)).rejects.toMatchObject({
      type: 'input',
      message: expect.stringMatching(named),
    });
    expect(requests).toHaveLength(before);
  });
});

describe('secret references', () => {
  const dir = (): string => join(folder, 'secrets');
  const file = (): string => join(folder, 'secrets.json');

  beforeAll(() => void mkdirSync(join(dir(), 'flatchr'), { recursive: true }));

  it.each<[string, () => Record<string, string>, HrflowConnectorsPluginOptions]>([
    ['the environment', () => ({ HRFLOW_SECRET_FLATCHR_PROD: FLATCHR_KEY }), {}],
    [
      'a directory',
      () => {
        writeFileSync(join(dir(), 'flatchr/prod'), `${FLATCHR_KEY}\n`);
        return { HRFLOW_TEMPORAL_SECRETS_DIR: dir() };
      },
      {},
    ],
    [
      'a file',
      () => {
        writeFileSync(file(), JSON.stringify({ 'flatchr/prod': FLATCHR_KEY }), { mode: 0o600 });
        return { HRFLOW_TEMPORAL_SECRETS_FILE: file() };
      },
      {},
    ],
    [
      'a provider',
      () => ({}),
      { secretProvider: (name) => Promise.resolve(name === 'flatchr/prod' ? FLATCHR_KEY : undefined) },
    ],
  ])(
    'resolve from %s, only on the worker',
    async (_, env, options) => {
      await startWorker({ ...keys(a), ...env() }, options);
      const asked = flatchrPush(0, { auth: REFERENCE }, { again: true });
      const { result } = await push(await client(keys(a)), asked);
      expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
    },
    60_000,
  );

  it('that cannot be resolved hold the run for the operator, which resumes without a restart once the secret exists', async () => {
    rmSync(join(dir(), 'flatchr/prod'), { force: true });
    await startWorker({ ...keys(a), HRFLOW_TEMPORAL_SECRETS_DIR: dir() });
    const context = await client(keys(a));
    const asked = flatchrPush(1, { auth: REFERENCE }, { again: true, actionParameters: { onFailure: 'hold' } });
    const held = {
      state: 'held',
      type: 'auth',
      whoMustAct: 'operator',
      message: expect.stringContaining('"flatchr/prod"'),
    };
    await expect(push(context, asked)).rejects.toMatchObject(held);

    const handle = context.temporal.workflow.getHandle(asked.workflowId);
    writeFileSync(join(dir(), 'flatchr/prod'), 'a key of yesterday');
    await handle.executeUpdate('retry', { args: [{}] });
    await until(async () => (await handle.query<{ hold: { number: number } | null }>('state')).hold?.number === 2);
    expect(await handle.query('state')).toMatchObject({ error: { type: 'auth', whoMustAct: 'user' } });

    writeFileSync(join(dir(), 'flatchr/prod'), FLATCHR_KEY);
    await handle.executeUpdate('retry', { args: [{}] });
    expect(await handle.result()).toMatchObject({ items: [{ outcome: 'created' }] });
  });
});

describe('tokens', () => {
  function talentSoftPush(profile: number, job: string): CheckedPush {
    const { originParameters, targetParameters } = harness.request('talentSoft', profile);
    return checkPush(
      'talentSoft',
      'pushProfile',
      { originParameters, targetParameters: { ...targetParameters, job_reference: job } },
      true,
    );
  }

  it('are fetched once for twenty concurrent pushes', async () => {
    await startWorker(keys(a));
    const context = await client(keys(a));
    const { requests, applications } = harness.simulators.talentSoft;
    const before = applications.length;
    requests.length = 0;
    const pushes = Array.from({ length: 20 }, (_, index) => push(context, talentSoftPush(index % 5, `offer ${index}`)));
    await Promise.all(pushes);
    const asked = requests.filter(({ operation }) => operation === 'token').map(({ site }) => site);
    expect(harness.simulators.talentSoft.applications).toHaveLength(before + 20);
    expect(asked.filter((site) => site === 'front')).toHaveLength(1);
    expect(asked.filter((site) => site === 'back').length).toBeLessThanOrEqual(1);
  });

  it('are dropped if the ATS refuses them, and the create is retried in the same attempt', async () => {
    await startWorker(keys(a));
    const context = await client(keys(a));
    const { requests, faults } = harness.simulators.talentSoft;
    await push(context, talentSoftPush(0, 'warms the cache'));
    requests.length = 0;
    faults.add({ operation: 'create', fault: { kind: 'expiredToken' } });
    const asked = talentSoftPush(1, 'after the token expired');
    const { result } = await push(context, asked);
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(requests.map(({ operation, status }) => `${operation} ${status}`)).toEqual([
      'create 401',
      'token 200',
      'create 201',
    ]);
    const { events } = await context.temporal.workflow.getHandle(asked.workflowId).fetchHistory();
    const named = events?.map(
      ({ activityTaskScheduledEventAttributes }) => activityTaskScheduledEventAttributes?.activityType?.name,
    );
    expect(named?.filter((name) => name === 'pushApplicant')).toHaveLength(1);
  });
});
