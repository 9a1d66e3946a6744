import { ApplicationFailure, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import type { UpdateDefinition } from '@temporalio/common';
import { STATE_QUERY } from '../protocol/names';
import type { Session } from './session';
import type { AbandonArgs, ResolveArgs, RetryArgs, StateAnswer } from '../protocol/messages';
import { abandonUpdate, resolveUpdate, retryUpdate, type Update } from './updates';
import { stateOf } from './visibility';

const state = defineQuery<StateAnswer>(STATE_QUERY);
const retry = defineUpdate<void, [RetryArgs | null | undefined]>('retry');
const resolve = defineUpdate<void, [ResolveArgs]>('resolve');
const abandon = defineUpdate<void, [AbandonArgs | null | undefined]>('abandon');

export function installHandlers(session: Session): void {
  setHandler(state, () => stateOf(session), { description: 'What the run is doing, and what it waits for' });
  const handle = <Args>(definition: UpdateDefinition<void, [Args]>, update: Update<Args>, description: string): void =>
    setHandler(definition, (args: Args) => update.take(session, args), {
      validator: (args: Args) => refuse(update.refusal(session, args, Date.now())),
      description,
    });
  handle(retry, retryUpdate, 'Resume a held run, with corrected credentials, logics or format if necessary');
  handle(
    resolve,
    resolveUpdate,
    'Record what was found in the ATS: { delivered: true, atsId? } or { delivered: false }',
  );
  handle(abandon, abandonUpdate, 'End the run as failed, with what is known');
}

function refuse(why: string | null): void {
  if (why !== null) throw ApplicationFailure.nonRetryable(why, 'input');
}
