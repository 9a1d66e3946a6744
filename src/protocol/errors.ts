import type { FailureType, Reason, Stage, WhoMustAct } from './names';
import { PROBLEMS } from './problems';

/** What a failed step says about itself. The activity adds which step it was. */
export interface ErrorFacts {
  readonly type: FailureType;
  /** For users. May quote the other system, so it goes only into results and encrypted failures. */
  readonly message: string;
  readonly whoMustAct: WhoMustAct;
  readonly nextStep: string;
  /** Whether a retry may help. */
  readonly retryable: boolean;
  /** Probably permanent, but possibly transient: retried a few times only. */
  readonly doubtful?: boolean;
  /** Expected now and then: not logged or counted as an error. */
  readonly benign?: boolean;
  /** How long to wait before the next attempt, in milliseconds. Null or absent: as the retry policy says. */
  readonly delayMs?: number | null;
  /** Nothing happened in the other system, so a retry does no harm whatever the call was. */
  readonly nothingHappened?: boolean;
  /** Nothing failed: the step waits for its turn at the account, so the wait does not count towards giving up. */
  readonly queued?: boolean;
  /** Where it happened, if not in the step that is running. */
  readonly label?: { readonly stage: Stage; readonly reason: Reason };
  /** The HTTP status of the response. Absent if there was none. */
  readonly status?: number;
}

/** Facts of an error. What they leave out is as in {@link PROBLEMS}. */
export type ErrorFactsInput = Pick<ErrorFacts, 'type' | 'message'> & Partial<ErrorFacts>;

/** Returns the facts with what they leave out. */
export function completeFacts(facts: ErrorFactsInput): ErrorFacts {
  const { whoMustAct, nextStep, retryable } = PROBLEMS[facts.type];
  return { whoMustAct, nextStep, retryable, ...facts };
}

/** The one error that connectors and `http/` throw. It has no cause, so that no header, body or URL travels with it. */
export class StepError extends Error {
  readonly facts: ErrorFacts;

  constructor(facts: ErrorFactsInput) {
    super(facts.message);
    this.name = 'StepError';
    this.facts = completeFacts(facts);
  }

  /** Returns the same error, not to be retried. */
  asFinal(): StepError {
    return new StepError({ ...this.facts, retryable: false });
  }
}

/** A profile that a format cannot turn into a document. The message names the field and the reason, never a value. */
export class FormatError extends Error {
  /**
   * @param field path of the field in the profile, such as `info.email`
   * @param reason what is wrong with it, without its value
   */
  constructor(
    readonly field: string,
    reason: string,
  ) {
    super(`${field}: ${reason}`);
    this.name = 'FormatError';
  }
}

/** Input that cannot be used. Nothing was read or written. `reason` is the word of the Python library. */
export class InputError extends StepError {
  /** The fields of `error` of the contract, as every error of a push has them. */
  readonly type = 'input';
  readonly stage: Stage = 'fetchProfile';
  readonly whoMustAct: WhoMustAct;
  readonly nextStep: string;
  /** Nothing is known of a push that was refused. */
  readonly result = null;

  constructor(
    readonly reason: Reason,
    message: string,
    whoMustAct: 'user' | 'operator' = 'user',
  ) {
    super({ type: 'input', message, whoMustAct });
    this.name = 'InputError';
    this.whoMustAct = whoMustAct;
    this.nextStep = this.facts.nextStep;
  }
}
