import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { Create, Files } from '../connectors/connector';
import { StepError, type ErrorFacts } from '../protocol/errors';
import type { Verdict } from '../http/classify';
import { TooLateError } from '../http/client';
import { factsOf as factsOfCall } from '../http/failure';
import { CLOCK_SKEW_MS } from '../protocol/timing';
import type { PushApplicantAnswer, PushApplicantInput } from '../protocol/messages';
import { downloadAttachments } from '../push/attachments';
import type { Dependencies } from '../push/dependencies';
import { attemptStartedAt } from './send-window';
import { factsOf, runStep, toProblem, workerStopped, type AttemptEnd } from './step';
import { bindTarget, withFreshTokens, type Target } from '../push/target';

const STEP = { stage: 'pushApplicant', reason: 'write_failure' } as const;

/**
 * One attempt to create the applicant: secrets, attachments and token first, then the create, which obeys cancellation and the
 * send window until its first byte and nothing from then on. Never repeated by Temporal: every end but "created" is a
 * failure whose details say what is known.
 */
export function pushApplicant(dependencies: Dependencies, input: PushApplicantInput): Promise<PushApplicantAnswer> {
  return runStep(STEP, async (signal) => {
    // Repeated from outside, by a reset of the activity: what became of the attempt before nobody knows.
    const again = Context.current().info.attempt > 1;
    const wire: SendState = { left: again, hasCarried: again };
    try {
      if (again) throw repeated();
      return await attempt(dependencies, input, signal, wire);
    } catch (error) {
      throw attemptFailure(error, signal, wire);
    }
  });
}

interface SendState {
  /** A create has left whose answer is not known. */
  left: boolean;
  /** A create has left, whatever was answered. */
  hasCarried: boolean;
}

async function attempt(
  dependencies: Dependencies,
  input: PushApplicantInput,
  signal: AbortSignal,
  wire: SendState,
): Promise<PushApplicantAnswer> {
  const target = bindTarget(dependencies, input, signal);
  const { create } = target.action;
  if (!create) throw new Error('the action has no create');
  const window = sendWindow(await attemptStartedAt(input.timing.connectTimeoutMs), input.timing.sendWindowMs);
  // Nothing is downloaded for an attempt whose turn comes later.
  const giveBack = await target.ctx.takeTurn();
  try {
    const files = await downloadAttachments(dependencies.http, target.ctx.settings, input.document, {
      signal,
      facts: input.files,
      beforeEach: () => window.assertOpen(),
      leftMs: () => window.leftMs(),
    });
    return await withFreshTokens(target, async () => {
      window.assertOpen();
      const { answer, failure } = await sendCreate(target, create, input, files, () => leave(window, wire));
      wire.left = false;
      if (failure) throw failure;
      return answer;
    });
  } finally {
    giveBack();
  }
}

/** Directly before the first byte of a create. */
function leave(window: SendWindow, wire: SendState): void {
  if (!window.isOpen()) throw new TooLateError();
  wire.left = true;
  wire.hasCarried = true;
}

async function sendCreate(
  { title, ctx }: Target,
  create: Create,
  { document, timing }: PushApplicantInput,
  files: Files,
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
    failure: new CreateError(found.verdict, factsOfCall(title, call, outcome, found)),
  };
}

/** The create call itself did not give an applicant; `verdict` says whether one may exist all the same. */
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

/** When an attempt may put its first byte on the wire. */
interface SendWindow {
  isOpen(): boolean;
  /** In milliseconds. */
  leftMs(): number;
  /** Between the steps before the create: an attempt that went on would be ended by its time-out, and count as unknown. */
  assertOpen(): void;
}

function sendWindow(startedAt: number, sendWindowMs: number): SendWindow {
  const leftMs = (): number => startedAt + sendWindowMs - Date.now();
  const isOpen = (): boolean => leftMs() >= 0 && leftMs() <= sendWindowMs + CLOCK_SKEW_MS;
  return {
    isOpen,
    leftMs,
    assertOpen() {
      if (!isOpen()) throw tookTooLong();
    },
  };
}

function repeated(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'The attempt was repeated from outside, and a create of the one before may have left.',
    whoMustAct: 'operator',
    nextStep: 'Nothing to do: the ATS is asked whether the applicant is there.',
    retryable: false,
  });
}

function tookTooLong(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'Getting ready took longer than an attempt may take, so nothing was sent.',
    whoMustAct: 'operator',
    nextStep: 'Look whether the storage of the attachments is slow, then retry.',
    retryable: true,
  });
}

/**
 * A failure with the problem and the verdict; cancelled on request before the first byte: the cancellation itself. Of an attempt that a
 * shutdown, a reset or a pause of the activity has ended, the run must know that nothing was sent.
 */
function attemptFailure(thrown: unknown, signal: AbortSignal, wire: SendState): Error {
  const error = signal.aborted && !wire.left && !(thrown instanceof StepError) ? workerStopped() : thrown;
  const verdict = verdictOf(error, wire);
  if (verdict === 'not_sent' && Context.current().cancellationDetails?.cancelRequested) {
    const reason: unknown = signal.reason;
    return reason instanceof CancelledFailure ? reason : new CancelledFailure('cancelled before anything was sent');
  }
  const facts = factsOf(error);
  const end: AttemptEnd = {
    verdict,
    sent: wire.hasCarried,
    delayMs: facts.delayMs ?? null,
    queued: facts.queued ?? false,
  };
  return ApplicationFailure.create({
    message: facts.message,
    type: facts.type,
    nonRetryable: true,
    details: [toProblem(error, STEP), end],
    ...(facts.benign && { category: ApplicationFailureCategory.BENIGN }),
  });
}

/** Whatever failed outside the create call failed before its first byte, unless the wire says otherwise. */
function verdictOf(error: unknown, wire: SendState): AttemptEnd['verdict'] {
  if (wire.left) return 'unknown';
  if (error instanceof CreateError) return CREATE_VERDICTS[error.verdict];
  return factsOf(error).retryable ? 'not_sent' : 'refused';
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
