import type { Outcome } from '../names';
import { settledAt } from './lookups';
import type { Problem, PushState } from './state';

/** What has become of the profile so far. */
export function outcomeOf(state: PushState): Outcome {
  const { delivery, options, recalled } = state;
  if (!recalled) return 'unknown';
  if (!options.create) return delivery.enriched ? 'enriched' : undelivered(state);
  if (delivery.applicant === 'unknown') return 'unknown';
  if (delivery.applicant === 'there') return delivery.deliveredAs ?? 'already_there';
  return undelivered(state);
}

function undelivered({ blockedBy, cancelRequested, nothingToDeliver }: PushState): Outcome {
  return blockedBy || cancelRequested ? 'failed' : (nothingToDeliver ?? 'failed');
}

/** Whether a later run may rely on what this one knows. Not if it never learned what earlier runs did, nor if it did nothing. */
export function isConclusive({ recalled, options, delivery }: PushState): boolean {
  return recalled && !(options.again && !delivery.sent);
}

/** Whether the run waits for an operator or a user. */
export function isHeld({ hold, blockedBy, isAbandoned }: PushState): boolean {
  return hold.until !== null && blockedBy !== null && !isAbandoned;
}

/** Whether nothing is left to do. */
export function isFinished(state: PushState): boolean {
  const { options, delivery, recalled, blockedBy } = state;
  if (state.activeStep !== null || state.isAbandoned || !recalled) return false;
  if (state.nothingToDeliver && !blockedBy) return delivery.applicant === 'absent' || !options.create;
  if (!options.create) return delivery.enriched;
  return delivery.applicant === 'there' && (!options.enrich || delivery.enriched);
}

/** Why a run that needs nobody is not done yet: what its latest attempt ended with. Null if nothing is retried. */
export function retryReason(state: PushState): Problem | null {
  return state.blockedBy === null && !isFinished(state) ? state.lastProblem : null;
}

/** Why `retry` cannot be accepted now, or null. */
export function refuseRetry(state: PushState): string | null {
  return isHeld(state) ? null : `only a held run can be retried, and this one is ${describePhase(state)}`;
}

/** Why `resolve` cannot be accepted now, or null. */
export function refuseResolve(state: PushState, delivered: boolean, now: number): string | null {
  const busy = refuseAbandon(state);
  if (busy !== null) return busy;
  if (!state.options.create) return 'an enrichment creates no applicant, so there is nothing to resolve';
  const { applicant } = state.delivery;
  if (state.recalled && applicant !== 'unknown') return `the outcome is not unknown: the applicant is ${applicant}`;
  if (delivered) return null;
  const settled = settledAt(state);
  if (settled === null) return 'what earlier runs did is not known yet: retry first';
  if (now >= settled) return null;
  return `a create may still appear: check the ATS again after ${new Date(settled).toISOString()}`;
}

/** Why `abandon` cannot be accepted now, or null. */
export function refuseAbandon(state: PushState): string | null {
  if (state.isAbandoned) return 'the run was abandoned and is about to end';
  return state.activeStep === 'push' ? 'an attempt to create is in progress: try again in a moment' : null;
}

function describePhase(state: PushState): string {
  if (state.isAbandoned) return 'abandoned';
  if (state.activeStep) return `busy with ${state.activeStep}`;
  return state.wait ? `waiting (${state.wait.why})` : 'running';
}
