import { randomUUID } from 'node:crypto';
import { createSecretScrubber, type SecretScrubber } from '../security/secrets/secret-scrubber';

/** What a step is given beside what the worker has. An activity makes one from Temporal's context. */
export interface StepScope {
  /** Aborted when the step is cancelled, or when its worker shuts down. */
  readonly signal: AbortSignal;
  /** The current time in epoch milliseconds. */
  readonly now: () => number;
  readonly scrubber: SecretScrubber;
  /** Names the step across its attempts. Its turn at the account is kept under this name. */
  readonly queueKey: string;
}

/** Creates the scope of a step that runs outside Temporal: the clock of this machine, a queue key of its own, no cancellation. */
export function createScope(changes: Partial<StepScope> = {}): StepScope {
  return {
    signal: new AbortController().signal,
    now: () => Date.now(),
    scrubber: createSecretScrubber(),
    queueKey: randomUUID(),
    ...changes,
  };
}
