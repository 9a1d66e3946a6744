import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { check, checkCost, isLeftToPerson, type PushRecord, type Violation } from './checker';
import { FAULT_MIX, startFaults, stopFaults, type FaultCounts } from './faults';
import { eachOf } from './lanes';
import { live, nameOf, prepareLives, settle, type Life } from './life';
import { startNemesis, startWorkers, type NemesisCounts, type Workers } from './nemesis';
import { planPushes } from './plan';
import { putProfile } from './profiles';
import { openRandom } from './random';
import { atsRecords, effortOf, evidenceOf, pushRecords, requestCounts, type Effort, type Evidence } from './records';
import { TIMING, type Limits } from './timing';
import { openWorld, type World } from './world';

/** Options of a fault run. */
export interface ChaosOptions {
  readonly pushes: number;
  readonly seed: number;
  /** `default` runs one worker and does not kill it, so that the cost of a push can be checked. */
  readonly limits: Limits;
  /** Called with the progress from time to time. */
  readonly onProgress?: (line: string) => void;
}

/** The result of a fault run, serializable as JSON. */
export interface ChaosReport {
  readonly seed: number;
  readonly pushes: number;
  readonly limits: Limits;
  /** True if nothing was lost, doubled, stuck or contradicted. */
  readonly ok: boolean;
  readonly seconds: number;
  readonly timing: typeof TIMING;
  /** Percentages of requests by sort of call. */
  readonly faultMix: typeof FAULT_MIX;
  readonly faults: Readonly<Record<string, number>>;
  readonly requests: Readonly<Record<string, number>>;
  readonly nemesis: NemesisCounts;
  /** Pushes by kind and the claim of the latest run: `Oracle: created`. */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Runs of all pushes by how they ended. */
  readonly runs: Readonly<Record<string, number>>;
  readonly effort: Effort;
  /** Pushes to systems without lookup, whose outcome only an operator can determine. */
  readonly leftToPerson: number;
  /** The longest pause of this process, and with it of every simulator. */
  readonly longestPauseMs: number;
  readonly violations: readonly Violation[];
  readonly evidence: readonly Evidence[];
}

const WORKERS = 3;
const SETTLED_PART = 0.95;
const RESTARTS = 2;
const MAX_EVIDENCE = 10;
const PROGRESS_STEP = 20;

/**
 * Runs pushes of all connectors while systems, workers and server fail, waits until everything is at rest, and checks what arrived.
 * The seed decides what is pushed and which faults are played. The interleaving depends on the machine.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosReport> {
  const { pushes, seed, limits } = options;
  const started = Date.now();
  const pauses = monitorEventLoopDelay({ resolution: 10 });
  const world = await openWorld(limits);
  try {
    pauses.enable();
    const lives = prepareLives(world, planPushes(seed, pushes), (plan) => putProfile(world.simulators, plan));
    const played = await breakAndSettle(world, lives, options);
    const found = await judge(world, lives, limits);
    const longestPauseMs = Math.round(pauses.max / 1e6);
    const seconds = Math.round((Date.now() - started) / 1_000);
    return { seed, pushes, limits, seconds, longestPauseMs, timing: TIMING, faultMix: FAULT_MIX, ...played, ...found };
  } finally {
    await world.close();
  }
}

type Played = Pick<ChaosReport, 'faults' | 'requests' | 'nemesis'>;

/** Runs the pushes under faults and nemesis, then without them, and then does what operators do about the rest. */
async function breakAndSettle(
  world: World,
  lives: readonly Life[],
  { seed, limits, onProgress = () => undefined }: ChaosOptions,
): Promise<Played> {
  const nemesis: NemesisCounts = { workersStarted: 0, workersKilled: 0, workersEnded: 0, serverRestarts: 0 };
  const workers = await startWorkers(world, limits === 'default' ? 1 : WORKERS, nemesis);
  const deadline = Date.now() + patienceMs(lives.length);
  const faults = await liveInTrouble(world, lives, { seed, limits, workers, nemesis, deadline, onProgress });
  onProgress('the faults have stopped');
  const isOver = (): boolean => Date.now() > deadline;
  const settled = eachOf(lives, concurrencyFor(lives.length), (life) => settle(world, life, isOver));
  await endOrDeadline(settled, deadline);
  // A create whose client has gone may still be carried out.
  await sleep(2 * TIMING.responseTimeoutMs);
  await workers.stop();
  return { faults: Object.fromEntries(faults), requests: requestCounts(world.simulators), nemesis };
}

