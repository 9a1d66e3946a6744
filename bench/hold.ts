import { setTimeout as delay } from 'node:timers/promises';
import type { WorkflowHandle } from '@temporalio/client';
import type { RunInput } from '../src/protocol/messages';
import { newEchoId, requestOf } from './contenders';
import { inFlight } from './measure';
import { heapReader } from './memory';
import { SECRETS, type Side, type Stage } from './stage';

/** How much is measured, if the command line does not say otherwise. */
const DEFAULT_PLAN: HoldPlan = { runs: 10, rounds: 10 };
const AT_ONCE = 5;
const MAX_WAIT_MS = 60_000;

/** How many runs are held, and how often each is retried. */
export interface HoldPlan {
  readonly runs: number;
  readonly rounds: number;
}

/** Heap of a worker per held run, in bytes, after each round of hold and retry. */
export interface HoldMemory {
  readonly runs: number;
  /** Bytes of JSON: the profile in HrFlow.ai, which every round reads. */
  readonly profileBytes: number;
  readonly heapBytes: Readonly<Record<'push' | 'echo', readonly number[]>>;
}

/** A run that is open, and can be sent into its next round. */
interface OpenRun {
  next(round: number): Promise<void>;
}

/**
 * Sends held runs through ten rounds of retry and hold, and reads the heap of their worker after each. The yardstick makes the same
 * activity calls in the root scope of its workflow, so the SDK keeps their arguments.
 */
export async function measureHold(stage: Stage, input: RunInput, changes: Partial<HoldPlan>): Promise<HoldMemory> {
  const { runs: count, rounds: last } = { ...DEFAULT_PLAN, ...changes };
  const side = await stage.open({ name: 'hold', encryption: true, cached: 10 * count });
  const heap = heapReader(side);
  const openers = { push: () => openPush(side, stage), echo: () => openEcho(side, input) };
  const heapBytes: { push: number[]; echo: number[] } = { push: [], echo: [] };
  for (const kind of ['push', 'echo'] as const) {
    await openers[kind]();
    const before = (await heap()).heapUsed;
    const runs: OpenRun[] = [];
    await stage.guard(inFlight(count, AT_ONCE, async () => void runs.push(await openers[kind]())));
    for (let round = 1; round <= last; round += 1) {
      if (round > 1) await stage.guard(inFlight(count, AT_ONCE, nextOf(runs, round)));
      heapBytes[kind].push(((await heap()).heapUsed - before) / count);
    }
  }
  return { runs: count, profileBytes: stage.addresses.profileBytes, heapBytes };
}

/** Returns the heap that a round adds once the worker is warm: over the second half of the rounds. */
export function growthPerRound(rounds: readonly number[]): number {
  const half = Math.floor(rounds.length / 2);
  return ((rounds.at(-1) ?? NaN) - (rounds[half] ?? NaN)) / (rounds.length - 1 - half);
}

/** Formats the figures as Markdown. */
export function holdMarkdownOf({ runs, profileBytes, heapBytes }: HoldMemory): string {
  const cell = (bytes: number | undefined): string => `${((bytes ?? NaN) / 1024).toFixed(0)} KiB`;
  const rows = Object.entries(heapBytes).map(([kind, rounds]) => {
    const [first, last] = [rounds[0] ?? NaN, rounds.at(-1) ?? NaN];
    return `| ${kind} | ${cell(first)} | ${cell(last)} | ${cell(growthPerRound(rounds))} |`;
  });
  return [
    '# Benchmark "hold"',
    '',
    `${runs} held runs in one worker, ${heapBytes.push.length} rounds of hold and retry, profile of ${profileBytes} bytes. "echo" makes the same activity calls`,
    'in the root scope of its workflow.',
    '',
    '| heap per run | after the first round | after the last round | growth per round, second half |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
}

function nextOf(runs: readonly OpenRun[], round: number): () => Promise<void> {
  const waiting = [...runs];
  return async () => waiting.pop()?.next(round);
}

/** Opens a push that its ATS refuses permanently, so that every round ends in a hold. */
async function openPush({ client }: Side, { addresses }: Stage): Promise<OpenRun> {
  const request = { ...requestOf(addresses, SECRETS.wrong), actionParameters: { onFailure: 'hold' as const } };
  const handle = await client.flatchr.startPushProfile(request);
  const next = async (round: number): Promise<void> => {
    await handle.executeUpdate('retry', { args: [] });
    await untilHeld(handle, round);
  };
  await untilHeld(handle, 1);
  return { next };
}

async function untilHeld(handle: WorkflowHandle, number: number): Promise<void> {
  await until(async () => {
    const { hold } = await handle.query<{ hold: { number: number } | null }>('state');
    return hold?.number === number;
  });
}

async function openEcho({ context }: Side, input: RunInput): Promise<OpenRun> {
  const { temporal, taskQueue } = context;
  const handle = await temporal.workflow.start('echoInRounds', { workflowId: newEchoId(), taskQueue, args: [input] });
  const untilDone = (round: number): Promise<void> =>
    until(async () => (await handle.query<number>('rounds')) === round);
  await untilDone(1);
  return {
    async next(round) {
      await handle.signal('next');
      await untilDone(round);
    },
  };
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + MAX_WAIT_MS;
  while (Date.now() < deadline) {
    if (await condition()) return;
    await delay(50);
  }
  throw new Error('a run did not reach its next round in time');
}
