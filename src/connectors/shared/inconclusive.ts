import type { LookupAnswer } from '../../protocol/delivery';
import { createProblem } from '../../protocol/problems';

/**
 * The answer of a lookup that found somebody and cannot tell whether that is the applicant of this push: a person can.
 *
 * @param system as people write it
 * @param message what was found and what is missing; no personal data
 */
export function inconclusive(system: string, message: string): LookupAnswer {
  return {
    answer: 'inconclusive',
    problem: createProblem({
      type: 'unknown_outcome',
      reason: 'write_failure',
      stage: 'findApplicant',
      message,
      nextStep: `Check ${system}, then resolve the run as delivered or not delivered.`,
    }),
  };
}
