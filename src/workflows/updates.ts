/**
 * What people's updates do, as plain functions of a session. They only change the state machine: the main loop does the work, so that a
 * second update cannot slip in between.
 */
import { correctedInput } from '../protocol/corrections';
import { refuseAbandon, refuseResolve, refuseRetry, type Problem } from '../protocol/delivery';
import { dispatch, type Session } from './session';
import type { AbandonArgs, ResolveArgs, RetryArgs } from '../protocol/messages';
import { atsIdOf, refuseAbandonArgs, refuseResolveArgs, refuseRetryArgs } from './update-arguments';
import { createProblem } from '../protocol/problems';

/** One update: why it cannot be taken, or null, whatever its argument is; and what it does once it was taken. */
export interface Update<Args> {
  refusal(session: Session, args: unknown, now: number): string | null;
  take(session: Session, args: Args): void;
}

/** From the Temporal UI an update may come without any argument. */
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

export const resolveUpdate: Update<ResolveArgs> = {
  refusal: ({ run }, args, now) => refuseResolveArgs(args) ?? refuseResolve(run, delivered(args), now),
  take(session, seen) {
    dispatch(session, { type: 'resolveAccepted', delivered: seen.delivered, atsId: atsIdOf(seen) });
    session.interrupt?.();
  },
};

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

function abandonment(trouble: Problem | null, reason: string | null | undefined): Problem {
  return createProblem({
    type: 'abandoned',
    reason: trouble?.reason ?? 'write_failure',
    stage: trouble?.stage ?? 'pushApplicant',
    message: `The run was abandoned${reason ? `: ${reason}` : ''}.${trouble ? ` Before that: ${trouble.message}` : ''}`,
  });
}
