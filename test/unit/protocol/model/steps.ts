/** Everything that can happen next in the world of one push. */
import {
  isHeld,
  initialState,
  NOTHING_SENT,
  outcomeOf,
  refuseAbandon,
  refuseRetry,
  type PushOptions,
  type AttemptVerdict,
  type Command,
  type Delivery,
  type Event,
  type LookupAnswer,
  type LookupPurpose,
  type PushState,
  violatedInvariants,
} from '../../../../src/protocol/delivery';
import { ATS_SKEW_MS, CLOCK_SKEW_MS } from '../../../../src/protocol/timing';
import type { Outcome } from '../../../../src/protocol/names';
import { calmEnds } from './calm';
import { keyOf } from './key';
import { type Rules } from './rules';
import { type Space, type Step } from './search';
import {
  type Attempt,
  type Budget,
  commit,
  HOLD_FOR_MS,
  type Live,
  newWorld,
  TIMING,
  operatorSees,
  problem,
  type Scenario,
  sendBy,
  type World,
} from './world';

type Steps = Step<World>[];

/** What `recall` reads from the history of a run that left no details, beside the start of an attempt. */
const IN_HISTORY: readonly Event['type'][] = [
  'recallFinished',
  'attemptFinished',
  'attemptLost',
  'lookupFinished',
  'resolveAccepted',
  'enrichmentFinished',
];
const CANNOT_LOOK_UP: LookupAnswer = { answer: 'unavailable', problem: problem('auth') };
/** Longer than a run keeps retrying. */
const TOO_LONG_MS = 2 * TIMING.giveUpAfterMs;

/** The search space of one scenario under the given rules. */
export function spaceOf(scenario: Scenario, rules: Rules): Space<World> {
  const ask = askOf(scenario, scenario.onFailure[0] ?? 'fail', false);
  const run = initialState(ask, true);
  const space: Space<World> = {
    initial: newWorld(scenario, { run, folded: run, tag: 0, snapshot: null, long: false }),
    steps: (world) => stepsOf(world, rules),
    key: (world) => keyOf(world, rules),
    complaint: (world) => world.wrong ?? brokenInvariant(world) ?? calm(world),
  };
  const calm = calmEnds(space);
  return space;
}

/** The invariant that the live run, or what a history tells of it, violates. */
function brokenInvariant({ live }: World): string | null {
  return (live ? [live.run, live.folded] : []).flatMap(violatedInvariants)[0] ?? null;
}

function askOf({ enrich, lookupFirst }: Scenario, onFailure: PushOptions['onFailure'], again: boolean): PushOptions {
  return { create: true, enrich, lookupFirst, again, onFailure, holdForMs: HOLD_FOR_MS };
}

function stepsOf(world: World, rules: Rules): Steps {
  if (world.wrong) return [];
  const { live } = world;
  const straying = world.attempts.flatMap((attempt) => (attempt.live ? [] : strayed(world, attempt)));
  if (!live) return [...straying, ...clients(world), ...later(world, null, rules)];
  const attempt = world.attempts.find((candidate) => candidate.live);
  if (attempt) return [...straying, ...attempting(world, live, attempt, rules), ...cutOff(world, live, rules)];
  const command = rules.decide(live.run, world.now);
  if (live.long && rules.mayContinueAsNew(live.run, command)) {
    return [...straying, { label: 'the run continues as new', next: continued(world, live, rules) }];
  }
  const idle = command.do === 'wait' || command.do === 'hold';
  return [
    ...straying,
    ...(idle ? [...hands(world, live, rules), ...later(world, command, rules)] : working(world, live, command, rules)),
    ...cutOff(world, live, rules),
  ];
}

/** Pays for a step, or drops it if the budget is spent. */
function paid(world: World, from: keyof Budget, steps: (paying: World) => Steps): Steps {
  if (world.budget[from] === 0) return [];
  return steps({ ...world, budget: { ...world.budget, [from]: world.budget[from] - 1 } });
}

/** The driver: the event goes to the machine and to the history, then the run holds or ends if it has to. */
function happen(world: World, live: Live, event: Event, rules: Rules): World {
  const run = rules.apply(live.run, event);
  return rest({ ...world, live: { ...live, run, folded: fold(live, event, rules) } }, rules);
}

