import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowNotFoundError } from '@temporalio/client';
import { PushError, type RunResult } from '../../src/client';
import { withReconnect } from '../../src/client/reconnect';
import { isDelivered, type Claim, type ClientAnswer } from './checker';
import { expectedOf, pushThrough, type Expected } from './kinds';
import type { PushPlan } from './plan';
import { applicantsOf } from './records';
import type { World } from './world';

/** One push under way: its plan, and what was said about it so far. */
export interface Life {
  readonly plan: PushPlan;
  readonly expected: Expected;
  readonly profileKey: string;
  readonly email: string;
  readonly answers: ClientAnswer[];
  workflowId: string | null;
}

/** What the latest answer leaves to do. */
type Told = 'delivered' | 'failed' | 'held' | 'unknown';

const UPDATE_DEADLINE_MS = 20_000;
const PAUSE_MS = 500;
const NAME_DIGITS = 4;

/** Returns the name of a push in reports. */
export function nameOf({ plan }: Pick<Life, 'plan'>): string {
  return `${String(plan.number).padStart(NAME_DIGITS, '0')} ${plan.kind}`;
}

/** Starts the push as planned, once or twice, stopped or not. If it did not arrive, does one round of what operators do. */
export async function live(world: World, life: Life): Promise<void> {
  try {
    await liveAsPlanned(world, life);
  } catch (error) {
    life.answers.push({ at: Date.now(), claim: null, brokenBy: describe(error) });
  }
}

async function liveAsPlanned(world: World, life: Life): Promise<void> {
  const { twice, stop, againByBoth, onFailure } = life.plan;
  const stopped = stop ? stopRun(world, life, stop) : Promise.resolve();
  let told = await askBy(world, life, twice, onFailure);
  await stopped;
  if (told !== 'delivered' && stop) told = await askBy(world, life, againByBoth, onFailure);
  if (told === 'delivered' || isForAbsentPerson(life, told)) return;
  if (told === 'held' || told === 'unknown') await help(world, life);
  await askBy(world, life, againByBoth, onFailure);
}

/** After the faults have stopped: continues until the push has arrived or is left to an operator who does not come. */
export async function settle(world: World, life: Life, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    const told = await ask(world, life, 0, life.expected.canLookUp ? 'fail' : 'hold');
    if (told === 'delivered' || isForAbsentPerson(life, told)) return;
    if (told === 'held' || told === 'unknown') await help(world, life);
    await sleep(PAUSE_MS);
  }
}

function isForAbsentPerson({ plan, expected }: Life, told: Told): boolean {
  return told === 'unknown' && !expected.canLookUp && !plan.person;
}

async function askBy(world: World, life: Life, both: boolean, onFailure: 'fail' | 'hold'): Promise<Told> {
  if (!both) return ask(world, life, life.plan.number % 2 === 0 ? 0 : 1, onFailure);
  const told = await Promise.all([ask(world, life, 0, onFailure), ask(world, life, 1, onFailure)]);
  return told.find((one) => one === 'delivered') ?? told[0];
}

/** Starts or joins the push through one of the clients and records the answer. */
async function ask(world: World, life: Life, client: 0 | 1, onFailure: 'fail' | 'hold'): Promise<Told> {
  const asked = { addresses: world.simulators.addresses(), profileKey: life.profileKey, onFailure };
  const onAccepted = ({ workflowId }: { workflowId: string }): void => {
    life.workflowId = workflowId;
  };
  try {
    const result = await pushThrough(world.clients[client], life.plan, asked, { onAccepted });
    return note(life, claimOf(result), 'failed');
  } catch (error) {
    if (error instanceof PushError) return note(life, claimOf(error.result), error.state);
    life.answers.push({ at: Date.now(), claim: null, brokenBy: describe(error) });
    return 'failed';
  }
}

function note(life: Life, claim: Claim | null, otherwise: Told): Told {
  life.answers.push({ at: Date.now(), claim, brokenBy: null });
  if (isDelivered(life.expected, claim)) return 'delivered';
  return claim?.outcome === 'unknown' ? 'unknown' : otherwise;
}

/** Returns what a result claims about its one profile. */
export function claimOf(result: RunResult | null): Claim | null {
  const item = result?.items[0];
  return item ? { outcome: item.outcome, enriched: item.enriched, atsId: item.ats_id } : null;
}

async function stopRun(world: World, life: Life, { how, afterMs }: NonNullable<PushPlan['stop']>): Promise<void> {
  while (life.workflowId === null) await sleep(PAUSE_MS / 10);
  await sleep(afterMs);
  const handle = world.context.temporal.workflow.getHandle(life.workflowId);
  try {
    await withReconnect<unknown>(() => handle[how]());
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

/** Does what an operator does with a held run: resolves what only an operator can determine, else retries. */
async function help(world: World, life: Life): Promise<void> {
  if (life.workflowId === null) return;
  const handle = world.context.temporal.workflow.getHandle(life.workflowId);
  const latest = life.answers.at(-1)?.claim;
  const resolves = latest?.outcome === 'unknown' && !life.expected.canLookUp;
  const isThere = applicantsOf(world.simulators, life).length > 0;
  const [update, args] = resolves ? ['resolve', { delivered: isThere }] : ['retry', {}];
  try {
    await world.context.temporal.withDeadline(Date.now() + UPDATE_DEADLINE_MS, () =>
      handle.executeUpdate(update, { args: [args] }),
    );
  } catch {
    // Refused (the run has already resumed, or has not settled yet), or no worker took it: the caller tries again.
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}

/** Prepares plans, expectations and profiles of all pushes. */
export function prepareLives(world: World, plans: readonly PushPlan[], prepare: (plan: PushPlan) => Profile): Life[] {
  const addresses = world.simulators.addresses();
  return plans.map((plan) => ({
    plan,
    expected: expectedOf(plan, addresses),
    ...prepare(plan),
    answers: [],
    workflowId: null,
  }));
}

/** The fields of a profile that identify a push. */
export interface Profile {
  readonly profileKey: string;
  readonly email: string;
}
