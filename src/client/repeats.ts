import { setTimeout as sleep } from 'node:timers/promises';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type ConnectionOptions } from '@temporalio/client';

/** Timers of Node may fire this much late, in milliseconds. */
const LATENESS_MS = 50;

/** The SDK's repeats of calls that met a passing error, and their end. */
export interface Repeats {
  readonly interceptors: NonNullable<ConnectionOptions['interceptors']>;
  /** From now on nothing is repeated; resolves when the last repeat that was on its way has left (6 s at the most). */
  end(): Promise<void>;
}

/**
 * Repeats calls as the SDK does until the connection is to be closed. The SDK's own interceptor goes on after that, and a
 * repeat on a closed channel throws from a timer, where nobody can catch it: the process would die of an orderly `close`
 * (seen with 1.24.0, `grpc-retry.ts`; after a restart of the server an abort signal does not reach a repeated call, either).
 */
export function createRepeats(): Repeats {
  const usual = defaultGrpcRetryOptions();
  let ended = false;
  let lastAt = 0;
  const interceptor = makeGrpcRetryInterceptor({
    retryableDecider: (attempt, status) => !ended && usual.retryableDecider(attempt, status),
    delayFunction: (attempt, status) => {
      const delayMs = usual.delayFunction(attempt, status);
      lastAt = Math.max(lastAt, Date.now() + delayMs);
      return delayMs;
    },
  });
  return {
    interceptors: [interceptor],
    async end() {
      ended = true;
      const restMs = lastAt + LATENESS_MS - Date.now();
      if (restMs > 0) await sleep(restMs);
    },
  };
}
