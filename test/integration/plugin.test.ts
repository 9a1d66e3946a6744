import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker } from '@temporalio/worker';
import { connect } from '../../src/client';
import { HrflowConnectorsPlugin } from '../../src/worker/plugin';
import { startHarness, temporalAddress, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

describe("a user's own worker with the plugin", () => {
  let harness: Harness;
  let connection: NativeConnection;

  beforeAll(async () => {
    harness = await startHarness();
    connection = await NativeConnection.connect({ address: temporalAddress() });
  });
  afterAll(async () => {
    await connection.close();
    await harness.close();
  });

  it('runs its own workflows, activities and interceptors alongside the connectors', async () => {
    const taskQueue = `foreign-${randomUUID()}`;
    const intercepted: string[] = [];
    const plugin = new HrflowConnectorsPlugin({ env: harness.env });
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath: require.resolve('../support/foreign-workflows'),
      logger: new DefaultLogger('ERROR'),
      plugins: [plugin],
    });
    const worker = await Worker.create({
      connection,
      taskQueue,
      workflowBundle,
      activities: { greet: (name: string) => Promise.resolve(`hello ${name}`) },
      interceptors: {
        activity: [
          ({ info }) => ({
            inbound: {
              execute(input, next) {
                intercepted.push(info.activityType);
                return next(input);
              },
            },
          }),
        ],
      },
      plugins: [plugin],
    });
    const env = { ...harness.env, HRFLOW_TEMPORAL_TASK_QUEUE: taskQueue };
    const client = await connect({ env });
    const theirs = new Client({ connection: await Connection.connect({ address: temporalAddress() }) });
    await worker.runUntil(async () => {
      const greeting = await harness.context.temporal.workflow.execute('greeting', {
        taskQueue,
        workflowId: randomUUID(),
        args: ['Zoé'],
      });
      expect(greeting).toBe('hello Zoé');
      const result = await client.flatchr.pushProfile(uniqueRequest(harness, 'flatchr') as never);
      expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
    });
    await Promise.all([client.close(), theirs.connection.close()]);
    expect(new Set(intercepted)).toEqual(
      new Set(['greet', 'fetchProfile', 'format', 'authenticate', 'pushApplicant', 'enrich']),
    );
  });

  it('is refused if it has an activity with one of our names', async () => {
    const create = Worker.create({
      connection,
      taskQueue: `clash-${randomUUID()}`,
      workflowBundle: { codePath: String(process.env['TEST_WORKFLOW_BUNDLE']) },
      activities: { enrich: () => Promise.resolve() },
      plugins: [new HrflowConnectorsPlugin({ env: harness.env })],
    });
    await expect(create).rejects.toThrow('activities of the same name: enrich');
  });

  it('keeps its payload codec, and encrypts the result of it', () => {
    const theirs = {
      encode: (payloads: never[]) => Promise.resolve(payloads),
      decode: (payloads: never[]) => Promise.resolve(payloads),
    };
    const plugin = new HrflowConnectorsPlugin({ env: harness.env });
    const once = plugin.configureClient({ dataConverter: { payloadCodecs: [theirs] } });
    const twice = plugin.configureClient(once);
    const codecs =
      twice.dataConverter && 'payloadCodecs' in twice.dataConverter ? twice.dataConverter.payloadCodecs : [];
    expect(codecs).toHaveLength(2);
    expect(codecs?.[0]).toBe(theirs);
  });
});

describe('a worker without a workflow cache', () => {
  it('delivers anyway, though every task replays the whole history', async () => {
    const harness = await startHarness({ worker: { maxCachedWorkflows: 0 } });
    try {
      await harness.startWorker();
      harness.simulators.flatchr.faults.add({
        operation: 'create',
        fault: { kind: 'rateLimit', form: 'seconds', seconds: 1 },
      });
      const asked = uniqueRequest(harness, 'flatchr');
      const result = await harness.client.flatchr.pushProfile(asked as never);
      expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true });
      expect(harness.simulators.flatchr.applicants).toHaveLength(1);
    } finally {
      await harness.close();
    }
  });
});
