import { StepError } from '../protocol/errors';
import { callError } from '../http/failure';
import type { EnrichInput } from '../protocol/messages';
import type { Dependencies } from './dependencies';
import type { StepScope } from './scope';
import { bindTarget, withFreshTokens, type Target } from './target';
import { PROBLEMS } from '../protocol/problems';

/** Sets the attributes of the candidate. Repeated after an unknown outcome: what is set twice is set. */
export async function enrich(dependencies: Dependencies, input: EnrichInput, scope: StepScope): Promise<void> {
  const target = bindTarget(dependencies, input, scope);
  await withFreshTokens(target, () => setAttributes(target, input, scope)).catch(asEnrichment);
}

async function setAttributes(
  { title, action, ctx }: Target,
  input: EnrichInput,
  { now, scrubber }: StepScope,
): Promise<void> {
  const { enrichment } = action;
  if (!enrichment) throw new Error('the action has no enrichment');
  const call = await enrichment.call(ctx, input.document);
  const { outcome, found } = await ctx.send(call, { successStatuses: enrichment.successStatuses, json: false });
  if (found.verdict === 'ok') return;
  const notFound = outcome.arrived === 'answer' && enrichment.notFound(ctx.settings).includes(outcome.status);
  const mayAppear = notFound && now() < (input.retryNotFoundUntil ?? 0);
  const failure = callError(title, call, outcome, found, scrubber.scrub);
  throw mayAppear ? new StepError({ ...failure.facts, retryable: true, benign: true }) : failure;
}

/** What ends an enrichment is called so, but for credentials, which somebody can renew for many runs at once. */
function asEnrichment(error: unknown): never {
  if (!(error instanceof StepError) || error.facts.type === 'auth') throw error;
  const { nextStep } = PROBLEMS.enrich;
  throw new StepError({ ...error.facts, type: 'enrich', nextStep });
}
