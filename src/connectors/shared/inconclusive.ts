import type { LookupAnswer } from '../../protocol/delivery';

/**
 * The answer of a lookup that found somebody and cannot tell whether that is the applicant of this push: a person can.
 *
 * @param system as people write it
 * @param message what was found and what is missing; no personal data
 */
export function inconclusive(system: string, message: string): LookupAnswer {
  return {
    answer: 'inconclusive',
    problem: {
      type: 'unknown_outcome',
      reason: 'write_failure',
      stage: 'findApplicant',
      message,
      whoMustAct: 'user',
      nextStep: `Look in ${system}, then resolve the run as delivered or not delivered.`,
    },
  };
}
