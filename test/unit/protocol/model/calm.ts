/** Checks where a world ends once nothing fails any longer: a further start and an operator bring the candidate in. */
import { type Space, type Step } from './search';
import { type World } from './world';

/** Orders the steps if several are possible: the good responses, then operators, then time. */
const LIKELY = [
  /^(prepare|recall|enrich|created|an attempt begins|the first byte leaves|the run continues as new)$/,
  /^the attempt is withdrawn$/,
  /^(a|the last) lookup/,
  /^an operator resolves/,
  /^an operator retries$/,
  /^a further start \(hold\)$/,
  /^a client reads/,
  /^time passes$/,
];
/** Far above what the longest path needs: a run, its hold, one more run. */
const PATIENCE = 200;

/** Checks closed and held states, and remembers those it has seen. */
export function calmEnds(space: Space<World>): (world: World) => string | null {
  const known = new Map<string, string | null>();
  return (world) => {
    const quiet: World = { ...world, readers: [], budget: { faults: 0, kills: 0, agains: 0, starts: 9, hands: 9 } };
    if (world.live?.run.hold.until === null) return null;
    const key = space.key(quiet);
    const cached = known.get(key);
    if (cached !== undefined) return cached;
    const complaint = carriedOn(space, quiet);
    known.set(key, complaint);
    return complaint;
  };
}

function carriedOn(space: Space<World>, start: World): string | null {
  let world = start;
  const trace: string[] = [];
  while (world.live || !world.answered) {
    if (world.wrong) return `${world.wrong}, in calm, after: ${trace.join(', ')}`;
    const step = mostLikely(world, space.steps(world));
    if (!step || trace.length > PATIENCE) return `never delivered, though nothing fails any more: ${trace.join(', ')}`;
    trace.push(step.label);
    world = step.next;
  }
  const there = world.applicants.some(({ mine }) => mine || world.scenario.stranger);
  return there ? world.wrong : 'a further start ends without the applicant';
}

/** An operator does not retry what only a look into the ATS can settle, but waits for that look. */
function mostLikely({ live }: World, steps: Step<World>[]): Step<World> | undefined {
  const resolves = live?.run.recalled === true && live.run.delivery.applicant === 'unknown';
  const open = steps.filter(({ label }) => !(resolves && label === 'an operator retries'));
  return LIKELY.flatMap((likely) => open.filter(({ label }) => likely.test(label)))[0];
}
