import { ApplicationFailure, defineQuery, defineUpdate, setHandler } from '@temporalio/workflow';
import { correctedInput } from './corrections';
import { refuseAbandon, refuseResolve, refuseRetry, type Problem } from './delivery';
import { STATE_QUERY } from './names';
import { dispatch, type Session } from './session';
import type { AbandonArgs, ResolveArgs, RetryArgs, RunInput, StateAnswer } from './types';
import { stateOf } from './visibility';

export const state = defineQuery<StateAnswer>(STATE_QUERY);
/** From the Temporal UI an update may come without any argument. */
export const retry = defineUpdate<void, [RetryArgs | null | undefined]>('retry');
export const resolve = defineUpdate<void, [ResolveArgs]>('resolve');
export const abandon = defineUpdate<void, [AbandonArgs | null | undefined]>('abandon');

const CORRECTABLE = ['logics', 'format'];
const CORRECTIONS = ['actionParameters', 'originParameters', 'targetParameters', 'enrich'];

/** A handler only changes the state machine: the main loop does the work, so that a second update cannot slip in between. */
export function installHandlers(session: Session): void {
  setHandler(state, () => stateOf(session), { description: 'What the run does, and what it waits for' });
  setHandler(
    retry,
    (args) => {
      const corrections = args ?? {};
      session.input = correctedInput(session.input, corrections);
      const corrected = Object.keys(corrections).length > 0;
      if (corrected) session.documents = null;
      dispatch(session, { type: 'retried', ask: { enrich: asksEnrichment(session) }, corrected });
    },
    {
      validator: (args: RetryArgs | null | undefined) =>
        refuse(refuseRetry(session.run) ?? refuseCorrections(session.input, args ?? {})),
      description: 'Go on with a held run, with corrected credentials, logics or format if need be',
    },
  );
  setHandler(
    resolve,
    (seen) => {
      const atsId = seen.delivered ? (seen.atsId ?? null) : null;
      dispatch(session, { type: 'resolved', delivered: seen.delivered, atsId });
      session.interrupt?.();
    },
    {
      validator: (seen: ResolveArgs) =>
        refuse(refuseShape(seen) ?? refuseResolve(session.run, seen.delivered, Date.now())),
      description: 'Say what a person saw in the ATS: { delivered: true, atsId? } or { delivered: false }',
    },
  );
  setHandler(
    abandon,
    (args) => {
      dispatch(session, { type: 'abandoned', problem: abandonment(session.run.trouble, args?.reason) });
      session.interrupt?.();
    },
    {
      validator: (args) => refuse(refuseGroups('abandon', args ?? {}, ['reason']) ?? refuseAbandon(session.run)),
      description: 'End the run as failed, with what is known',
    },
  );
}

function asksEnrichment({ action, input }: Session): boolean {
  return input.enrich || action === 'enrichProfile';
}

function refuse(why: string | null): void {
  if (why !== null) throw ApplicationFailure.nonRetryable(why, 'input');
}

function refuseShape(seen: unknown): string | null {
  const usable =
    typeof seen === 'object' && seen !== null && 'delivered' in seen && typeof seen.delivered === 'boolean';
  return usable ? null : 'expected { "delivered": true, "atsId"?: "..." } or { "delivered": false }';
}

/** What makes the push the same push must stay. The rest is checked at the next activity; if it is refused the run holds again. */
function refuseCorrections(input: RunInput, corrections: RetryArgs): string | null {
  const wrong = refuseGroups('retry', corrections, CORRECTIONS) ?? refuseValues(corrections);
  if (wrong !== null) return wrong;
  const parameters = Object.keys(corrections.actionParameters ?? {}).filter((name) => !CORRECTABLE.includes(name));
  if (parameters.length > 0) return `retry cannot correct actionParameters.${parameters.join(', ')}`;
  const changed = [
    ...changedMembers(input.originParameters, corrections.originParameters, ['source_key', 'profile_key']).map(
      (name) => `originParameters.${name}`,
    ),
    ...changedMembers(input.targetParameters, corrections.targetParameters, input.placeMembers).map(
      (name) => `targetParameters.${name}`,
    ),
  ];
  return changed.length === 0
    ? null
    : `${changed.join(', ')}: that would be another push; abandon this run and start the right push`;
}

function refuseGroups(update: string, args: unknown, known: readonly string[]): string | null {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return `${update} takes an object, or nothing`;
  const unknown = Object.keys(args).filter((name) => !known.includes(name));
  return unknown.length === 0 ? null : `${update} does not know ${unknown.join(', ')}; it takes ${known.join(', ')}`;
}

function refuseValues({ enrich, ...groups }: RetryArgs): string | null {
  const values: [string, unknown][] = Object.entries(groups);
  const wrong = values.filter(([, group]) => typeof group !== 'object' || group === null || Array.isArray(group));
  if (wrong.length > 0)
    return `${wrong.map(([name]) => name).join(', ')}: expected an object with the corrected members`;
  return enrich === undefined || typeof enrich === 'boolean' ? null : 'enrich: expected true or false';
}

function changedMembers(
  current: RunInput['targetParameters'],
  corrected: RunInput['targetParameters'] | undefined,
  fixed: readonly string[],
): string[] {
  return fixed.filter(
    (name) =>
      corrected !== undefined && name in corrected && JSON.stringify(corrected[name]) !== JSON.stringify(current[name]),
  );
}

function abandonment(trouble: Problem | null, reason: string | undefined): Problem {
  return {
    type: 'abandoned',
    reason: trouble?.reason ?? 'write_failure',
    stage: trouble?.stage ?? 'pushApplicant',
    message: `The run was abandoned${reason ? `: ${reason}` : ''}.${trouble ? ` Before that: ${trouble.message}` : ''}`,
    whoMustAct: 'user',
    nextStep: 'Start the push again if it is wanted after all.',
  };
}
