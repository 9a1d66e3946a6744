import { performance } from 'node:perf_hooks';
import type { Contender } from './contenders';
import { cpuMs } from './cpu';

/** Processes whose CPU time is measured, by their names. */
export type Pids = Readonly<Record<string, number>>;

/** Many repetitions, `atOnce` of them concurrent. */
export interface Block {
  readonly atOnce: number;
  readonly count: number;
  readonly perSecond: number;
  /** CPU time per repetition in milliseconds, by process; null if the system does not report it. */
  readonly cpu: Readonly<Record<string, number | null>>;
}

/** Milliseconds of one repetition. */
async function timeOne(contender: Contender): Promise<number> {
  const started = performance.now();
  await contender();
  return performance.now() - started;
}

/**
 * Repeats each contender in turn, one at a time, starting with another one each time, so that disturbances affect all of them.
 *
 * @returns milliseconds of each repetition by contender
 */
export async function timeInTurn(
  contenders: Readonly<Record<string, Contender>>,
  count: number,
): Promise<Record<string, number[]>> {
  const entries = Object.entries(contenders);
  const times = Object.fromEntries(entries.map(([kind]): [string, number[]] => [kind, []]));
  for (let repetition = 0; repetition < count; repetition += 1) {
    for (const [kind, contender] of rotated(entries, repetition)) times[kind]?.push(await timeOne(contender));
  }
  return times;
}

/** Repeats a contender, `atOnce` concurrently. */
export async function runBlock(
  contender: Contender,
  { atOnce, count, pids }: { atOnce: number; count: number; pids: Pids },
): Promise<Block> {
  const before = cpuOf(pids);
  const started = performance.now();
  await inFlight(count, atOnce, contender);
  const seconds = (performance.now() - started) / 1000;
  const after = cpuOf(pids);
  const cpu = Object.keys(pids).map((name) => [name, differenceOf(before[name], after[name], count)] as const);
  return { atOnce, count, perSecond: count / seconds, cpu: Object.fromEntries(cpu) };
}

/** Runs a task repeatedly, at most `atOnce` at a time. The first failure ends it. */
export async function inFlight(count: number, atOnce: number, task: () => Promise<unknown>): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left > 0) {
      left -= 1;
      await task();
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, lane));
}

/** Rotates the list. */
export function rotated<T>(list: readonly T[], by: number): T[] {
  const start = by % list.length;
  return [...list.slice(start), ...list.slice(0, start)];
}

function cpuOf(pids: Pids): Record<string, number | null> {
  return Object.fromEntries(Object.entries(pids).map(([name, pid]) => [name, cpuMs(pid)]));
}

function differenceOf(
  before: number | null | undefined,
  after: number | null | undefined,
  count: number,
): number | null {
  return typeof before !== 'number' || typeof after !== 'number' ? null : (after - before) / count;
}
