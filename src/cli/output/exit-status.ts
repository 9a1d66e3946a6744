import { isThere } from '../../protocol/result';
import type { PushReport } from './report';

/** Exit statuses of every command; what they mean for a push stands in the README. */
export const EXIT = { ok: 0, failed: 1, refused: 2, unreachable: 3, held: 4 } as const;
export type ExitStatus = (typeof EXIT)[keyof typeof EXIT];

/** The worst first. */
const ORDER: readonly ExitStatus[] = [EXIT.unreachable, EXIT.refused, EXIT.failed, EXIT.held, EXIT.ok];

/** Of many pushes the worst status counts. */
export function worse(one: ExitStatus, other: ExitStatus): ExitStatus {
  return ORDER.find((status) => status === one || status === other) ?? EXIT.ok;
}

/** The exit status that one push stands for. */
export function statusOf({ state, result, error }: Pick<PushReport, 'state' | 'result' | 'error'>): ExitStatus {
  const item = result?.items[0];
  // Accepted, and its end was not seen: that is an unknown outcome, too.
  if (state === 'started' && error) return EXIT.held;
  if (state === 'held' || item?.outcome === 'unknown') return EXIT.held;
  if (error?.type === 'input' || error?.type === 'workflow_id_taken') return EXIT.refused;
  if (error || state === 'failed') return EXIT.failed;
  return item?.outcome === 'failed' || (isThere(item?.outcome) && item?.enriched === false) ? EXIT.failed : EXIT.ok;
}
