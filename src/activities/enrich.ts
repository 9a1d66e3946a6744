import { StepError } from '../protocol/errors';
import { stepFailure } from '../http/failure';
import { settingsOf } from '../config/settings';
import type { EnrichInput } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { runStep } from './step';
import { bindTarget, withFreshTokens, type Target } from '../push/target';

/** Sets the attributes of the candidate. Repeated after an unknown outcome: what is set twice is set. */
export function enrich(dependencies: Dependencies, input: EnrichInput): Promise<void> {
  const { retry } = settingsOf(dependencies.settings, input.connector);
  const reason = input.action === 'pushProfile' ? 'callback_failure' : 'write_failure';
  return runStep({ stage: 'enrich', reason, retry }, async (signal) => {
    const target = bindTarget(dependencies, input, signal);
    await withFreshTokens(target, () => setAttributes(target, input)).catch(asEnrichment);
  });
}

async function setAttributes({ title, action, ctx }: Target, input: EnrichInput): Promise<void> {
  const { enrichment } = action;
  if (!enrichment) throw new Error('the action has no enrichment');
  const call = await enrichment.call(ctx, input.document);
  const { outcome, found } = await ctx.send(call, { successStatuses: enrichment.successStatuses, json: false });
  if (found.verdict === 'ok') return;
  const notFound = outcome.arrived === 'answer' && enrichment.notFound(ctx.settings).includes(outcome.status);
  const mayAppear = notFound && Date.now() < (input.retryNotFoundUntil ?? 0);
  const failure = stepFailure(title, call, outcome, found);
  throw mayAppear ? new StepError({ ...failure.facts, retryable: true, benign: true }) : failure;
}

/** What ends an enrichment is called so, but for credentials, which somebody can renew for many runs at once. */
function asEnrichment(error: unknown): never {
  if (!(error instanceof StepError) || error.facts.type === 'auth') throw error;
  const nextStep = 'Mend what the answer names, then retry: only the enrichment is repeated.';
  throw new StepError({ ...error.facts, type: 'enrich', nextStep });
}
