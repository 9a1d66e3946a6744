/** The protocol with one clause left out. A search that does not catch each of these proves nothing. */
import { type Event, NOTHING_SENT, type PushState } from '../../../../src/protocol/delivery';
import { stragglerWindowMs } from '../../../../src/protocol/timing';
import { PROTOCOL, type Rules } from './rules';
import { HOLD_FOR_MS, TIMING, type Scenario } from './world';

/** What is left out, and the smallest scenario that exposes it. */
export interface Mutation {
  rules: Partial<Rules>;
  scenario: Partial<Scenario>;
  complaint: RegExp;
}

const { apply, decide, refuseResolve } = PROTOCOL;
const TWO = /^two applicants/;
const few = { faults: 1, kills: 0, starts: 0, agains: 0, hands: 0 };

/** Applies another event in place of the one that happened. */
function instead(change: (event: Event, run: PushState) => Event): Partial<Rules> {
  return { apply: (run, event) => apply(run, change(event, run)) };
}

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  'no send window': { rules: { sendWindowMs: HOLD_FOR_MS }, scenario: { budget: few }, complaint: TWO },
  'the send window checked before connecting': {
    rules: { sendWindowMs: TIMING.sendWindowMs + TIMING.connectTimeoutMs },
    scenario: { budget: few },
    complaint: TWO,
  },
  'no last lookup after settleMs': {
    rules: {
      decide: (run, now) => {
        const command = decide(run, now);
        return command.do === 'lookup' ? { ...command, afterSettle: true } : command;
      },
    },
    scenario: { budget: few },
    complaint: TWO,
  },
  'recall done by the client': {
    rules: { recallReads: 'what the client read' },
    scenario: { budget: { ...few, starts: 2 } },
    complaint: TWO,
  },
  '5xx taken as not sent': { rules: { serverErrorIs: 'not_sent' }, scenario: { budget: few }, complaint: TWO },
  'no firstAttemptAt: the dated lookup counts from the latest attempt': {
    rules: { lookupFrom: (delivery) => delivery.attemptedAt },
    scenario: { ats: 'dated', budget: few },
    complaint: TWO,
  },
  'a blind retry after a lost heartbeat': {
    rules: instead((event) =>
      event.type === 'attemptLost'
        ? {
            type: 'attemptFinished',
            verdict: { verdict: 'not_sent', delayMs: null, problem: event.problem },
            now: event.now,
            jitter: 1,
          }
        : event,
    ),
    scenario: { budget: few },
    complaint: TWO,
  },
  "a terminated run's open attempt forgotten": {
    rules: { openAttemptCounts: false },
    scenario: { budget: { ...few, faults: 0, kills: 1, starts: 1 } },
    complaint: TWO,
  },
  'settleMs counted from the loss of a worker, not from the end of its window': {
    rules: instead((event) =>
      event.type === 'attemptLost' ? { ...event, now: event.now - stragglerWindowMs(TIMING) } : event,
    ),
    scenario: { budget: few },
    complaint: TWO,
  },
  'a run believed whose recall did not conclude': {
    rules: { isConclusive: () => true },
    scenario: { ats: 'none', budget: { ...few, faults: 2, starts: 2 } },
    complaint: TWO,
  },
  'not delivered accepted before settleMs has passed': {
    rules: { refuseResolve: (run, delivered) => refuseResolve(run, delivered, Number.MAX_SAFE_INTEGER) },
    scenario: { ats: 'none', budget: { ...few, hands: 1 } },
    complaint: TWO,
  },
  'a retry that forgets the unknown': {
    rules: {
      apply: (run, event) => {
        const after = apply(run, event);
        if (event.type !== 'retryAccepted') return after;
        return { ...after, delivery: { ...after.delivery, applicant: 'absent', unknownSince: null } };
      },
    },
    scenario: { ats: 'none', budget: { ...few, hands: 1 } },
    complaint: TWO,
  },
  'continue-as-new without what is known': {
    rules: {
      apply: (run, event) =>
        event.type === 'historyChanged'
          ? {
              ...apply(run, event),
              delivery: NOTHING_SENT,
              blockedBy: null,
              hold: { number: 1, until: null },
              pendingRefusal: null,
            }
          : apply(run, event),
    },
    scenario: { budget: { ...few, kills: 1 } },
    complaint: TWO,
  },
  'continue-as-new between documents and their use': {
    rules: { mayContinueAsNew: ({ recalled }) => recalled },
    scenario: { large: true, budget: { ...few, faults: 0 } },
    complaint: /never end/,
  },
  'continue-as-new between documents and the look before the first create': {
    rules: { mayContinueAsNew: (_run, { do: next }) => next === 'prepare' || next === 'lookup' },
    scenario: { large: true, lookupFirst: true, budget: { ...few, faults: 0 } },
    complaint: /never end/,
  },
  'continue-as-new between documents and the wait before a second application': {
    rules: { mayContinueAsNew: (_run, { do: next }) => next === 'prepare' || next === 'wait' },
    scenario: { large: true, budget: { ...few, faults: 0, agains: 1 } },
    complaint: /never end/,
  },
  'a run that never asks an operator': {
    rules: {
      decide: (run, now) => {
        const command = decide(run, now);
        return command.do === 'hold' ? { do: 'lookup', purpose: 'settle', afterSettle: false } : command;
      },
    },
    scenario: { ats: 'none', budget: few },
    complaint: /never/,
  },
  'an unknown that ends as failed': {
    rules: {
      decide: (run, now) => {
        const command = decide(run, now);
        return command.do === 'end' && command.as === 'failed' ? { do: 'end', as: 'cancelled' } : command;
      },
    },
    scenario: { ats: 'none', onFailure: ['fail', 'hold'], budget: few },
    complaint: /^failed, and /,
  },
  'again: what was there before is not remembered': {
    rules: instead((event) =>
      event.type === 'lookupFinished' && event.purpose === 'again'
        ? { ...event, answer: { answer: 'not_found' } }
        : event,
    ),
    scenario: { budget: { ...few, agains: 1 } },
    complaint: /^already there, and not there/,
  },
  'again: the look before the create made at once': {
    rules: {
      decide: (run, now) => {
        const command = decide(run, now);
        const looksLate = command.do === 'wait' && run.options.again && run.preparedAt !== null && !run.preflightDone;
        return looksLate ? { do: 'lookup', purpose: 'again', afterSettle: true } : command;
      },
    },
    scenario: { budget: { ...few, faults: 2, agains: 1 } },
    complaint: /^already there, and not there/,
  },
  'the moment from which an unknown settles': {
    rules: {
      apply: (run, event) => {
        const after = apply(run, event);
        return event.type === 'attemptLost' ? { ...after, delivery: { ...after.delivery, unknownSince: null } } : after;
      },
    },
    scenario: { budget: { ...few, kills: 1 } },
    complaint: /^unknownSince is set if and only if/,
  },
  'a retry that ends the hold': {
    rules: {
      apply: (run, event) =>
        event.type === 'retryAccepted' ? { ...apply(run, event), hold: run.hold } : apply(run, event),
    },
    scenario: { ats: 'none', onFailure: ['hold'], budget: { ...few, hands: 1 } },
    complaint: /^only a blocked run is held/,
  },
  'a find that ends the pending refusal': {
    rules: {
      apply: (run, event) =>
        event.type === 'lookupFinished'
          ? { ...apply(run, event), pendingRefusal: run.pendingRefusal }
          : apply(run, event),
    },
    scenario: { budget: { ...few, faults: 2 } },
    complaint: /^a refusal is pending only while/,
  },
};
