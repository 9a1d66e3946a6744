import type { LoadedDataConverter } from '@temporalio/common';
import {
  decodeArrayFromPayloads,
  decodeOptionalFailureToOptionalError,
} from '@temporalio/common/lib/internal-non-workflow';
import type { temporal } from '@temporalio/proto';
import { connectorAction } from '../connectors/lookup';
import { apply, newRun, type Event, type LookupKeys, type Problem, type Run } from '../workflows/delivery';
import { verdictOf } from '../workflows/problems';
import {
  findInputSchema,
  lookupAnswerSchema,
  pushAnswerSchema,
  pushInputSchema,
  recallAnswerSchema,
  resolveArgsSchema,
  runInputSchema,
} from './recall-schemas';

type History = temporal.api.history.v1.IHistory;
type HistoryEvent = temporal.api.history.v1.IHistoryEvent;
type Payloads = temporal.api.common.v1.IPayloads | null | undefined;

/** An activity that was scheduled, until its end is met. */
interface Scheduled {
  readonly name: string;
  readonly input: unknown;
}

/**
 * Reconstructs what a run without result or failure details knew (cancelled, terminated, timed out): its history in order, through
 * the state machine that the run itself used. An attempt whose end is not in the history is unknown and may still send.
 *
 * @returns null where the history cannot be read
 */
export async function readHistory(history: History, converter: LoadedDataConverter): Promise<Run | null> {
  const reader = new HistoryReader(converter);
  for (const event of history.events ?? []) await reader.read(event);
  return reader.end();
}

class HistoryReader {
  private run: Run | null = null;
  private now = 0;
  private readonly scheduled = new Map<string, Scheduled>();

  constructor(private readonly converter: LoadedDataConverter) {}

  async read(event: HistoryEvent): Promise<void> {
    this.now = epochMs(event);
    if (event.workflowExecutionStartedEventAttributes) {
      await this.started(event.workflowExecutionStartedEventAttributes);
    }
    if (event.activityTaskScheduledEventAttributes) {
      await this.activityScheduled(String(event.eventId), event.activityTaskScheduledEventAttributes);
    }
    if (event.activityTaskCompletedEventAttributes) {
      const { scheduledEventId, result } = event.activityTaskCompletedEventAttributes;
      this.completed(this.take(scheduledEventId), await this.first(result));
    }
    await this.ended(event);
    if (event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input) {
      const { name, args } = event.workflowExecutionUpdateAcceptedEventAttributes.acceptedRequest.input;
      if (name === 'resolve') this.resolved(await this.first(args));
    }
  }

  /** What is known at the end of the history. */
  end(): Run | null {
    if (this.run?.underWay === 'push') this.lost();
    return this.run;
  }

  private async started({
    input,
    workflowType,
  }: temporal.api.history.v1.IWorkflowExecutionStartedEventAttributes): Promise<void> {
    const { data } = runInputSchema.safeParse(await this.first(input));
    if (!data) return;
    const alone = workflowType?.name === 'enrichProfile';
    const ask = alone ? { ...data.ask, create: false, enrich: true } : data.ask;
    this.run = data.continued
      ? { ...newRun(data.continued.ask, data.continued.recalled), ...data.continued, underWay: null }
      : newRun(ask, data.further === null);
  }

  private async activityScheduled(
    id: string,
    { activityType, input }: temporal.api.history.v1.IActivityTaskScheduledEventAttributes,
  ): Promise<void> {
    const scheduled = { name: activityType?.name ?? '', input: await this.first(input) };
    this.scheduled.set(id, scheduled);
    if (scheduled.name === 'enrich') this.apply({ type: 'began', what: 'enrich', now: this.now });
    if (scheduled.name !== 'pushApplicant') return;
    const { data } = pushInputSchema.safeParse(scheduled.input);
    if (data) this.apply({ type: 'prepared', numbers: data.numbers, keys: keysOf(data), now: this.now });
    this.apply({ type: 'began', what: 'push', now: this.now });
  }

  private completed(activity: Scheduled | undefined, result: unknown): void {
    if (activity?.name === 'recall') {
      const { data } = recallAnswerSchema.safeParse(result);
      if (data) this.apply({ type: 'recalled', ...data });
    }
    if (activity?.name === 'pushApplicant') {
      const atsId = pushAnswerSchema.safeParse(result).data?.atsId ?? null;
      this.apply({ type: 'attempted', verdict: { verdict: 'created', atsId }, now: this.now, jitter: 0 });
    }
    if (activity?.name === 'enrich') this.apply({ type: 'enriched' });
    if (activity?.name === 'findApplicant') {
      const [asked, answer] = [
        findInputSchema.safeParse(activity.input).data,
        lookupAnswerSchema.safeParse(result).data,
      ];
      if (asked && answer) this.apply({ type: 'lookedUp', ...asked, answer, now: this.now });
    }
  }

  private async ended(event: HistoryEvent): Promise<void> {
    const failed = event.activityTaskFailedEventAttributes;
    const timedOut = event.activityTaskTimedOutEventAttributes;
    const cancelled = event.activityTaskCanceledEventAttributes;
    const end = failed ?? timedOut ?? cancelled;
    if (!end || this.take(end.scheduledEventId)?.name !== 'pushApplicant') return;
    if (timedOut) {
      this.lost();
      return;
    }
    if (cancelled) {
      this.apply({ type: 'stopped' });
      return;
    }
    const error = await decodeOptionalFailureToOptionalError(this.converter, failed?.failure);
    const verdict = verdictOf(error);
    if (verdict) this.apply({ type: 'attempted', verdict, now: this.now, jitter: 0 });
    else this.lost();
  }

  private resolved(args: unknown): void {
    const { data } = resolveArgsSchema.safeParse(args);
    if (data) this.apply({ type: 'resolved', delivered: data.delivered, atsId: data.atsId ?? null });
  }

  private lost(): void {
    this.apply({ type: 'attemptLost', problem: LOST, now: this.now });
  }

  private apply(event: Event): void {
    if (this.run) this.run = apply(this.run, event);
  }

  private take(scheduledEventId: unknown): Scheduled | undefined {
    return this.scheduled.get(String(scheduledEventId));
  }

  private async first(payloads: Payloads | null): Promise<unknown> {
    const [value] = await decodeArrayFromPayloads(this.converter, payloads?.payloads);
    return value;
  }
}

const LOST: Problem = {
  type: 'unavailable',
  reason: 'write_failure',
  stage: 'pushApplicant',
  message: 'An earlier run ended while an attempt was under way.',
  whoMustAct: 'operator',
  nextStep: 'Nothing to do: the ATS is asked whether the applicant is there.',
};

function keysOf(input: ReturnType<typeof pushInputSchema.parse>): LookupKeys | null {
  const { definition } = connectorAction(input.connector, input.action);
  return definition.open(input.targetParameters).create?.keys(input.document) ?? null;
}

function epochMs({ eventTime }: HistoryEvent): number {
  return Number(eventTime?.seconds ?? 0) * 1_000 + (eventTime?.nanos ?? 0) / 1_000_000;
}
