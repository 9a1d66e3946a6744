import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a client asks a server that does not answer, in milliseconds. */
const RECONNECT_FOR_MS = 150_000;
const PAUSE_MS = 1_000;

/**
 * gRPC: cancelled, deadline exceeded, internal, unavailable: what a restarting server answers; and resource exhausted, which one says
 * that has too much to do.
 */
const PASSING_CODES = [1, 4, 8, 13, 14];
/** The size of a message is no matter of time, though it has the code of what is. */
const TOO_LARGE = 'larger than max';

export interface Retrying {
  /** Called when the server stops answering: once for each time that it does. */
  readonly onTrouble?: () => void;
  /** Nobody waits for the answer any more. */
  readonly signal?: AbortSignal;
  /** When the server last answered, as `performance.now()` counts: a call that waits makes many requests before it fails. */
  readonly answeredAt?: () => number;
}

/** Retries an idempotent call while the server does not answer. */
export async function withReconnect<T>(
  call: () => Promise<T>,
  { onTrouble, signal, answeredAt = () => 0 }: Retrying = {},
): Promise<T> {
  let troubleSince: number | null = null;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!isTransient(error) || signal?.aborted) throw error;
      const now = performance.now();
      if (troubleSince === null || answeredAt() > troubleSince) {
        troubleSince = now;
        onTrouble?.();
      }
      if (now - troubleSince > RECONNECT_FOR_MS) throw error;
      await sleep(PAUSE_MS);
    }
  }
}

export function isTransient(error: unknown): boolean {
  const cause: unknown = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && isTransientCode(cause.code) && !cause.details.includes(TOO_LARGE);
}

export function isTransientCode(code: number): boolean {
  return PASSING_CODES.includes(code);
}