/** The keys of the document tell which application it makes, as an operator would know by its date. */
function preparation(tag: number, now: number): Event {
  return { type: 'prepareFinished', timing: TIMING, lookupKeys: { tag: String(tag) }, now };
}

/** The scheduled attempt holds the document and the timing, so its start implies the preparation, too. */
function fold({ folded, tag }: Live, event: Event, rules: Rules): PushState {
  if (event.type === 'stepStarted' && event.step === 'push')
    return rules.apply(rules.apply(folded, preparation(tag, event.now)), event);
  return IN_HISTORY.includes(event.type) ? rules.apply(folded, event) : folded;
}

function rest(world: World, rules: Rules): World {
  const { live, now } = world;
  if (!live || live.run.activeStep) return world;
  const command = rules.decide(live.run, now);
  if (command.do === 'end') return end(world, live, command.as, rules);
  if (command.do !== 'hold' || isHeld(live.run)) return world;
  return { ...world, live: { ...live, run: rules.apply(live.run, { type: 'holdStarted', now }) } };
}

function end(world: World, live: Live, how: 'done' | 'failed' | 'cancelled', rules: Rules): World {
  const outcome = how === 'cancelled' ? 'failed' : outcomeOf(live.run);
  const read = how === 'cancelled' ? live.folded : live.run;
  const closed = close(world, read, how === 'done' && ['created', 'already_there'].includes(outcome), rules);
  return { ...closed, wrong: world.wrong ?? lie(world, live, outcome) };
}

function close(world: World, read: PushState, answered: boolean, rules: Rules): World {
  const kept = rules.isConclusive(read) ? read.delivery : world.kept;
  return { ...world, live: null, kept, answered };
}

/** Returns what is untrue about the outcome with which a run ends, or null. */
function lie({ applicants, attempts, scenario }: World, { run, tag }: Live, outcome: Outcome): string | null {
  const anyoneCounts = scenario.ats === 'plain' || scenario.lookupFirst;
  const mine = applicants.filter((applicant) => applicant.mine && (tag === 0 || applicant.tag === tag));
  const open = attempts.some((attempt) => tag === 0 || attempt.tag === tag);
  if (outcome === 'unknown') return null;
  if (outcome === 'created' && mine.length === 0) return 'created, and not there';
  if (outcome === 'already_there' && mine.length === 0 && !(tag === 0 && scenario.stranger && anyoneCounts))
    return 'already there, and not there';
  if (run.delivery.applicant === 'there') return null;
  if (mine.length > 0) return `${outcome}, and there`;
  return open ? `${outcome}, and an attempt is still under way` : null;
}

/** Returns what the driver does next, with every way it can end. */
function working(world: World, live: Live, command: Command, rules: Rules): Steps {
  if (command.do === 'wait' || command.do === 'hold' || command.do === 'end') return [];
  const begun = happen(world, live, { type: 'stepStarted', step: command.do, now: world.now }, rules);
  const of = begun.live ?? live;
  if (command.do === 'push') {
    const attempt = { live: true, tag: live.tag, sendBy: sendBy(world.now, rules.sendWindowMs), endBy: null };
    return [{ label: 'an attempt begins', next: { ...begun, attempts: [...begun.attempts, attempt] } }];
  }
  return [...answers(begun, of, command, rules), ...overtaken(begun, of, command, rules)];
}

type Stoppable = Exclude<Command, { do: 'wait' | 'hold' | 'end' | 'push' }>;

function answers(world: World, live: Live, command: Stoppable, rules: Rules): Steps {
  switch (command.do) {
    case 'recall':
      return recalling(world, live, rules);
    case 'prepare':
      return preparing(world, live, rules);
    case 'lookup':
      return finding(world, live, command, rules);
    case 'enrich':
      return enriching(world, live, rules);
  }
}

/** An operator acts while a step is in progress: it is stopped, or its result is already on the way. */
function overtaken(world: World, live: Live, command: Stoppable, rules: Rules): Steps {
  return hands(world, live, rules).flatMap(({ label, next }) => {
    const acted = next.live;
    if (!acted) return [];
    const stopped = { label: 'the step is stopped', next: happen(next, acted, { type: 'stepCancelled' }, rules) };
    const ways = [stopped, ...answers(next, acted, command, rules), ...overtaken(next, acted, command, rules)];
    return ways.map((way) => ({ ...way, label: `${label}, then: ${way.label}` }));
  });
}

