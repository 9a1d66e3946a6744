import type { FailureType, Outcome, Reason, Stage, WhoMustAct } from '../names';
import type { Timing } from '../timing';

/** Identifies the applicant of a document to a lookup. Made by the connector, opaque here. Personal data. */
export type LookupKeys = Readonly<Record<string, string>>;

/** Why something did not work, who must act, and what to do. Never holds a secret or, outside `message`, personal data. */
export interface Problem {
  type: FailureType;
  reason: Reason;
  stage: Stage;
  message: string;
  whoMustAct: WhoMustAct;
  nextStep: string;
}

/** What is known of the applicant in the ATS. Belongs to the push, not to one run: recall and continue-as-new carry it over. */
export interface Delivery {
  applicant: 'absent' | 'there' | 'unknown';
  /** Set if and only if the applicant is there. */
  deliveredAs: Extract<Outcome, 'created' | 'already_there'> | null;
  atsId: string | null;
  enriched: boolean;
  /** A create of this push may have left a worker. */
  sent: boolean;
  /** Some create of this push once had an unknown outcome. A later refusal then needs one more lookup. */
  everUnknown: boolean;
  /** The moment (epoch ms) from which `settleMs` counts. Set if and only if the applicant is unknown. */
  unknownSince: number | null;
  /** The moment (epoch ms) from which `settleMs` counts for the latest attempt, whatever its outcome. */
  attemptedAt: number | null;
  /** Time of the first attempt (epoch ms). An applicant created before `firstAttemptAt - ATS_SKEW_MS` is not ours. */
  firstAttemptAt: number | null;
  /** Of the document that was sent. */
  lookupKeys: LookupKeys | null;
  /** Set for a deliberate second application. */
  secondApplication: SecondApplication | null;
}

/** A deliberate second application of the same profile at the same destination. */
export interface SecondApplication {
  /** What the lookup before its create found in the ATS. Null if that lookup was not conclusive. */
  matchesBefore: readonly string[] | null;
  /** The delivery of the application before it. */
  earlier: Delivery;
}

/** What this run is asked to do. `retry` may correct it. */
export interface PushOptions {
  /** False for `enrichProfile`, which has no create. */
  create: boolean;
  enrich: boolean;
  lookupFirst: boolean;
  again: boolean;
  onFailure: 'fail' | 'hold';
  holdForMs: number;
}

/** A step that the driver carries out and that takes time. */
export type ActiveStep = 'recall' | 'prepare' | 'push' | 'lookup' | 'enrich';

/** The state of one run of a push. */
export interface PushState {
  options: PushOptions;
  delivery: Delivery;
  /** False until a further run of the same push knows what earlier runs did. */
  recalled: boolean;
  timing: Timing | null;
  /** This run has read the profile. */
  profileRead: boolean;
  /** When the documents were made and the credentials proved (epoch ms). Null if that is still to be done, or to be done again. */
  preparedAt: number | null;
  /** Of the document that is ready to be sent. */
  readyKeys: LookupKeys | null;
  /** What was left out of the profile, for people. Holds no personal data. */
  note: string | null;
  /** The lookup before the first create (`lookupFirst`, `again`) is done. */
  preflightDone: boolean;
  /** The step in progress, if any. */
  activeStep: ActiveStep | null;
  /** `why` is one of a few fixed texts: the UI shows it, and no text of another system belongs there. */
  wait: { until: number; why: string } | null;
  /** What the latest attempt ended with, if it is retried or if its outcome is unknown. */
  lastProblem: Problem | null;
  /** A refusal that counts only if a lookup finds nothing. */
  pendingRefusal: Problem | null;
  /** When the current round of attempts began (epoch ms). */
  sendingSince: number | null;
  attempts: number;
  lookupCount: number;
  /** Ends or holds the run. */
  blockedBy: Problem | null;
  /** Why nothing is delivered: the profile is not in HrFlow.ai, or a logic dropped it. */
  nothingToDeliver: Extract<Outcome, 'discarded' | 'not_found'> | null;
  hold: { number: number; until: number | null };
  cancelRequested: boolean;
  isAbandoned: boolean;
}

/** The delivery of a push that has sent nothing. */
export const NOTHING_SENT: Delivery = {
  applicant: 'absent',
  deliveredAs: null,
  atsId: null,
  enriched: false,
  sent: false,
  everUnknown: false,
  unknownSince: null,
  attemptedAt: null,
  firstAttemptAt: null,
  lookupKeys: null,
  secondApplication: null,
};

/**
 * The state of a run at its start.
 *
 * @param isFirst false for a further run of the same push, which begins with `recall`
 */
