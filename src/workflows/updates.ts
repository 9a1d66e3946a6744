/**
 * The updates of a run, as plain functions of a session. They only dispatch events. The main loop does the work, so that a second
 * update cannot interleave.
 */
import { correctedInput } from '../protocol/corrections';
import { refuseAbandon, refuseResolve, refuseRetry, type Problem } from '../protocol/delivery';
import { dispatch, type Session } from './session';
import type { AbandonArgs, ResolveArgs, RetryArgs } from '../protocol/messages';
import { atsIdOf, refuseAbandonArgs, refuseResolveArgs, refuseRetryArgs } from './update-arguments';
import { createProblem } from '../protocol/problems';

/** One update of a run. */
export interface Update<Args> {
  /** Returns why the update is refused, or null. Accepts any value as the argument. */
  refusal(session: Session, args: unknown, now: number): string | null;
  /** Applies an accepted update. */
  take(session: Session, args: Args): void;
}

/** Resumes a held run. The Temporal UI can send the update without an argument. */
export const retryUpdate: Update<RetryArgs | null | undefined> = {
  refusal: ({ run, input }, args) => refuseRetry(run) ?? refuseRetryArgs(input, args),
  take(session, args) {
    const corrections = args ?? {};
    session.input = correctedInput(session.input, corrections);
    const corrected = Object.keys(corrections).length > 0;
    if (corrected) session.documents = null;
    dispatch(session, { type: 'retryAccepted', options: { enrich: asksEnrichment(session) }, corrected });
  },
};

/** Records whether the applicant is in the ATS. */
export const resolveUpdate: Update<ResolveArgs> = {
  refusal: ({ run }, args, now) => refuseResolveArgs(args) ?? refuseResolve(run, delivered(args), now),
  take(session, seen) {
    dispatch(session, { type: 'resolveAccepted', delivered: seen.delivered, atsId: atsIdOf(seen) });
    session.interrupt?.();
  },
};

/** Ends the run as failed. */
export const abandonUpdate: Update<AbandonArgs | null | undefined> = {
  refusal: ({ run }, args) => refuseAbandonArgs(args) ?? refuseAbandon(run),
  take(session, args) {
    dispatch(session, { type: 'abandonAccepted', problem: abandonment(session.run.blockedBy, args?.reason) });
    session.interrupt?.();
  },
};

function delivered(args: unknown): boolean {
  return typeof args === 'object' && args !== null && 'delivered' in args && args.delivered === true;
}

function asksEnrichment({ action, input }: Session): boolean {
  return input.enrich || action === 'enrichProfile';
}

function abandonment(blockedBy: Problem | null, reason: string | null | undefined): Problem {
  return createProblem({
    type: 'abandoned',
    reason: blockedBy?.reason ?? 'write_failure',
    stage: blockedBy?.stage ?? 'pushApplicant',
    message: `The run was abandoned${reason ? `: ${reason}` : ''}.${blockedBy ? ` Before that: ${blockedBy.message}` : ''}`,
  });
}