function recalling(world: World, live: Live, rules: Rules): Steps {
  const answer = (label: string, from: World, delivery: Delivery): Step<World> => ({
    label,
    next: happen(from, live, { type: 'recallFinished', delivery, timing: TIMING }, rules),
  });
  const since = world.now + TIMING.sendWindowMs + TIMING.responseTimeoutMs + CLOCK_SKEW_MS;
  const unreadable: Delivery = {
    ...NOTHING_SENT,
    applicant: 'unknown',
    sent: true,
    everUnknown: true,
    unknownSince: since,
    attemptedAt: since,
  };
  const read = rules.recallReads === 'in the run' ? world.kept : live.snapshot;
  return [
    answer('recall', world, read ?? unreadable),
    ...paid(world, 'faults', (from) => [
      { label: 'recall fails', next: happen(from, live, { type: 'stepFailed', problem: problem('internal') }, rules) },
      ...(read ? [answer('recall finds nothing readable', from, unreadable)] : []),
    ]),
  ];
}

function preparing(world: World, live: Live, rules: Rules): Steps {
  const grown = { ...live, long: live.long || world.scenario.large };
  return [
    { label: 'prepare', next: happen(world, grown, preparation(live.tag, world.now), rules) },
    ...paid(world, 'faults', (from) => [
      { label: 'prepare fails', next: happen(from, live, { type: 'stepFailed', problem: problem('auth') }, rules) },
      {
        label: 'nothing to deliver',
        next: happen(from, live, { type: 'profileUnavailable', why: 'discarded' }, rules),
      },
    ]),
  ];
}

function enriching(world: World, live: Live, rules: Rules): Steps {
  return [
    { label: 'enrich', next: happen(world, live, { type: 'enrichmentFinished' }, rules) },
    ...paid(world, 'faults', (from) => [
      { label: 'enrich fails', next: happen(from, live, { type: 'stepFailed', problem: problem('enrich') }, rules) },
    ]),
  ];
}

function finding(
  world: World,
  live: Live,
  { purpose, afterSettle }: Extract<Command, { do: 'lookup' }>,
  rules: Rules,
): Steps {
  const { now } = world;
  const answered = (from: World, answer: LookupAnswer) =>
    happen(from, live, { type: 'lookupFinished', purpose, afterSettle, answer, now }, rules);
  const answer = lookUp(world, live.run.delivery, purpose, rules);
  return [
    {
      label: `${afterSettle ? 'the last lookup' : 'a lookup'} (${purpose}): ${answer.answer}`,
      next: answered(world, answer),
    },
    ...paid(world, 'faults', (from) => [
      { label: `cannot look up (${purpose})`, next: answered(from, CANNOT_LOOK_UP) },
    ]),
  ];
}

/** Returns the response of the ATS to a lookup now. */
function lookUp(world: World, delivery: Delivery, purpose: LookupPurpose, rules: Rules): LookupAnswer {
  const { scenario, applicants, now } = world;
  const undated = scenario.ats === 'plain' || purpose === 'first' || purpose === 'again';
  const from = undated ? -Infinity : rules.lookupFrom(delivery);
  if (scenario.ats === 'none' || from === null || (delivery.lookupKeys === null && !undated)) return CANNOT_LOOK_UP;
  const visible = applicants.flatMap(({ visibleAt, createdAt }, index) =>
    visibleAt <= now ? [{ createdAt, ref: String(index), atsId: String(index) }] : [],
  );
  const matches = visible.filter(({ createdAt }) => createdAt >= from - ATS_SKEW_MS);
  if (matches.length > 0) return { answer: 'found', matches };
  if (visible.length > 0 && scenario.ats === 'unsure') return { answer: 'inconclusive', problem: problem('refused') };
  return { answer: 'not_found' };
}

