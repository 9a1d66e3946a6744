import { StepFailure } from '../failure';

/** Temporal takes 2 MB per payload; above it an activity would be repeated for ever. In bytes of JSON, before gzip. */
const LARGEST_JSON = 1_900_000;

/** @throws StepFailure `refused` where a value is too large to travel through Temporal */
export function assertFits(what: string, value: unknown): void {
  const bytes = Buffer.byteLength(JSON.stringify(value), 'utf8');
  if (bytes <= LARGEST_JSON) return;
  throw new StepFailure({
    type: 'refused',
    message: `The ${what} has ${bytes} bytes of JSON; at most ${LARGEST_JSON} can be handled.`,
    whoMustAct: 'user',
    nextStep: 'Shorten the profile in HrFlow.ai, or drop the long parts in a logic, then retry.',
    retryable: false,
  });
}
