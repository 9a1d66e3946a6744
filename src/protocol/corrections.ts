import type { RetryArgs, RunInput } from './messages';

/** The members of a run's input that `retry` may correct. */
export type Correctable = Pick<RunInput, 'enrich' | 'actionParameters' | 'originParameters' | 'targetParameters'>;

/** The input after `retry`: members of a group are replaced one by one. Run by the workflow, and by clients that follow it. */
export function correctedInput<T extends Correctable>(input: T, corrections: RetryArgs): T {
  return {
    ...input,
    enrich: corrections.enrich ?? asksEnrichment(corrections.targetParameters) ?? input.enrich,
    actionParameters: { ...input.actionParameters, ...corrections.actionParameters },
    originParameters: { ...input.originParameters, ...corrections.originParameters },
    targetParameters: { ...input.targetParameters, ...corrections.targetParameters },
  };
}

/** From the Temporal UI `enrich` may come among the target parameters alone. */
function asksEnrichment(corrected: RetryArgs['targetParameters']): boolean | null {
  return corrected && 'enrich' in corrected ? corrected['enrich'] !== null && corrected['enrich'] !== undefined : null;
}
