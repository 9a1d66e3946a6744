import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { z } from 'zod';
import { PushError } from '../src/client';
import type { RunInput } from '../src/protocol/messages';
import { newEchoId, requestOf } from './contenders';
import { inFlight } from './measure';
import { SECRETS, type Side, type Stage } from './stage';

const AT_ONCE = 20;
const WARM_UP = 20;
const MAX_WAIT_MS = 60_000;
const heapSchema = z.object({ heapUsed: z.number(), rss: z.number() });

/** Worker memory per open workflow in the cache, in bytes. */
export interface Memory {
  /** Number of workflows opened between the two measurements. */
  readonly workflows: number;
  readonly heapBytes: number;
  readonly rssBytes: number;
}

/**
 * Opens workflows in a worker whose cache holds them all, and compares its heap before and after, both after a forced garbage
 * collection. The pushes are held after a refused create, so they keep what a push keeps: documents, state, timer.
 */
export async function measureMemory(stage: Stage, input: RunInput, workflows: number): Promise<Record<string, Memory>> {
  const side = await stage.open({ name: 'memory', encryption: true, cached: 4 * (workflows + WARM_UP) });
  const heap = heapReader(side);
  const openers = { push: holding(side, stage), echo: leavingOpen(side, input) };
  const found: Record<string, Memory> = {};
  for (const [kind, open] of Object.entries(openers)) {
    await stage.guard(inFlight(WARM_UP, AT_ONCE, open));
    const before = await heap();
    await stage.guard(inFlight(workflows, AT_ONCE, open));
    const after = await heap();
    found[kind] = {
      workflows,
      heapBytes: (after.heapUsed - before.heapUsed) / workflows,
      rssBytes: (after.rss - before.rss) / workflows,
    };
  }
  return found;
}

/** Reads the heap of a worker that was opened with a measured cache. */
export function heapReader({ worker }: Side): () => Promise<z.infer<typeof heapSchema>> {
  let times = 0;
  return async () => {
    times += 1;
    worker.signal('SIGUSR2');
    const line = await worker.waitForLine(new RegExp(String.raw`^heap ${times} \{`));
    return heapSchema.parse(JSON.parse(line.slice(line.indexOf('{'))));
  };
}

/** Opens a push that its ATS refuses permanently, so that it is held. */
function holding({ client }: Side, { addresses }: Stage): () => Promise<void> {
  return async () => {
    const request = { ...requestOf(addresses, SECRETS.wrong), actionParameters: { onFailure: 'hold' as const } };
    try {
      await client.flatchr.pushProfile(request);
    } catch (error) {
      if (error instanceof PushError && error.state === 'held' && error.stage === 'pushApplicant') return;
      throw error;
    }
    throw new Error('a push that should be held has ended');
  };
}

function leavingOpen({ context }: Side, input: RunInput): () => Promise<void> {
  const { temporal, taskQueue } = context;
  return async () => {
    const workflowId = newEchoId();
    await untilWaiting(await temporal.workflow.start('echo', { workflowId, taskQueue, args: [input, true] }));
  };
}

/** Waits until every activity of the run has ended: three remote ones of three events each, and a workflow task after each. */
async function untilWaiting(handle: WorkflowHandle): Promise<void> {
  const deadline = Date.now() + MAX_WAIT_MS;
  while (Date.now() < deadline) {
    const { events } = await handle.fetchHistory();
    const done = events?.filter((event) => event.activityTaskCompletedEventAttributes).length;
    if (done === 3 && events?.at(-1)?.workflowTaskCompletedEventAttributes) return;
    await delay(100);
  }
  throw new Error(`the echo ${handle.workflowId} did not end in time`);
}
