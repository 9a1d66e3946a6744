import type { Create, Files } from '../connectors/connector';
import type { Verdict } from '../http/classify';
import { TooLateError } from '../http/client';
import { factsOf as factsOfCall } from '../http/failure';
import { StepError, type ErrorFacts } from '../protocol/errors';
import type { AttemptEnd } from '../protocol/failure-details';
import type { PushApplicantAnswer, PushApplicantInput } from '../protocol/messages';
import { downloadAttachments } from './attachments';
import type { Dependencies } from './dependencies';
import { factsOf } from './facts';
import type { StepScope } from './scope';
import type { SendWindow } from './send-window';
import { bindTarget, withFreshTokens, type Target } from './target';

/** What an attempt has put on the wire so far. */
export interface SendState {
  /** A create has left, and its response is not known. */
  inFlight: boolean;
  /** A create has left, whatever the response was. */
  everSent: boolean;
}

/**
 * Makes one attempt to create the applicant: secrets, attachments and token first, then the create. The create obeys the signal and
 * the send window until its first byte, and nothing after it.
 *
 * @param window when the attempt may put its first byte on the wire
 * @param state is kept up to date, so that the caller knows what has left if this throws
 */
export async function attemptCreate(
  dependencies: Dependencies,
  input: PushApplicantInput,
  scope: StepScope,
  window: SendWindow,
  state: SendState,
): Promise<PushApplicantAnswer> {
  const target = bindTarget(dependencies, input, scope);
  const { create } = target.action;
  if (!create) throw new Error('the action has no create');
  // Nothing is downloaded for an attempt whose turn comes later.
  const giveBack = await target.ctx.takeTurn();
  try {
    const files = await downloadAttachments(dependencies.http, target.ctx.settings, input.document, {
      signal: scope.signal,
      facts: input.files,
      beforeEach: () => window.assertOpen(),
      leftMs: () => window.leftMs(),
    });
    return await withFreshTokens(target, async () => {
      window.assertOpen();
      const { answer, failure } = await sendCreate(target, create, input, files, scope, () => leave(window, state));
      state.inFlight = false;
      if (failure) throw failure;
      return answer;
    });
  } finally {
    giveBack();
  }
}

/** Runs immediately before the first byte of a create. */
function leave(window: SendWindow, state: SendState): void {
  if (!window.isOpen()) throw new TooLateError();
  state.inFlight = true;
  state.everSent = true;
}

async function sendCreate(
  { title, ctx }: Target,
  create: Create,
  { document, timing }: PushApplicantInput,
  files: Files,
  { scrubber }: StepScope,
  beforeFirstByte: () => void,
): Promise<{ answer: PushApplicantAnswer; failure: CreateError | null }> {
  const { successStatuses, isDuplicate } = create;
  const { connectTimeoutMs, responseTimeoutMs } = timing;
  const call = await create.call(ctx, document, files);
  const { outcome, found } = await ctx.send(
    call,
    { successStatuses, json: false, ...(isDuplicate && { isDuplicate }) },
    { connectTimeoutMs, responseTimeoutMs, beforeFirstByte },
  );
  if (found.verdict === 'ok' && outcome.arrived === 'answer') {
    return { answer: { atsId: create.readId(outcome) }, failure: null };
  }
  return {
    answer: { atsId: null },
    failure: new CreateError(found.verdict, factsOfCall(title, call, outcome, found, scrubber.scrub)),
  };
}

/** The create call itself failed. `verdict` says whether an applicant may exist all the same. */
class CreateError extends StepError {
  constructor(
    readonly verdict: Verdict,
    facts: ErrorFacts,
  ) {
    super(facts);
  }

  override asFinal(): CreateError {
    return new CreateError(this.verdict, { ...this.facts, retryable: false });
  }
}

/** Returns what an attempt that failed means for the applicant. */
export function endOfAttempt(error: unknown, state: SendState, { scrubber }: StepScope): AttemptEnd {
  const { delayMs = null, queued = false } = factsOf(error, scrubber);
  return { verdict: verdictOf(error, state, scrubber), sent: state.everSent, delayMs, queued };
}

/** Whatever fails outside the create call fails before its first byte, unless a create is in flight. */
function verdictOf(error: unknown, { inFlight }: SendState, scrubber: StepScope['scrubber']): AttemptEnd['verdict'] {
  if (inFlight) return 'unknown';
  if (error instanceof CreateError) return CREATE_VERDICTS[error.verdict];
  return factsOf(error, scrubber).retryable ? 'not_sent' : 'refused';
}

const CREATE_VERDICTS: Readonly<Record<Verdict, AttemptEnd['verdict']>> = {
  not_sent: 'not_sent',
  unauthorised: 'refused',
  refused: 'refused',
  duplicate: 'duplicate',
  unknown: 'unknown',
  ok: 'unknown',
  repeat: 'unknown',
};

/** Returns the error of an attempt that follows another one under the same name: a create of the earlier one may have left. */
export function restarted(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'The attempt was restarted from outside, and a create of the earlier attempt may have left.',
    whoMustAct: 'operator',
    nextStep: 'Nothing to do: a lookup checks whether the applicant is in the ATS.',
    retryable: false,
  });
}

/** Returns the error of a step whose worker shuts down. */
export function workerStopped(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'The worker was shut down before the step was done.',
    whoMustAct: 'operator',
    nextStep: 'Nothing to do: another worker continues.',
    benign: true,
  });
}
