import type { FailureType, Reason, Stage, WhoMustAct } from './names';

/** What a failed step says about itself; the activity adds which step it was. */
export interface ErrorFacts {
  readonly type: FailureType;
  /** For people. May hold the other system's own words, so it goes into results and encrypted failures only. */
  readonly message: string;
  readonly whoMustAct: WhoMustAct;
  readonly nextStep: string;
  /** Whether repeating the step may help. */
  readonly retryable: boolean;
  /** Probably permanent, but it may be a bad day: repeated a few times only. */
  readonly doubtful?: boolean;
  /** Expected now and then: no error in logs and metrics. */
  readonly benign?: boolean;
  /** How long to wait before the next attempt, in milliseconds; null or absent: as the retry policy says. */
  readonly delayMs?: number | null;
  /** Nothing has happened over there, so that repeating does no harm whatever the call was. */
  readonly nothingHappened?: boolean;
  /** Nothing failed: the step waits for its turn at the account, so the wait does not count as trouble. */
  readonly queued?: boolean;
  /** Where it happened, if that is another step than the one that is running. */
  readonly label?: { readonly stage: Stage; readonly reason: Reason };
  /** The HTTP status that says so; absent where none came. */
  readonly status?: number;
}

/** The one error that connectors and `http/` throw. It carries no cause, so that no header, body or URL travels with it. */
export class StepError extends Error {
  constructor(readonly facts: ErrorFacts) {
    super(facts.message);
    this.name = 'StepError';
  }

  /** The same failure, of which nothing is left to try. */
  asFinal(): StepError {
    return new StepError({ ...this.facts, retryable: false });
  }
}
