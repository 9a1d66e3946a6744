/**
 * One push as a small closed world: its runs, the attempts that workers make, the applicants in the ATS, two clients,
 * and what may still go wrong. Nothing here knows the protocol; that is the state machine under test.
 */
import { type Delivery, type Problem, type PushState } from '../../../../src/protocol/delivery';
import { ATS_SKEW_MS, CLOCK_SKEW_MS, type Timing } from '../../../../src/protocol/timing';

/** The times of the model, in milliseconds: short and few, so that waits meet each other often. */
export const TIMING: Timing = {
  connectTimeoutMs: 1_000,
  responseTimeoutMs: 2_000,
  sendWindowMs: 5_000,
  settleMs: 100,
  retryInitialMs: 100,
  retryMaximumMs: 100,
  giveUpAfterMs: 1_000_000_000,
  repeatEnrichment: true,
};
export const HOLD_FOR_MS = 1_000_000;
const START = 1_000_000;
/** The stranger's applicant is older than what any dated lookup counts. */
const LONG_AGO = -100_000_000;
/** An attempt that has left the workflow. Not `live`: the workflow has given it up, and its worker may not know. */
export interface Attempt {
  live: boolean;
  /** Which application it makes: 0, or the number of the `again` run. */
  tag: number;
  /** The last moment at which it may put its first byte on the wire. */
  sendBy: number;
  /** Once the first byte has left: the last moment at which the ATS may act on it. */
  endBy: number | null;
}

/** `mine` is false for somebody else's earlier applicant with the same e-mail. */
export interface Applicant {
  mine: boolean;
  tag: number;
  /** On the clock of the ATS, which is as slow as the promise allows. */
  createdAt: number;
  visibleAt: number;
}

/** The open run. `folded` is what `recall` would make of its history; `snapshot` what the starting client had read. */
export interface Live {
  run: PushState;
  folded: PushState;
  tag: number;
  snapshot: Delivery | null;
  /** The server suggests a new history. */
  long: boolean;
}

/** How much may still happen. These bounds are the depth of a search. */
export interface Budget {
  /** Responses other than the good one, worker deaths, failed steps. */
  faults: number;
  /** Cancellations, terminations and continue-as-new. */
  kills: number;
  /** Further starts by the two clients. */
  starts: number;
  /** Deliberate second applications. */
  agains: number;
  /** Operator actions: retry, resolve, abandon. */
  hands: number;
}

/** What is searched. */
export interface Scenario {
  /** `dated` finds only what was created since `firstAttemptAt`; `unsure` says "cannot tell" if it finds only older ones. */
  ats: 'plain' | 'dated' | 'unsure' | 'none';
  stranger: boolean;
  lookupFirst: boolean;
  enrich: boolean;
  /** Documents so large that the server suggests a new history as soon as they are prepared. */
  large: boolean;
  /** What a run does with trouble. */
  onFailure: readonly ('fail' | 'hold')[];
  budget: Budget;
}

export interface World {
  scenario: Scenario;
  now: number;
  live: Live | null;
  /** What the newest closed run that says something says. */
  kept: Delivery | null;
  /** The newest closed run ended with the candidate in the ATS, and nothing more is asked. */
  answered: boolean;
  /** Clients that have read a closed run and will start a further one, with what they read. */
  readers: readonly (Delivery | null)[];
  attempts: readonly Attempt[];
  applicants: readonly Applicant[];
  /** How many `again` runs were started. */
  tags: number;
  budget: Budget;
  wrong: string | null;
}

export function problem(type: Problem['type'], message: string = type): Problem {
  return { type, reason: 'write_failure', stage: 'pushApplicant', message, whoMustAct: 'user', nextStep: 'look' };
}

export function newWorld(scenario: Scenario, live: Live): World {
  const stranger = { mine: false, tag: 0, createdAt: LONG_AGO, visibleAt: LONG_AGO };
  return {
    scenario,
    now: START,
    live,
    kept: null,
    answered: false,
    readers: [],
    attempts: [],
    applicants: scenario.stranger ? [stranger] : [],
    tags: 0,
    budget: scenario.budget,
    wrong: null,
  };
}

/** The create takes effect, at once visible or as late as the promise allows. */
export function commit(world: World, attempt: Attempt, visibleAt: number): World {
  const createdAt = world.now - ATS_SKEW_MS + 1;
  const mine = world.applicants.filter((applicant) => applicant.mine);
  const twice = attempt.tag === 0 ? mine.length > 0 : mine.some((applicant) => applicant.tag === attempt.tag);
  return {
    ...world,
    applicants: [...world.applicants, { mine: true, tag: attempt.tag, createdAt, visibleAt }],
    wrong: world.wrong ?? (twice ? 'two applicants' : null),
  };
}

/** The moment at which a worker that measures its window by a slow clock sends at the latest. */
export function sendBy(startedAt: number, windowMs: number): number {
  return startedAt + windowMs + CLOCK_SKEW_MS;
}

/** What a truthful operator who looks into the ATS now sees of one application, or (null) of any. */
export function operatorSees({ applicants, now }: World, tag: number | null): boolean {
  return applicants.some((one) => one.mine && one.visibleAt <= now && (tag === null || one.tag === tag));
}
