import type { Problem } from './delivery/state';
import type { FailureType, WhoMustAct } from './names';

/** What every problem of a type has in common, unless the place that reports it knows more. */
export interface ProblemDefaults {
  /** One sentence. */
  readonly meaning: string;
  readonly whoMustAct: WhoMustAct;
  readonly nextStep: string;
  /** Whether the step is retried without anybody's help. */
  readonly retryable: boolean;
}

/** The table of problems. `docs/errors.md` is generated from it. */
export const PROBLEMS: Readonly<Record<FailureType, ProblemDefaults>> = {
  input: {
    meaning: 'The input cannot be used. Nothing was read or sent.',
    whoMustAct: 'user',
    nextStep: 'Correct the input and start the push again.',
    retryable: false,
  },
  auth: {
    meaning: 'Credentials are missing, were refused, or lack a permission.',
    whoMustAct: 'user',
    nextStep: 'Renew the credentials or their permissions, then retry.',
    retryable: false,
  },
  quota: {
    meaning: 'A quota of HrFlow.ai or of the ATS is used up.',
    whoMustAct: 'user',
    nextStep: 'Raise the quota or wait for the next period, then retry.',
    retryable: false,
  },
  refused: {
    meaning: 'A system refused a request, or the request cannot be made.',
    whoMustAct: 'user',
    nextStep: 'Fix the problem named in the response, then retry.',
    retryable: false,
  },
  attachment: {
    meaning: 'An attachment of the profile cannot be downloaded, or is not a file that can be sent.',
    whoMustAct: 'user',
    nextStep: 'Fix the attachment in HrFlow.ai, then retry: the profile is read again, with fresh links.',
    retryable: false,
  },
  unavailable: {
    meaning: 'A system, the network or a worker did not respond, or did not respond as documented.',
    whoMustAct: 'vendor',
    nextStep: 'Find out why the system does not respond, then retry.',
    retryable: true,
  },
  unknown_outcome: {
    meaning: 'Whether the applicant was created is unknown, and a lookup could not settle it.',
    whoMustAct: 'user',
    nextStep: 'Check the ATS, then resolve the run as delivered or not delivered.',
    retryable: false,
  },
  logics: {
    meaning: 'A user-defined logic threw an error, or returned something other than a profile or null.',
    whoMustAct: 'user',
    nextStep: 'Fix the logic on the worker, then retry.',
    retryable: false,
  },
  format: {
    meaning: 'The profile cannot be turned into a document of the ATS, or a user-defined format failed.',
    whoMustAct: 'user',
    nextStep: 'Correct the profile in HrFlow.ai or use a custom format, then retry.',
    retryable: false,
  },
  enrich: {
    meaning: 'The candidate is in the ATS but was not enriched.',
    whoMustAct: 'user',
    nextStep: 'Fix the problem named in the response, then retry: only the enrichment is retried.',
    retryable: false,
  },
  abandoned: {
    meaning: 'A user or an operator abandoned the run.',
    whoMustAct: 'user',
    nextStep: 'Start the push again if it is still wanted.',
    retryable: false,
  },
  cancelled: {
    meaning: 'The run was cancelled.',
    whoMustAct: 'user',
    nextStep: 'Start the push again if it is still wanted.',
    retryable: false,
  },
  workflow_id_taken: {
    meaning: 'The workflow id belongs to another push.',
    whoMustAct: 'user',
    nextStep: 'Omit workflowId, or choose another one.',
    retryable: false,
  },
  internal: {
    meaning: 'An unexpected error in this package or its deployment.',
    whoMustAct: 'operator',
    nextStep: 'Check the log of the worker, then retry.',
    retryable: false,
  },
};

/** The next step of a run that ended without knowing what is in the ATS. */
export const CHECKS_BEFORE_SENDING = 'Start the same push again: it checks the ATS before it sends anything.';

/** Returns a problem. What `facts` leaves out is as in {@link PROBLEMS}. */
export function createProblem(
  facts: Omit<Problem, 'whoMustAct' | 'nextStep'> & Partial<Pick<Problem, 'whoMustAct' | 'nextStep'>>,
): Problem {
  const { whoMustAct, nextStep } = PROBLEMS[facts.type];
  return { ...facts, whoMustAct: facts.whoMustAct ?? whoMustAct, nextStep: facts.nextStep ?? nextStep };
}