/** An attempt that the workflow still waits for. */
function attempting(world: World, live: Live, attempt: Attempt, rules: Rules): Steps {
  const others = world.attempts.filter((other) => other !== attempt);
  const ended = (from: World, verdict: AttemptVerdict) =>
    happen({ ...from, attempts: others }, live, { type: 'attemptFinished', verdict, now: world.now, jitter: 1 }, rules);
  const lost = (from: World) => {
    const event: Event = { type: 'attemptLost', problem: problem('unavailable'), now: world.now };
    return happen({ ...from, attempts: [...others, { ...attempt, live: false }] }, live, event, rules);
  };
  const notSent = (delayMs: number | null): AttemptVerdict => ({
    verdict: 'not_sent',
    delayMs,
    problem: problem('unavailable'),
  });
  if (attempt.endBy !== null) return answering(world, attempt, ended, lost, rules);
  const endBy = world.now + TIMING.responseTimeoutMs;
  return [
    { label: 'the first byte leaves', next: { ...world, attempts: [...others, { ...attempt, endBy }] } },
    ...(live.run.cancelRequested ? [{ label: 'the attempt is withdrawn', next: ended(world, notSent(null)) }] : []),
    ...paid(world, 'faults', (from) => [
      { label: 'not sent', next: ended(from, notSent(null)) },
      { label: 'not sent, come back much later', next: ended(from, notSent(TOO_LONG_MS)) },
      { label: 'the worker is lost before the first byte', next: lost(from) },
    ]),
  ];
}

/** What the ATS does with a create that has left, and what the worker learns of it. */
function answering(
  world: World,
  attempt: Attempt,
  ended: (from: World, verdict: AttemptVerdict) => World,
  lost: (from: World) => World,
  rules: Rules,
): Steps {
  const created: AttemptVerdict = { verdict: 'created', atsId: 'x' };
  const refusal = problem('refused');
  const error: AttemptVerdict =
    rules.serverErrorIs === 'unknown'
      ? { verdict: 'unknown', problem: problem('unavailable') }
      : { verdict: 'not_sent', delayMs: null, problem: problem('unavailable') };
  const late = world.now + TIMING.settleMs;
  return [
    { label: 'created', next: ended(commit(world, attempt, world.now), created) },
    ...paid(world, 'faults', (from) => [
      { label: 'created, visible late', next: ended(commit(from, attempt, late), created) },
      { label: '500 after the commit', next: ended(commit(from, attempt, world.now), error) },
      { label: '500 after the commit, visible late', next: ended(commit(from, attempt, late), error) },
      { label: '500 before the commit', next: ended(from, error) },
      { label: 'refused', next: ended(from, { verdict: 'refused', sent: true, problem: refusal }) },
      { label: 'refused as a duplicate', next: ended(from, { verdict: 'duplicate', problem: refusal }) },
      { label: 'the worker is lost after the first byte', next: lost(from) },
    ]),
  ];
}

/** A worker that was given up and does not know it. */
function strayed(world: World, attempt: Attempt): Steps {
  const others = world.attempts.filter((other) => other !== attempt);
  const { now } = world;
  if (attempt.endBy === null) {
    const sending = { ...attempt, endBy: now + TIMING.responseTimeoutMs };
    return [{ label: 'the lost worker sends', next: { ...world, attempts: [...others, sending] } }];
  }
  const gone = { ...world, attempts: others };
  return [
    { label: 'the lost create takes effect', next: commit(gone, attempt, now) },
    {
      label: 'the lost create takes effect, visible late',
      next: commit(gone, attempt, attempt.endBy + TIMING.settleMs),
    },
  ];
}

/** What comes from outside while a run is open, and cuts it off or short. */
function cutOff(world: World, live: Live, rules: Rules): Steps {
  const { run, folded } = live;
  const attempting = world.attempts.some((attempt) => attempt.live);
  return paid(world, 'kills', (from) => [
    { label: 'the run is terminated', next: terminated(from, folded, rules) },
    ...(run.cancelRequested
      ? []
      : [{ label: 'cancellation is asked', next: happen(from, live, { type: 'cancellationReceived' }, rules) }]),
    ...(attempting || run.cancelRequested || !rules.mayContinueAsNew(run, rules.decide(run, world.now))
      ? []
      : [{ label: 'the run continues as new', next: continued(from, live, rules) }]),
  ]);
}