export function initialState(options: PushOptions, isFirst: boolean): PushState {
  return {
    options,
    delivery: deliveryFor(options, NOTHING_SENT),
    recalled: isFirst,
    timing: null,
    profileRead: false,
    preparedAt: null,
    readyKeys: null,
    note: null,
    preflightDone: false,
    activeStep: null,
    wait: null,
    lastProblem: null,
    pendingRefusal: null,
    sendingSince: null,
    attempts: 0,
    lookupCount: 0,
    blockedBy: null,
    nothingToDeliver: null,
    hold: { number: 0, until: null },
    cancelRequested: false,
    isAbandoned: false,
  };
}

/** The delivery that a run with these options is about, if earlier runs left `known`. */
export function deliveryFor(options: PushOptions, known: Delivery): Delivery {
  if (options.again)
    return {
      ...NOTHING_SENT,
      attemptedAt: known.attemptedAt,
      secondApplication: { matchesBefore: null, earlier: known },
    };
  return known.applicant === 'absent' && known.secondApplication
    ? deliveryFor(options, known.secondApplication.earlier)
    : known;
}

/** The delivery once the applicant is known to be there. */
export function asDelivered(
  delivery: Delivery,
  deliveredAs: NonNullable<Delivery['deliveredAs']>,
  atsId: string | null,
): Delivery {
  return { ...delivery, applicant: 'there', deliveredAs, atsId, unknownSince: null, lookupKeys: null };
}

/** The delivery once the latest application is known to be absent. A run that did not ask for it is again about the one before. */
export function asAbsent({ options, delivery }: Pick<PushState, 'options' | 'delivery'>): Delivery {
  const absent: Delivery = { ...delivery, applicant: 'absent', unknownSince: null, lookupKeys: null };
  return options.again ? absent : deliveryFor(options, absent);
}

/** The state once it is unknown whether an attempt created the applicant. */
export function asUnknown(state: PushState, problem: Problem, since: number): PushState {
  const delivery: Delivery = {
    ...state.delivery,
    applicant: 'unknown',
    deliveredAs: null,
    sent: true,
    everUnknown: true,
    unknownSince: since,
    attemptedAt: since,
  };
  return { ...state, delivery, lookupCount: 0, pendingRefusal: null, lastProblem: problem };
}

/** The state without a step in progress and without a wait. */
export function asIdle(state: PushState): PushState {
  return { ...state, activeStep: null, wait: null };
}

/** What must hold in every state, by name. */
const INVARIANTS: Readonly<Record<string, (state: PushState) => boolean>> = {
  'unknownSince is set if and only if the applicant is unknown': ({ delivery }) =>
    everyDelivery(delivery, ({ applicant, unknownSince }) => (applicant === 'unknown') === (unknownSince !== null)),
  'deliveredAs is set if and only if the applicant is there': ({ delivery }) =>
    everyDelivery(delivery, ({ applicant, deliveredAs }) => (applicant === 'there') === (deliveredAs !== null)),
  'an unknown applicant may have been sent': ({ delivery }) =>
    everyDelivery(
      delivery,
      ({ applicant, sent, attemptedAt }) => applicant !== 'unknown' || (sent && attemptedAt !== null),
    ),
  'a second application knows the one before it': ({ options, delivery }) =>
    !options.again || delivery.secondApplication !== null,
  'only an applicant that is there is enriched': ({ options, delivery }) =>
    !delivery.enriched || !options.create || delivery.applicant === 'there',
  'a refusal is pending only while the applicant is unknown': ({ pendingRefusal, delivery }) =>
    pendingRefusal === null || delivery.applicant === 'unknown',
  'an attempt in progress has documents and a time': ({ activeStep, preparedAt, delivery }) =>
    activeStep !== 'push' || (preparedAt !== null && delivery.firstAttemptAt !== null),
  'documents come with the timing of a worker': ({ preparedAt, timing, profileRead }) =>
    preparedAt === null || (timing !== null && profileRead),
  'a run does not wait during a step': ({ activeStep, wait }) => activeStep === null || wait === null,
  'only a blocked run is held': ({ hold, blockedBy }) => hold.until === null || blockedBy !== null,
  'an abandoned run fails': ({ isAbandoned, blockedBy, options }) =>
    !isAbandoned || (blockedBy !== null && options.onFailure === 'fail'),
};

function everyDelivery(delivery: Delivery, holds: (one: Delivery) => boolean): boolean {
  const earlier = delivery.secondApplication?.earlier;
  return holds(delivery) && (!earlier || everyDelivery(earlier, holds));
}

/** The names of the invariants that a state violates. Empty for every state that events can lead to. */
export function violatedInvariants(state: PushState): string[] {
  return Object.entries(INVARIANTS).flatMap(([name, holds]) => (holds(state) ? [] : [name]));
}
