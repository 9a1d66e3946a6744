import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { RunInput } from '../src/protocol/messages';
import { callingOnly, echoing, pushing, recordPush, type Contender } from './contenders';
import { footprintOf, machineOf, type Figures, type Footprint, type Round } from './figures';
import { holdMarkdownOf, measureHold } from './hold';
import { inFlight, rotated, runBlock, timeInTurn, type Block, type Pids } from './measure';
import { measureMemory } from './memory';
import { markdownOf } from './report';
import { openStage, type Side, type Stage } from './stage';

/** How much is measured. */
interface Plan {
  readonly rounds: number;
  /** Repetitions one at a time, per round and contender. */
  readonly singles: number;
  /** Repetitions by how many are under way at once. */
  readonly blocks: readonly { readonly atOnce: number; readonly count: number }[];
  /** Open workflows for the memory figure. 0: not measured. */
  readonly openWorkflows: number;
}

const PLANS: Readonly<Record<Figures['mode'], Plan>> = {
  single: {
    rounds: 5,
    singles: 15,
    blocks: [
      { atOnce: 1, count: 10 },
      { atOnce: 10, count: 40 },
      { atOnce: 50, count: 100 },
    ],
    openWorkflows: 100,
  },
  bulk: {
    rounds: 3,
    singles: 0,
    blocks: [
      { atOnce: 10, count: 200 },
      { atOnce: 50, count: 200 },
    ],
    openWorkflows: 0,
  },
};
const WARM_UP = 100;

/** Large, so that what a run keeps of its profiles shows. */
const HOLD_TEXT_LENGTH = 200_000;

const say = (message: string): void => void process.stderr.write(`${message}\n`);

interface Cast {
  readonly stage: Stage;
  readonly encrypted: Side;
  readonly plain: Side;
  readonly input: RunInput;
  readonly push: Contender;
  readonly pushPlain: Contender;
  readonly echo: Contender;
  readonly axios: Contender;
}

async function main(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: args.filter((argument) => argument !== '--'),
    options: { json: { type: 'string' }, rounds: { type: 'string' }, count: { type: 'string' } },
    allowPositionals: true,
  });
  if (positionals[0] === 'hold') return benchHold(values);
  const mode = modeOf(positionals);
  const plan = planOf(mode, values);
  say('starting Temporal, the simulators and two workers');
  const cast = await assemble();
  const rounds = await cast.stage.guard(playRounds(cast, plan));
  if (plan.openWorkflows > 0) say('measuring memory');
  const figures = await figuresOf(mode, cast, rounds, plan);
  console.log(markdownOf(figures));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  await cast.stage.close();
}

async function benchHold(values: { json?: string; rounds?: string; count?: string }): Promise<void> {
  const [runs, rounds] = [numberOf('--count', values.count), numberOf('--rounds', values.rounds)];
  say('starting Temporal, the simulators and two workers');
  const stage = await openStage(HOLD_TEXT_LENGTH);
  const input = await recordPush(stage, await stage.open({ name: 'recorded', encryption: true }));
  say('measuring memory over rounds of hold and retry');
  const figures = await measureHold(stage, input, { ...(runs && { runs }), ...(rounds && { rounds }) });
  console.log(holdMarkdownOf(figures));
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  await stage.close();
}

function modeOf([mode = 'single', ...more]: readonly string[]): Figures['mode'] {
  if (more.length === 0 && (mode === 'single' || mode === 'bulk')) return mode;
  throw new Error('usage: npm run bench -- single|bulk|hold [--rounds N] [--count N] [--json FILE]');
}

/** Returns the plan with the requested rounds and repetitions per block. */
function planOf(mode: Figures['mode'], { rounds, count }: { rounds?: string; count?: string }): Plan {
  const plan = PLANS[mode];
  const repetitions = numberOf('--count', count);
  return {
    ...plan,
    rounds: numberOf('--rounds', rounds) ?? plan.rounds,
    blocks: plan.blocks.map((block) => ({ ...block, count: repetitions ?? block.count })),
  };
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,4}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new Error(`${name}: expected a number from 1 to 99999`);
}

async function assemble(): Promise<Cast> {
  const stage = await openStage();
  const encrypted = await stage.open({ name: 'encrypted', encryption: true });
  const plain = await stage.open({ name: 'plain', encryption: false });
  const input = await recordPush(stage, encrypted);
  return {
    stage,
    encrypted,
    plain,
    input,
    push: pushing(encrypted, stage.addresses),
    pushPlain: pushing(plain, stage.addresses),
    echo: echoing(encrypted, input),
    axios: await callingOnly(stage),
  };
}

async function playRounds(cast: Cast, plan: Plan): Promise<Round[]> {
  say('warming up');
  for (const contender of [cast.push, cast.pushPlain, cast.echo]) {
    await inFlight(WARM_UP, 5, contender);
  }
  const rounds: Round[] = [];
  for (let number = 1; number <= plan.rounds; number += 1) {
    say(`round ${number} of ${plan.rounds}`);
    rounds.push(await playRound(cast, plan, number));
  }
  return rounds;
}

async function playRound(cast: Cast, { singles, blocks }: Plan, number: number): Promise<Round> {
  const { stage, push, pushPlain, echo, axios, encrypted } = cast;
  await stage.resetSimulators();
  const times = singles === 0 ? {} : await timeInTurn({ push, echo, axios, 'push, not encrypted': pushPlain }, singles);
  const pids: Pids = { server: stage.server.pid, worker: encrypted.worker.pid, client: process.pid };
  const done: Record<string, Block[]> = { push: [], echo: [], axios: [] };
  for (const [index, block] of blocks.entries()) {
    for (const [kind, contender] of rotated(Object.entries({ push, echo, axios }), number + index)) {
      await stage.resetSimulators();
      done[kind]?.push(await runBlock(contender, { ...block, pids }));
    }
  }
  return { times, blocks: done };
}

async function figuresOf(mode: Figures['mode'], cast: Cast, rounds: readonly Round[], plan: Plan): Promise<Figures> {
  const { stage, encrypted, input } = cast;
  await stage.resetSimulators();
  return {
    mode,
    date: new Date().toISOString().slice(0, 10),
    machine: await machineOf(encrypted),
    profileBytes: stage.addresses.profileBytes,
    rounds,
    footprints: await footprintsOf(cast),
    memory: plan.openWorkflows === 0 ? {} : await measureMemory(stage, input, plan.openWorkflows),
  };
}

async function footprintsOf({ encrypted, plain, push, pushPlain, echo }: Cast): Promise<Record<string, Footprint>> {
  const runs = { push: [encrypted, push], 'push, not encrypted': [plain, pushPlain], echo: [encrypted, echo] } as const;
  const found: Record<string, Footprint> = {};
  for (const [kind, [side, contender]] of Object.entries(runs)) {
    const workflowId = await contender();
    if (workflowId !== null) found[kind] = await footprintOf(side, workflowId);
  }
  return found;
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    say(error instanceof Error ? (error.stack ?? error.message) : String(error));
    process.exit(1);
  },
);