function terminated(world: World, folded: PushState, rules: Rules): World {
  const open = world.attempts.some((attempt) => attempt.live);
  const event: Event = { type: 'attemptLost', problem: problem('unavailable'), now: world.now };
  const read = open && rules.openAttemptCounts ? rules.apply(folded, event) : folded;
  const attempts = world.attempts.map((attempt) => ({ ...attempt, live: false }));
  return close({ ...world, attempts }, read, false, rules);
}

function continued(world: World, live: Live, rules: Rules): World {
  const run = rules.apply(live.run, { type: 'historyChanged' });
  return rest({ ...world, live: { ...live, run, folded: run, long: false } }, rules);
}

/** An operator who only reports what they have seen. */
function hands(world: World, live: Live, rules: Rules): Steps {
  const { run, tag } = live;
  const act = (label: string, event: Event) => (from: World) => [{ label, next: happen(from, live, event, rules) }];
  const enrich = run.options.enrich;
  const may = (delivered: boolean) => rules.refuseResolve(run, delivered, world.now) === null;
  const seen = operatorSees(world, run.options.again ? tag : null);
  // A plain run may be about an `again` run of unknown outcome, and an operator may then mean either application.
  const inQuestion = Number(run.delivery.lookupKeys?.['tag'] ?? 0);
  const missing = !seen || (inQuestion > 0 && !operatorSees(world, inQuestion));
  const resolve = (delivered: boolean): Event => ({ type: 'resolveAccepted', delivered, atsId: null });
  return paid(world, 'hands', (from) => [
    ...(seen && may(true) ? act('an operator resolves: delivered', resolve(true))(from) : []),
    ...(missing && may(false) ? act('an operator resolves: not delivered', resolve(false))(from) : []),
    ...(refuseRetry(run)
      ? []
      : act('an operator retries', { type: 'retryAccepted', options: { enrich }, corrected: true })(from)),
    ...(refuseAbandon(run)
      ? []
      : act('an operator abandons', { type: 'abandonAccepted', problem: problem('abandoned') })(from)),
  ]);
}

/** Two clients that want the candidate delivered: each reads the closed run, and later starts a further one. */
function clients(world: World): Steps {
  const { readers, budget, scenario } = world;
  const agains = paid(world, 'agains', (from) =>
    scenario.onFailure.map((mode) => start({ ...from, tags: world.tags + 1 }, null, mode, world.tags + 1)),
  );
  const mayRead = !world.answered && readers.length < Math.min(2, budget.starts);
  const reading = mayRead
    ? [{ label: 'a client reads the closed run', next: { ...world, readers: [...readers, world.kept] } }]
    : [];
  const starting = readers.flatMap((snapshot, index) =>
    paid({ ...world, readers: readers.filter((_, other) => other !== index) }, 'starts', (from) =>
      scenario.onFailure.map((mode) => start(from, snapshot, mode, 0)),
    ),
  );
  return [...agains, ...reading, ...starting];
}

function start(world: World, snapshot: Delivery | null, onFailure: PushOptions['onFailure'], tag: number): Step<World> {
  const run = initialState(askOf(world.scenario, onFailure, tag > 0), false);
  const label = tag > 0 ? `start again (${onFailure})` : `a further start (${onFailure})`;
  return { label, next: { ...world, live: { run, folded: run, tag, snapshot, long: false } } };
}

/** Time passes to the next moment at which something may change; a lost worker's chance may pass with it. */
function later(world: World, command: Command | null, rules: Rules): Steps {
  const { now, live, attempts } = world;
  const until = command?.do === 'wait' ? [command.until] : [];
  const held = command?.do === 'hold' && live ? [live.run.hold.until, settledAt(live.run.delivery)] : [];
  const deadlines = attempts.map(deadline);
  const next = [...until, ...held, ...deadlines].filter((at): at is number => at !== null && at > now);
  if (next.length === 0 && deadlines.length === 0) return [];
  const moment = next.length > 0 ? Math.min(...next) : now + 1;
  const left = attempts.filter((attempt) => deadline(attempt) >= moment);
  return [{ label: 'time passes', next: rest({ ...world, now: moment, attempts: left }, rules) }];
}

function deadline({ sendBy: latest, endBy }: Attempt): number {
  return endBy ?? latest;
}

function settledAt({ applicant, unknownSince }: Delivery): number | null {
  return applicant === 'unknown' && unknownSince !== null ? unknownSince + TIMING.settleMs : null;
}
