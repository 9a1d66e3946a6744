import { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory, CancelledFailure } from '@temporalio/common';
import type { Create, Files } from '../connectors/connector';
import { StepFailure, type FailureFacts } from '../failure';
import type { Verdict } from '../http/classify';
import { TooLate } from '../http/client';
import { factsOf as factsOfCall } from '../http/failure';
import { CLOCK_SKEW_MS } from '../workflows/delivery';
import type { PushApplicantAnswer, PushApplicantInput } from '../workflows/types';
import { downloadAttachments } from './attachments';
import type { Dependencies } from './dependencies';
import { attemptStartedAt } from './send-window';
import { factsOf, runStep, toProblem, workerStopped, type AttemptEnd } from './step';
import { openTarget, withFreshTokens, type Target } from './target';

const STEP = { stage: 'pushApplicant', reason: 'write_failure' } as const;

/**
 * One attempt to create the applicant: secrets, attachments and token first, then the create, which obeys cancellation and the
 * send window until its first byte and nothing from then on. Never repeated by Temporal: every end but "created" is a
 * failure whose details say what is known.
 */
export function pushApplicant(dependencies: Dependencies, input: PushApplicantInput): Promise<PushApplicantAnswer> {
  return runStep(STEP, async (signal) => {
    // Repeated from outside, by a reset of the activity: what became of the attempt before nobody knows.
    const wire: Wire = { left: Context.current().info.attempt > 1 };
    try {
      if (wire.left) throw repeated();
      return await attempt(dependencies, input, signal, wire);
    } catch (error) {
      throw attemptFailure(error, signal, wire);
    }
  });
}

/** Whether a create has left whose answer is not known. */
interface Wire {
  left: boolean;
}

async function attempt(
  dependencies: Dependencies,
  input: PushApplicantInput,
  signal: AbortSignal,
  wire: Wire,
): Promise<PushApplicantAnswer> {
  const target = openTarget(dependencies, input, signal);
  const { create } = target.action;
  if (!create) throw new Error('the action has no create');
  const startedAt = await attemptStartedAt(input.numbers.connectTimeoutMs);
  const mayStillSend = () => isInTime(startedAt, input.numbers.sendWindowMs);
  const beforeFirstByte = () => {
    if (!mayStillSend()) throw new TooLate();
    wire.left = true;
  };
  const files = await downloadAttachments(dependencies.http, target.io.settings, input.document, {
    signal,
    facts: input.files,
    beforeEach: () => assertInTime(mayStillSend),
  });
  return withFreshTokens(target, async () => {
    assertInTime(mayStillSend);
    const { answer, failure } = await sendCreate(target, create, input, files, beforeFirstByte);
    wire.left = false;
    if (failure) throw failure;
    return answer;
  });
}

async function sendCreate(
  { title, io }: Target,
  create: Create,
  { document, numbers }: PushApplicantInput,
  files: Files,
  beforeFirstByte: () => void,
): Promise<{ answer: PushApplicantAnswer; failure: CreateFailure | null }> {
  const { documented, saysDuplicate } = create;
  const { connectTimeoutMs, responseTimeoutMs } = numbers;
  const call = await create.call(io, document, files);
  const { outcome, found } = await io.send(
    call,
    { documented, json: false, ...(saysDuplicate && { saysDuplicate }) },
    { connectTimeoutMs, responseTimeoutMs, beforeFirstByte },
  );
  if (found.verdict === 'ok' && outcome.arrived === 'answer') {
    return { answer: { atsId: create.atsId(outcome) }, failure: null };
  }
  return {
    answer: { atsId: null },
    failure: new CreateFailure(found.verdict, factsOfCall(title, call, outcome, found)),
  };
}

/** The create call itself did not give an applicant; `verdict` says whether one may exist all the same. */
class CreateFailure extends StepFailure {
  constructor(
    readonly verdict: Verdict,
    facts: FailureFacts,
  ) {
    super(facts);
  }
}

function isInTime(startedAt: number, sendWindowMs: number): boolean {
  const now = Date.now();
  return now <= startedAt + sendWindowMs && now >= startedAt - CLOCK_SKEW_MS;
}

function repeated(): StepFailure {
  return new StepFailure({
    type: 'unavailable',
    message: 'The attempt was repeated from outside, and a create of the one before may have left.',
    whoMustAct: 'operator',
    nextStep: 'Nothing to do: the ATS is asked whether the applicant is there.',
    retryable: false,
  });
}

/** Between the steps before the create: an attempt that went on would be ended by its time-out, and count as unknown. */
function assertInTime(mayStillSend: () => boolean): void {
  if (mayStillSend()) return;
  throw new StepFailure({
    type: 'unavailable',
    message: 'Getting ready took longer than an attempt may take, so nothing was sent.',
    whoMustAct: 'operator',
    nextStep: 'Look whether the storage of the attachments is slow, then retry.',
    retryable: true,
  });
}

/** A failure with the problem and the verdict; cancelled before the first byte: the cancellation itself. */
function attemptFailure(thrown: unknown, signal: AbortSignal, wire: Wire): Error {
  const error = signal.aborted && !wire.left && !(thrown instanceof StepFailure) ? workerStopped() : thrown;
  const verdict = verdictOf(error, wire);
  if (verdict === 'not_sent' && signal.aborted && !Context.current().cancellationDetails?.workerShutdown) {
    const reason: unknown = signal.reason;
    return reason instanceof CancelledFailure ? reason : new CancelledFailure('cancelled before anything was sent');
  }
  const facts = factsOf(error);
  const end: AttemptEnd = {
    verdict,
    sent: wire.left || error instanceof CreateFailure,
    delayMs: facts.delayMs ?? null,
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
function verdictOf(error: unknown, wire: Wire): AttemptEnd['verdict'] {
  if (wire.left) return 'unknown';
  if (error instanceof CreateFailure) return CREATE_VERDICTS[error.verdict];
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
