import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startProcess, type ManagedProcess } from '../processes';
import type { Random } from './random';
import { TIMING } from './timing';
import type { World } from './world';

const COMMAND_LINE = join(__dirname, '..', '..', 'dist', 'cli', 'main.js');
const STARTED = /worker started/;
const PAUSE_AFTER_A_DEATH_MS = 300;
/** The share of kills that hit every worker. */
const ALL_AT_ONCE = 0.2;
const LONGEST_AIM_MS = 100;

/** What was broken, and how often. */
export interface NemesisCounts {
  workersStarted: number;
  workersKilled: number;
  /** Workers that ended without being killed, for example because the server was down. */
  workersEnded: number;
  serverRestarts: number;
}

/** Worker processes. Each is replaced when it ends. */
export interface Workers {
  /** Kills one (SIGKILL), or all of them as if a machine died. */
  kill(random: Random): void;
  /** Stops all of them gracefully and does not replace them. */
  stop(): Promise<void>;
}

/** Starts worker processes and waits until they poll. */
export async function startWorkers(world: World, size: number, counts: NemesisCounts): Promise<Workers> {
  const running = new Set<ManagedProcess>();
  const over = new AbortController();
  const isOver = (): boolean => over.signal.aborted;
  const start = async (): Promise<ManagedProcess> => {
    const process_ = await startProcess(process.execPath, [COMMAND_LINE, 'worker'], {
      name: 'a worker',
      env: world.env,
    });
    running.add(process_);
    counts.workersStarted += 1;
    return process_;
  };
  const replaceWhenEnded = async (first: ManagedProcess): Promise<void> => {
    for (let current = first; ;) {
      const { signal } = await current.exited;
      running.delete(current);
      if (isOver()) return;
      if (signal !== 'SIGKILL') {
        counts.workersEnded += 1;
        await sleep(PAUSE_AFTER_A_DEATH_MS);
      }
      current = await start();
      if (isOver()) await current.stop();
    }
  };
  const first = await Promise.all(Array.from({ length: size }, start));
  await Promise.all(first.map((worker) => worker.waitForLine(STARTED, 60_000)));
  const slots = first.map(replaceWhenEnded);
  return {
    kill(random) {
      const [head, ...rest] = [...running].filter(({ ended }) => ended === undefined);
      if (!head) return;
      const victims = random.chance(ALL_AT_ONCE) ? [head, ...rest] : [random.pick([head, ...rest])];
      counts.workersKilled += victims.length;
      for (const victim of victims) void victim.kill();
    },
    async stop() {
      over.abort();
      await Promise.all([...running].map((worker) => worker.stop()));
      await Promise.all(slots);
    },
  };
}

/** Kills and restarts until it is stopped. */
export interface Nemesis {
  /** Called for every create that arrives. Returns whether to delay it, because workers are about to die. */
  meetCreate(): boolean;
  stop(): Promise<void>;
}

/**
 * Kills workers every few seconds, if possible during a create, and restarts the server twice.
 *
 * @param progress the share of the work that is done, 0 to 1
 */
export function startNemesis(
  world: World,
  workers: Workers,
  random: Random,
  counts: NemesisCounts,
  progress: () => number,
): Nemesis {
  const over = new AbortController();
  let waitsForCreate = false;
  const kills = repeatUntil(
    over.signal,
    () => random.between(...TIMING.killEvery),
    () => {
      if (waitsForCreate) workers.kill(random);
      waitsForCreate = !waitsForCreate;
      return Promise.resolve();
    },
  );
  const moments = [0.25 + random.next() * 0.15, 0.55 + random.next() * 0.2];
  const restarts = repeatUntil(
    over.signal,
    () => 200,
    async () => {
      if (progress() < (moments[0] ?? Infinity)) return;
      moments.shift();
      await world.restartServer(random.pick(['kill', 'stop']));
      counts.serverRestarts += 1;
    },
  );
  return {
    meetCreate() {
      if (!waitsForCreate) return false;
      waitsForCreate = false;
      setTimeout(() => workers.kill(random), random.between(0, LONGEST_AIM_MS));
      return true;
    },
    async stop() {
      over.abort();
      waitsForCreate = false;
      await Promise.all([kills, restarts]);
    },
  };
}

async function repeatUntil(signal: AbortSignal, pause: () => number, act: () => Promise<void>): Promise<void> {
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    await sleep(pause(), undefined, { signal }).catch(() => undefined);
    if (!isOver()) await act();
  }
}
