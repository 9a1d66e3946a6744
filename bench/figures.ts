import { cpus, totalmem } from 'node:os';
import { version as sdkVersion } from '@temporalio/client/package.json';
import { countActions } from './actions';
import type { Block } from './measure';
import type { Memory } from './memory';
import type { Side } from './stage';

/** The machine that was measured. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly memoryGiB: number;
  readonly node: string;
  readonly system: string;
  readonly temporalServer: string;
  readonly temporalSdk: string;
}

/** What one run left in Temporal. */
export interface Footprint {
  readonly events: number;
  readonly actions: number;
  readonly historyBytes: number;
}

/** One round. Everything in it was measured interleaved. */
export interface Round {
  /** Milliseconds of each repetition, one at a time, by contender. */
  readonly times: Readonly<Record<string, readonly number[]>>;
  /** Repetitions many at a time, by contender. */
  readonly blocks: Readonly<Record<string, readonly Block[]>>;
}

/** All results of one benchmark. */
export interface Figures {
  readonly mode: 'single' | 'bulk';
  readonly date: string;
  readonly machine: Machine;
  /** Bytes of JSON: the profile in HrFlow. */
  readonly profileBytes: number;
  readonly rounds: readonly Round[];
  readonly footprints: Readonly<Record<string, Footprint>>;
  readonly memory: Readonly<Record<string, Memory>>;
}

/** Returns the facts about this machine and the server. */
export async function machineOf({ context }: Side): Promise<Machine> {
  const { serverVersion } = await context.temporal.workflowService.getSystemInfo({});
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    system: `${process.platform} ${process.arch}`,
    temporalServer: serverVersion,
    temporalSdk: sdkVersion,
  };
}

/** Measures what a closed run left in Temporal. */
export async function footprintOf({ context }: Side, workflowId: string): Promise<Footprint> {
  const handle = context.temporal.workflow.getHandle(workflowId);
  const [{ historyLength, historySize }, { events }] = await Promise.all([handle.describe(), handle.fetchHistory()]);
  return { events: historyLength, actions: countActions(events ?? []), historyBytes: historySize ?? 0 };
}
