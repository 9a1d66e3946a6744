import type { ConnectorSettings } from '../connectors/connector';
import { StepError } from '../protocol/errors';
import type { PermitRequest } from '../http/rate-limiter';
import type { Dependencies } from './dependencies';
import type { StepScope } from './scope';

/** For whom calls are made. */
export interface CallTarget {
  /** Name in the settings: a connector's or the origin's. */
  readonly system: string;
  /** The display name. */
  readonly title: string;
  readonly account: string;
}

/** The turns of one step at its account. */
export interface Turns {
  /** A turn for the whole step: its first call is the one that waited, and it counts as one call in progress. */
  take(): Promise<() => void>;
  /** A turn for one call. The first call of a step queues. The others go before the queue, so that no step has to begin again. */
  forCall(): Promise<() => void>;
  /** Runs something whose calls others wait for: they go before the queue, and do not wait for calls in progress to end. */
  urgently<T>(run: () => Promise<T>): Promise<T>;
  /** The account asked for patience; null: without saying how long. */
  slowDown(waitMs: number | null): void;
}

/** What a step that is not told to come back gives back in place of a turn. */
const nothingToGiveBack = (): void => undefined;

/** Asks the limiter in the name of one step. */
export function createTurns(
  { limiter }: Pick<Dependencies, 'limiter'>,
  { system, title, account }: CallTarget,
  { signal, queueKey }: StepScope,
  settings: ConnectorSettings,
): Turns {
  const key = `${system}/${account}`;
  /** A step waits for a further call as long as for an answer. */
  const further = { permit: null, patienceMs: settings.responseTimeoutMs };
  let hadTurn = false;
  let isPaid = false;
  let isUrgent = false;
  let counted = false;

  async function admit(ask: PermitRequest): Promise<() => void> {
    const admission = await limiter.admit(key, settings, { ...ask, signal });
    if (!admission.admitted) throw notYet(title, settings.ratePerSecond, admission.waitMs);
    hadTurn = true;
    return admission.release;
  }

  return {
    async take() {
      const release = await admit({ permit: queueKey });
      isPaid = true;
      counted = true;
      return () => {
        counted = false;
        release();
      };
    },
    async forCall() {
      if (isUrgent || (counted && !isPaid)) return admit({ ...further, counts: false });
      if (!isPaid) return admit(hadTurn ? further : { permit: queueKey });
      isPaid = false;
      return nothingToGiveBack;
    },
    async urgently(run) {
      isUrgent = true;
      try {
        return await run();
      } finally {
        isUrgent = false;
      }
    },
    slowDown: (waitMs) => limiter.slowDown(key, waitMs, settings.retry.maximumMs),
  };
}

function notYet(title: string, ratePerSecond: number, waitMs: number): StepError {
  return new StepError({
    type: 'unavailable',
    message: `${title}: this worker sends no more than ${ratePerSecond} calls a second to one account, and others come first.`,
    whoMustAct: 'operator',
    nextStep: 'Nothing to do: the call is made when its turn comes.',
    benign: true,
    nothingHappened: true,
    queued: true,
    delayMs: waitMs,
  });
}
