import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultGrpcRetryOptions, makeGrpcRetryInterceptor, type ConnectionOptions } from '@temporalio/client';
import { isTransientCode } from './reconnect';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];
type Attempt = ReturnType<Parameters<Interceptor>[1]>;

const CANCELLED = 1;
/** Timers of Node may fire this much late, in milliseconds. */
const LATENESS_MS = 50;

/** What a connection adds to each call: the SDK's repeats after a passing error and their end, and calls that can be aborted. */
export interface ClosableGrpcRetry {
  readonly interceptors: readonly Interceptor[];
  /** Calls are repeated from now on. */
  begin(): void;
  /** From now on nothing is repeated; resolves when the last repeat that was on its way has left (6 s at most). */
  end(): Promise<void>;
  /** When the server last answered a call, as `performance.now()` counts; 0 before its first answer. */
  readonly answeredAt: () => number;
  /**
   * Makes calls that end when the signal says so. `withAbortSignal` of the SDK is not for a signal that lives long: it adds a
   * listener for each request and removes none (seen with 1.24.0, `connection.ts`: 16 KB per request).
   */
  readonly untilAborted: <T>(signal: AbortSignal, calls: () => Promise<T>) => Promise<T>;
}

/**
 * Retries calls as the SDK does, until the connection is to be closed. The SDK's own interceptor also retries after that, and a
 * retry on a closed channel throws from a timer, where nobody can catch it: the process would die of an orderly `close`
 * (seen with 1.24.0, `grpc-retry.ts`). The SDK cannot abort a retry, either: each attempt listens to the signal by itself.
 */
export function createRepeats(): ClosableGrpcRetry {
  const usual = defaultGrpcRetryOptions();
  const signals = new AsyncLocalStorage<AbortSignal>();
  let repeating = false;
  let lastAt = 0;
  let answeredAt = 0;
  const onStatus = (code: number) => {
    if (!isTransientCode(code)) answeredAt = performance.now();
  };
  const interceptor: Interceptor = (options, nextCall) => {
    const signal = signals.getStore();
    const repeat = makeGrpcRetryInterceptor({
      retryableDecider: (attempt, status) => repeating && !signal?.aborted && usual.retryableDecider(attempt, status),
      delayFunction: (attempt, status) => {
        const delayMs = usual.delayFunction(attempt, status);
        lastAt = Math.max(lastAt, Date.now() + delayMs);
        return delayMs;
      },
    });
    return repeat(options, (inner) => watched(nextCall(inner), onStatus, signal));
  };
  return {
    interceptors: [interceptor],
    begin() {
      repeating = true;
    },
    async end() {
      repeating = false;
      const restMs = lastAt + LATENESS_MS - Date.now();
      if (restMs > 0) await sleep(restMs);
    },
    answeredAt: () => answeredAt,
    untilAborted: (signal, calls) => signals.run(signal, calls),
  };
}

/** One attempt, which tells its status and listens to the signal for as long as it is in progress. */
function watched(attempt: Attempt, onStatus: (code: number) => void, signal?: AbortSignal): Attempt {
  const start = attempt.start.bind(attempt);
  // The enumeration of the codes belongs to a package that is not ours to load.
  const cancellable: { cancelWithStatus(code: number, details: string): void } = attempt;
  const cancel = () => cancellable.cancelWithStatus(CANCELLED, 'nobody waits for the answer any more');
  attempt.start = (metadata, listener) => {
    start(metadata, {
      onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
      onReceiveMessage: (message) => listener?.onReceiveMessage?.(message),
      onReceiveStatus(status) {
        signal?.removeEventListener('abort', cancel);
        onStatus(status.code);
        listener?.onReceiveStatus?.(status);
      },
    });
    if (signal?.aborted) cancel();
    else signal?.addEventListener('abort', cancel);
  };
  return attempt;
}
