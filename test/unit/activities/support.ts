import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities, type Activities } from '../../../src/activities';
import { timingOf, type Dependencies } from '../../../src/push/dependencies';
import type { Env } from '../../../src/config/environment';
import type { UserFunctions } from '../../../src/push/functions';
import { problemSchema } from '../../../src/history/stored-shapes';
import { workerDependencies } from '../../../src/push/worker-dependencies';
import type { Problem } from '../../../src/protocol/delivery';
import { failureDetailsOf } from '../../../src/protocol/failure-details';
import type { Timing } from '../../../src/protocol/timing';
import type { Action } from '../../../src/protocol/names';
import type { FormatAnswer, JsonObject } from '../../../src/protocol/messages';
import { seedSampleData, startSimulators, type SampleProfile, type Simulators } from '../../simulators';

export const CONNECTORS = ['talentSoft', 'oracleORC', 'flatchr'] as const;
export type ConnectorName = (typeof CONNECTORS)[number];

/** Settings with times of a few hundred milliseconds. */
const QUICK = {
  connectTimeoutMs: 1_000,
  responseTimeoutMs: 2_000,
  retry: { initialMs: 20, maximumMs: 100, giveUpAfterMs: 60_000 },
  settleMs: 500,
  ratePerSecond: 10_000,
  maxInFlight: 1_000,
};

export interface BenchOptions {
  readonly functions?: UserFunctions;
  /** Changes to the settings of every system. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly env?: Env;
  readonly encrypted?: boolean;
}

/** The real activities, built as a worker builds them, and the simulators. */
export interface Bench {
  readonly simulators: Simulators;
  readonly profiles: SampleProfile[];
  readonly dependencies: Dependencies;
  readonly activities: Activities;
  /** Puts simulators and sample data back to their start, and forgets tokens. */
  reset(): void;
  /** The parameters of an action, for a sample profile by its number. */
  target(connector: ConnectorName, action?: Action, changes?: JsonObject): Target;
  origin(profile?: number): JsonObject;
  /** The documents that the default format makes of a sample profile. */
  documents(target: Target, profile?: JsonObject): Promise<FormatAnswer>;
  timing(connector: ConnectorName): Timing;
  close(): Promise<void>;
}

export interface Target {
  readonly connector: ConnectorName;
  readonly action: Action;
  readonly targetParameters: JsonObject;
}

export async function startBench(options: BenchOptions = {}): Promise<Bench> {
  const simulators = await startSimulators();
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-activities-'));
  const settingsFile = join(folder, 'settings.json');
  const quick = { ...QUICK, ...options.settings };
  const names = ['hrflow', ...CONNECTORS];
  writeFileSync(settingsFile, JSON.stringify({ connectors: Object.fromEntries(names.map((name) => [name, quick])) }));
  const env = { ...simulators.environment(), HRFLOW_TEMPORAL_SETTINGS: settingsFile, ...options.env };
  const parts = { functions: options.functions, encrypted: options.encrypted ?? true };
  const bench = { profiles: seedSampleData(simulators), dependencies: workerDependencies(env, parts) };
  const build = () => createActivities(bench.dependencies);
  let activities = build();

  const self: Bench = {
    simulators,
    get profiles() {
      return bench.profiles;
    },
    get dependencies() {
      return bench.dependencies;
    },
    get activities() {
      return activities;
    },
    reset() {
      simulators.reset();
      bench.profiles = seedSampleData(simulators);
      bench.dependencies = workerDependencies(env, parts);
      activities = build();
    },
    target(connector, action = 'pushProfile', changes = {}) {
      const addresses = simulators.addresses();
      const { enrich, ...flatchr } = addresses.flatchr;
      const enrichment = { ...flatchr, compagny: enrich.compagny, subdomain: enrich.subdomain };
      const push = { ...addresses, flatchr: { ...flatchr, enrich } }[connector];
      return {
        connector,
        action,
        targetParameters: { ...(action === 'enrichProfile' ? enrichment : push), ...changes },
      };
    },
    origin(profile = 0) {
      const { originParameters } = simulators.addresses().hrflow;
      return { ...originParameters, profile_key: bench.profiles[profile]?.key ?? '' };
    },
    documents: (target, profile = bench.profiles[0] ?? {}) => run(() => activities.format({ ...target, profile })),
    timing: (connector) => timingOf(bench.dependencies, connector),
    async close() {
      await simulators.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}

/** An activity environment whose clock stands at the beginning of an attempt. */
export function environment(info: Partial<Info> = {}): MockActivityEnvironment {
  const now = Date.now();
  const times = { scheduledTimestampMs: now, currentAttemptScheduledTimestampMs: now, heartbeatTimeoutMs: 10_000 };
  return new MockActivityEnvironment({ ...times, ...info }, { logger: new DefaultLogger('ERROR', () => undefined) });
}

/** Runs an activity in an environment that can cancel it. */
export function runIn<T>(env: MockActivityEnvironment, activity: () => Promise<T>): Promise<T> {
  return env.run<[], T, () => Promise<T>>(activity);
}

/** Runs an activity in a fresh environment. */
export function run<T>(activity: () => Promise<T>, info: Partial<Info> = {}): Promise<T> {
  return runIn(environment(info), activity);
}

/** What an activity that failed says. */
export interface Failure {
  readonly failure: ApplicationFailure;
  readonly problem: Problem;
  /** The second detail: the verdict of an attempt. */
  readonly end: { readonly verdict?: unknown; readonly delayMs?: unknown };
}

/** The failure of an activity, which has to be one of the contract's. */
export async function failureOf(running: Promise<unknown>): Promise<Failure> {
  const thrown: unknown = await running.then(
    () => new Error('the activity succeeded'),
    (error: unknown) => error,
  );
  return failureIn(thrown);
}

/** Reads a failure, which has to be one of the contract's. */
export function failureIn(thrown: unknown): Failure {
  if (!(thrown instanceof ApplicationFailure)) throw thrown;
  const { problem, attempt: end } = failureDetailsOf(thrown);
  const checked = problemSchema.parse(problem);
  if (checked.type !== thrown.type || checked.message !== thrown.message) throw new Error('failure and problem differ');
  return { failure: thrown, problem: checked, end: typeof end === 'object' && end !== null ? end : {} };
}

/** Resolves as soon as something is so. The test's own time-out ends it where it never is. */
export async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await nextTurn();
}

/** A profile as it comes from HrFlow: an object of any members. */
export function asRecord(value: object | undefined): JsonObject {
  return { ...value };
}
