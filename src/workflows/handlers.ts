import { ApplicationFailure, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { STATE_QUERY } from '../protocol/names';
import type { Session } from './session';
import type { AbandonArgs, ResolveArgs, RetryArgs, StateAnswer } from '../protocol/messages';
import { abandonUpdate, resolveUpdate, retryUpdate, type Update } from './updates';
import { stateOf } from './visibility';

type UpdateDefinition<Args> = ReturnType<typeof defineUpdate<void, [Args]>>;

const state = defineQuery<StateAnswer>(STATE_QUERY);
const retry = defineUpdate<void, [RetryArgs | null | undefined]>('retry');
const resolve = defineUpdate<void, [ResolveArgs]>('resolve');
const abandon = defineUpdate<void, [AbandonArgs | null | undefined]>('abandon');

/** Registers the query `state` and the updates of a run. Their descriptions appear in the Temporal UI. */
export function installHandlers(session: Session): void {
  setHandler(state, () => stateOf(session), { description: 'Return what the run is doing and what it waits for' });
  const handle = <Args>(definition: UpdateDefinition<Args>, update: Update<Args>, description: string): void =>
    setHandler(definition, (args: Args) => update.take(session, args), {
      validator: (args: Args) => refuse(update.refusal(session, args, Date.now())),
      description,
    });
  handle(retry, retryUpdate, 'Resume a held run, with corrected credentials, logics or format if needed');
  handle(
    resolve,
    resolveUpdate,
    'Record what was found in the ATS: { delivered: true, atsId? } or { delivered: false }',
  );
  handle(abandon, abandonUpdate, 'End the run as failed, with the result so far');
}

function refuse(why: string | null): void {
  if (why !== null) throw ApplicationFailure.nonRetryable(why, 'input');
}
