import { StepError } from '../protocol/errors';
import type { LookupAnswer } from '../protocol/delivery';
import type { FindInput } from '../protocol/messages';
import type { Dependencies } from './dependencies';
import { toProblem } from './facts';
import type { StepScope } from './scope';
import { bindTarget, withFreshTokens } from './target';
import { createProblem } from '../protocol/problems';

const LABEL = { stage: 'findApplicant', reason: 'write_failure' } as const;

const NOT_KNOWN = 'what an earlier run sent cannot be read any more, so it cannot be looked for.';

/**
 * Looks whether the applicant is in the ATS. Nothing found counts only after a complete, well-formed answer; whatever proves nothing
 * is repeated, and what will not get better by it is answered as "cannot look up".
 */
export async function findApplicant(
  dependencies: Dependencies,
  input: FindInput,
  scope: StepScope,
): Promise<LookupAnswer> {
  const target = bindTarget(dependencies, input, scope);
  const { lookup } = target.action;
  const { lookupKeys } = input;
  if ('unavailable' in lookup) return cannot(lookup.unavailable);
  if (!lookupKeys)
    return cannot(isOfEarlierRun(input) ? NOT_KNOWN : `the document holds no ${lookup.requirement} to look for.`);
  try {
    const firstAttemptAt = input.purpose === 'first' ? null : input.firstAttemptAt;
    return await withFreshTokens(target, () => lookup.find(target.ctx, { lookupKeys, firstAttemptAt }));
  } catch (error) {
    if (!(error instanceof StepError) || error.facts.retryable) throw error;
    return { answer: 'unavailable', problem: toProblem(error, LABEL, scope.scrubber) };
  }
}

/** Before the first create there is nothing to settle: the keys are those of the document that is about to be sent. */
function isOfEarlierRun({ purpose, firstAttemptAt }: FindInput): boolean {
  return (purpose === 'settle' || purpose === 'refusal') && firstAttemptAt === null;
}

function cannot(message: string): LookupAnswer {
  return { answer: 'unavailable', problem: createProblem({ ...LABEL, type: 'unknown_outcome', message }) };
}
