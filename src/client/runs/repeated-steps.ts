import type { WorkflowExecutionDescription } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { decodeOptionalFailureToOptionalError } from '@temporalio/common/lib/internal-non-workflow';
import type { temporal } from '@temporalio/proto';
import { PayloadDecryptionError } from '../../security/encryption/payload-codec';
import { epochMsOf } from '../../history/time';
import { problemSchema } from '../../history/stored-shapes';
import type { Problem } from '../../protocol/delivery';
import { failureDetailsOf } from '../../protocol/failure-details';
import type { StateAnswer } from '../../protocol/messages';
import type { ClientContext } from '../context';

/** A step that is retried. */
export interface RepeatedStep {
  /** Name of its activity. */
  readonly step: string;
  /** How often it was begun. */
  readonly attempts: number;
  /** ISO time of the next attempt; null while one is in progress. */
  readonly nextAt: string | null;
  /** What the latest attempt ended with; null if it says nothing that can be read here. */
  readonly problem: Problem | null;
}

/** What a run repeats, and why: attempts that it counts itself, and steps that Temporal repeats, which only its description shows. */
export async function repeatedSteps(
  context: ClientContext,
  { raw }: WorkflowExecutionDescription,
  now: StateAnswer | null,
): Promise<RepeatedStep[]> {
  const own = now?.retryReason ?? null;
  const pending = (raw.pendingActivities ?? []).filter(({ lastFailure }) => lastFailure);
  return [
    ...(own && now ? [{ step: own.stage, attempts: now.attempts, nextAt: now.waitingUntil, problem: own }] : []),
    ...(await Promise.all(pending.map((activity) => repeatedByTemporal(context, activity)))),
  ];
}

type Pending = temporal.api.workflow.v1.IPendingActivityInfo;

async function repeatedByTemporal(context: ClientContext, activity: Pending): Promise<RepeatedStep> {
  const { activityType, attempt, lastFailure, nextAttemptScheduleTime } = activity;
  const nextAt = epochMsOf(nextAttemptScheduleTime);
  return {
    step: activityType?.name ?? '',
    attempts: (attempt ?? 1) - (nextAttemptScheduleTime ? 1 : 0),
    nextAt: nextAt === null ? null : new Date(nextAt).toISOString(),
    problem: await problemIn(context, lastFailure),
  };
}

async function problemIn(
  { temporal: client }: ClientContext,
  failure: Pending['lastFailure'],
): Promise<Problem | null> {
  try {
    const error = await decodeOptionalFailureToOptionalError(client.options.loadedDataConverter, failure);
    if (!(error instanceof ApplicationFailure)) return null;
    return problemSchema.safeParse(failureDetailsOf(error)['problem']).data ?? null;
  } catch (error) {
    if (error instanceof PayloadDecryptionError) return null;
    throw error;
  }
}
