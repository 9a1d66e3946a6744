import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import { StepError } from '../protocol/errors';
import { stepFailureDetails } from '../protocol/failure-details';
import type { PushApplicantAnswer, PushApplicantInput } from '../protocol/messages';
import { attemptCreate, endOfAttempt, restarted, workerStopped, type SendState } from '../push/attempt';
import type { Dependencies } from '../push/dependencies';
import { factsOf, toProblem } from '../push/facts';
import type { StepScope } from '../push/scope';
import { createSendWindow } from '../push/send-window';
import { attemptStartedAt } from './attempt-start';
import { LABELS, runStep } from './step';

/**
 * The activity `pushApplicant`: one attempt to create the applicant. Temporal never retries it. Every end but "created" is a failure
 * whose details say what is known.
 */
export function pushApplicant(dependencies: Dependencies, input: PushApplicantInput): Promise<PushApplicantAnswer> {
  return runStep(LABELS.pushApplicant, async (scope) => {
    // A reset of the activity restarts it, and nobody knows what became of the attempt before.
    const isRestarted = Context.current().info.attempt > 1;
    const state: SendState = { inFlight: isRestarted, everSent: isRestarted };
    try {
      if (isRestarted) throw restarted();
      const { connectTimeoutMs, sendWindowMs } = input.timing;
      const window = createSendWindow(await attemptStartedAt(connectTimeoutMs), sendWindowMs, scope.now);
      return await attemptCreate(dependencies, input, scope, window, state);
    } catch (error) {
      throw attemptFailure(error, state, scope);
    }
  });
}

/**
 * Returns a failure with the problem and the verdict, or the cancellation itself if one was requested before the first byte. If a
 * shutdown, a reset or a pause of the activity ended the attempt, the run learns that nothing was sent.
 */
function attemptFailure(thrown: unknown, state: SendState, scope: StepScope): Error {
  const { signal, scrubber } = scope;
  const error = signal.aborted && !state.inFlight && !(thrown instanceof StepError) ? workerStopped() : thrown;
  const end = endOfAttempt(error, state, scope);
  if (end.verdict === 'not_sent' && Context.current().cancellationDetails?.cancelRequested) {
    const reason: unknown = signal.reason;
    return reason instanceof CancelledFailure ? reason : new CancelledFailure('cancelled before anything was sent');
  }
  const facts = factsOf(error, scrubber);
  return ApplicationFailure.create({
    message: facts.message,
    type: facts.type,
    nonRetryable: true,
    details: stepFailureDetails(toProblem(error, LABELS.pushApplicant, scrubber), end),
    ...(facts.benign && { category: ApplicationFailureCategory.BENIGN }),
  });
}