interface Trouble {
  readonly seed: number;
  readonly limits: Limits;
  readonly workers: Workers;
  readonly nemesis: NemesisCounts;
  readonly deadline: number;
  readonly onProgress: (line: string) => void;
}

/** Runs every push. The faults end once nearly all have finished and the server was restarted. */
async function liveInTrouble(
  world: World,
  lives: readonly Life[],
  { seed, limits, workers, nemesis: counts, deadline, onProgress }: Trouble,
): Promise<FaultCounts> {
  let finished = 0;
  const progress = (): number => finished / lives.length;
  const nemesis =
    limits === 'default' ? null : startNemesis(world, workers, openRandom(seed, 'nemesis'), counts, progress);
  const faults = startFaults(world.simulators, seed, () => nemesis?.meetCreate() ?? false);
  const all = eachOf(lives, concurrencyFor(lives.length), async (life) => {
    await live(world, life);
    finished += 1;
    if (finished % PROGRESS_STEP === 0) onProgress(`${String(finished)} of ${String(lives.length)} pushes`);
  });
  const enough = (): boolean => progress() >= SETTLED_PART && (!nemesis || counts.serverRestarts >= RESTARTS);
  while (!enough() && Date.now() < deadline) await sleep(100);
  await nemesis?.stop();
  stopFaults(world.simulators);
  await endOrDeadline(all, deadline);
  return faults;
}

type Found = Omit<
  ChaosReport,
  keyof Played | 'seed' | 'pushes' | 'limits' | 'seconds' | 'longestPauseMs' | 'timing' | 'faultMix'
>;

/** Reads what the systems hold and what the runs claim, and compares them. */
async function judge(world: World, lives: readonly Life[], limits: Limits): Promise<Found> {
  const records = await pushRecords(world, lives);
  const effort = await effortOf(world, lives, records);
  const stopped = lives.filter(({ plan }) => plan.stop !== null).length;
  const wasted = limits === 'default' ? checkCost({ ...effort, stopped }) : [];
  const violations = [...check(records, atsRecords(world.simulators)), ...wasted];
  return {
    ok: violations.length === 0,
    outcomes: outcomeCounts(lives, records),
    runs: countBy(records.flatMap(({ runs }) => runs.map(({ status }) => status))),
    effort,
    leftToPerson: records.filter(isLeftToPerson).length,
    violations,
    evidence: await gatherEvidence(world, lives, records, violations),
  };
}

/** Bounds the run: what has not settled by then is stuck. */
function patienceMs(pushes: number): number {
  return 180_000 + pushes * 900;
}

function concurrencyFor(pushes: number): number {
  return Math.min(Math.max(Math.ceil(pushes / 3), 10), 80);
}

async function endOrDeadline(work: Promise<void>, deadline: number): Promise<void> {
  const ended = new AbortController();
  const tooLate = sleep(Math.max(deadline - Date.now(), 0), undefined, { signal: ended.signal });
  tooLate.catch(() => undefined);
  await Promise.race([work, tooLate]).finally(() => ended.abort());
}

function outcomeCounts(lives: readonly Life[], records: readonly PushRecord[]): Record<string, number> {
  const words = records.map(({ runs }, index) => {
    const latest = runs.at(-1);
    const said = latest?.claim ? latest.claim.outcome : (latest?.status ?? 'never started');
    return `${lives[index]?.plan.kind ?? ''}: ${said}`;
  });
  return countBy(words.sort());
}

function countBy(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}

async function gatherEvidence(
  world: World,
  lives: readonly Life[],
  records: readonly PushRecord[],
  violations: readonly Violation[],
): Promise<Evidence[]> {
  const names = new Set(violations.map(({ push }) => push));
  const wanted = lives.filter((life) => names.has(nameOf(life))).slice(0, MAX_EVIDENCE);
  const found = wanted.flatMap((life) => {
    const record = records.find(({ name }) => name === nameOf(life));
    return record ? [evidenceOf(world, life, record)] : [];
  });
  return Promise.all(found);
}
