import { StepFailure } from '../protocol/errors';
import { settingsOf } from '../config/settings';
import type { LookupAnswer } from '../protocol/delivery';
import type { FindInput } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { runStep, toProblem } from './step';
import { openTarget, withFreshTokens } from '../push/target';

const STEP = { stage: 'findApplicant', reason: 'write_failure' } as const;

const NOTHING_TO_LOOK_FOR = 'the document holds no e-mail (or, for Oracle, no last name) to look for.';
const NOT_KNOWN = 'what an earlier run sent cannot be read any more, so it cannot be looked for.';

/**
 * Looks whether the applicant is in the ATS. Nothing found counts only after a complete, well-formed answer; whatever proves nothing
 * is repeated, and what will not get better by it is answered as "cannot look up".
 */
export function findApplicant(dependencies: Dependencies, input: FindInput): Promise<LookupAnswer> {
  const { retry } = settingsOf(dependencies.settings, input.connector);
  return runStep({ ...STEP, retry }, async (signal) => {
    const target = openTarget(dependencies, input, signal);
    const { find, noLookup } = target.action;
    const { keys } = input;
    if (!find) return cannot(noLookup ?? 'this action cannot look up applicants.');
    if (!keys) return cannot(isOfEarlierRun(input) ? NOT_KNOWN : NOTHING_TO_LOOK_FOR);
    try {
      const t0 = input.purpose === 'first' ? null : input.t0;
      return await withFreshTokens(target, () => find(target.io, { keys, t0 }));
    } catch (error) {
      if (!(error instanceof StepFailure) || error.facts.retryable) throw error;
      return { answer: 'cannot_look_up', problem: toProblem(error, STEP) };
    }
  });
}

/** Before the first create there is nothing to settle: the keys are those of the document that is about to be sent. */
function isOfEarlierRun({ purpose, t0 }: FindInput): boolean {
  return (purpose === 'settle' || purpose === 'refusal') && t0 === null;
}

function cannot(message: string): LookupAnswer {
  const problem = {
    ...STEP,
    type: 'unknown_outcome',
    message,
    whoMustAct: 'user',
    nextStep: 'Look in the ATS, then resolve the run as delivered or not delivered.',
  } as const;
  return { answer: 'cannot_look_up', problem };
}
