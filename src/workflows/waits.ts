import { condition, isCancellation } from '@temporalio/workflow';
import { isHeld, type Command } from '../protocol/delivery';
import { dispatch, type Session } from './session';
import { showHold, showHoldEnded } from './visibility';

/** Waits on a timer whose summary names the reason. Any event, such as an update, ends the wait. */
export async function wait(session: Session, { until, why }: Extract<Command, { do: 'wait' }>): Promise<void> {
  const before = session.run;
  const changed = (): boolean => session.run !== before;
  await untilCancelled(() => condition(changed, Math.max(until - Date.now(), 1), { summary: `waiting: ${why}` }));
}

/** Waits for an operator. A hold takes no worker slot. Search attribute, memo, details and timer show what it waits for. */
export async function hold(session: Session, { problem }: Extract<Command, { do: 'hold' }>): Promise<void> {
  if (session.run.hold.until === null) {
    dispatch(session, { type: 'holdStarted', now: Date.now() });
    releaseDocument(session);
    showHold(session, problem);
  }
  const rest = (session.run.hold.until ?? Date.now()) - Date.now();
  const released = (): boolean => !isHeld(session.run) || session.run.isAbandoned || session.run.cancelRequested;
  await untilCancelled(() =>
    condition(released, Math.max(rest, 1), {
      summary: `held: ${problem.type} at ${problem.stage}, for the ${problem.whoMustAct}`,
    }),
  );
  if (released()) showHoldEnded(session);
}

/** Drops the document of the create, which is prepared again after a hold. Keeps the document of the enrichment. */
function releaseDocument(session: Session): void {
  if (session.documents) session.documents = { ...session.documents, document: null, files: [] };
}

/** Ends a wait at once if the run is cancelled. The state machine learns of the cancellation from `watchCancellation`. */
async function untilCancelled(waiting: () => Promise<unknown>): Promise<void> {
  try {
    await waiting();
  } catch (error) {
    if (!isCancellation(error)) throw error;
  }
}
