import { getEventListeners } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { checkPush } from '../../src/client/request';
import { push } from '../../src/client/wait';
import { startDevServer, type DevServer } from '../../tools/dev-server';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';

jest.setTimeout(600_000);

const HOUR_MS = 3_600_000;

/** Returns the heap in use after garbage collection. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  collect();
  collect();
  return process.memoryUsage().heapUsed;
}

describe('a waiting client', () => {
  const open: { close(): Promise<unknown> }[] = [];
  const opened = <T extends { close(): Promise<unknown> }>(one: T): T => {
    open.push(one);
    return one;
  };
  const checked = (harness: Harness) =>
    checkPush('oracleORC', 'pushProfile', uniqueRequest(harness, 'oracleORC'), true);

  afterEach(async () => {
    jest.restoreAllMocks();
    for (const one of open.splice(0).reverse()) await one.close();
  });

  it('keeps no memory of its polls, however many there are', async () => {
    const { context, client, ...harness } = opened(await startHarness());
    const { workflowId } = await client.oracleORC.startPushProfile(
      uniqueRequest({ ...harness, context, client }, 'oracleORC') as never,
    );
    const handle = context.temporal.workflow.getHandle(workflowId);
    const { signal } = new AbortController();
    const look = async (times: number) => {
      for (let done = 0; done < times; done += 1) await context.untilAborted(signal, () => handle.describe());
    };
    await look(200);
    const before = heldBytes();
    await look(2_000);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    expect((heldBytes() - before) / 2_000).toBeLessThan(2_000);
    await handle.terminate();
  });

  it('adds one abort listener per request in progress, and removes it when it stops waiting', async () => {
    const harness = opened(await startHarness());
    const { context } = harness;
    const signals = new Set<AbortSignal>();
    let looks = 0;
    const asked = checked(harness);
    const waiting = push(
      {
        ...context,
        untilAborted: (signal, calls) => {
          signals.add(signal);
          looks += 1;
          return context.untilAborted(signal, calls);
        },
      },
      asked,
    );
    waiting.catch(() => undefined);
    await until('several looks', () => looks >= 5);
    const [signal] = signals;
    // The poll for the result, a query, and the pause between two queries.
    expect(getEventListeners(signal!, 'abort').length).toBeLessThanOrEqual(3);
    await context.temporal.workflow.getHandle(asked.workflowId).terminate();
    await expect(waiting).rejects.toMatchObject({ type: 'unknown_outcome' });
    await until('the end of the last call', () => getEventListeners(signal!, 'abort').length === 0);
  });

  it('survives three restarts of the server within a day', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-day-'));
    const options = { dbFilename: join(folder, 'temporal.db'), ui: false };
    let server: DevServer = await startDevServer(options);
    opened({ close: () => server.stop().finally(() => rmSync(folder, { recursive: true, force: true })) });
    const harness = opened(await startHarness({ env: { TEMPORAL_ADDRESS: server.address } }));
    const { context } = harness;
    const now = performance.now.bind(performance);
    let passedMs = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now() + passedMs);
    const onTrouble = jest.fn();
    const onAccepted = jest.fn();
    const waiting = push(context, checked(harness), { onTrouble, onAccepted });
    let gaveUp: unknown = null;
    waiting.catch((error: unknown) => (gaveUp = error));
    const isNoticed = (times: number): boolean => {
      if (gaveUp !== null) throw new Error('the client gave up', { cause: gaveUp });
      return onTrouble.mock.calls.length >= times;
    };

    // A start that is still retried when the clock jumps would give up, and this test is about waiting.
    await until('the run', () => onAccepted.mock.calls.length > 0);
    let runsSince = 0;
    for (let restart = 1; restart <= 3; restart += 1) {
      const since = runsSince;
      await until('a look', () => context.answeredAt() > since);
      passedMs += 8 * HOUR_MS;
      await server.kill();
      // The SDK itself retries the call for 20 s.
      await until('the notice', () => isNoticed(restart));
      server = await startDevServer({ ...options, port: server.port });
      runsSince = performance.now();
    }
    await harness.startWorker();
    const { result } = await waiting;
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
  });
});
