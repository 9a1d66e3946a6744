import { StepError } from '../protocol/errors';
import { CLOCK_SKEW_MS } from '../protocol/timing';

/** When an attempt may put its first byte on the wire. */
export interface SendWindow {
  isOpen(): boolean;
  /** How much of it is left, in milliseconds. */
  leftMs(): number;
  /**
   * Ends an attempt that takes too long to get ready: its timeout would end it, and it would count as unknown.
   *
   * @throws StepError `unavailable`; nothing was sent
   */
  assertOpen(): void;
}

/**
 * Creates the send window of an attempt.
 *
 * @param startedAt when the server started the attempt, in epoch milliseconds
 * @param now the clock of this machine
 */
export function createSendWindow(startedAt: number, sendWindowMs: number, now: () => number): SendWindow {
  const leftMs = (): number => startedAt + sendWindowMs - now();
  const isOpen = (): boolean => leftMs() >= 0 && leftMs() <= sendWindowMs + CLOCK_SKEW_MS;
  return {
    isOpen,
    leftMs,
    assertOpen() {
      if (!isOpen()) throw tookTooLong();
    },
  };
}

function tookTooLong(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'Getting ready took longer than an attempt may take, so nothing was sent.',
    whoMustAct: 'operator',
    nextStep: 'Check whether the storage of the attachments is slow, then retry.',
  });
}
