import { ApplicationFailure, CancelledFailure, type LoadedDataConverter } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { connectorAction } from '../connectors/lookup';
import { eventsOf, type RunEvent } from './events';
import {
  apply,
  initialState,
  type AttemptVerdict,
  type Event,
  type LookupKeys,
  type PushState,
} from '../protocol/delivery';
import { type Timing } from '../protocol/timing';
import { cancelledVerdict, reportedVerdict } from '../protocol/failure-details';
import {
  findInputSchema,
  lookupAnswerSchema,
  pushAnswerSchema,
  pushInputSchema,
  recallAnswerSchema,
  resolveArgsSchema,
  runInputSchema,
} from './stored-shapes';
import { createProblem } from '../protocol/problems';

type History = temporal.api.history.v1.IHistory;
type EventOf<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;

/** An activity that was scheduled, until its end is met. */
interface Scheduled {
  readonly name: string;
  readonly input: unknown;
}

/** Steps whose end says something of the applicant. */
const TELLING = ['recall', 'pushApplicant', 'findApplicant', 'enrich'];

/**
 * Reconstructs what a run without result or failure details knew (cancelled, terminated, timed out): its history in order, through
 * the state machine that the run itself used. An attempt whose end is not in the history is unknown and may still send.
 *
 * @param usual stands in for timing that the history does not tell
 * @throws HistoryUnreadableError, or what decoding throws
 */
export async function readHistory(history: History, converter: LoadedDataConverter, usual: Timing): Promise<PushState> {
  const reader = new HistoryReader(usual);
  const events = eventsOf(history, converter);
  for (const event of events) await reader.read(event);
  return reader.end(events.at(-1));
}

/** A history that is not whole, or not one of ours: what it does not tell must not count as not done. */
class HistoryUnreadableError extends Error {
  override readonly name = 'HistoryUnreadableError';
}

class HistoryReader {
  private run: PushState | null = null;
  private now: number | null = null;
  private readonly scheduled = new Map<string, Scheduled>();

  constructor(private readonly usual: Timing) {}

  async read(event: RunEvent): Promise<void> {
    this.now = event.at ?? this.now;
    switch (event.kind) {
      case 'runStarted':
        return this.started(event);
      case 'activityScheduled':
        return this.activityScheduled(event);
      case 'activityCompleted':
        return this.completed(event);
      case 'activityFailed':
      case 'activityTimedOut':
      case 'activityCancelled':
        return this.attemptEnded(event);
      case 'updateAccepted':
        if (event.name === 'resolve') this.resolved(await event.args());
        return;
      default:
        return;
    }
  }

  /** Returns what is known at the end of the history. */
  end(last: RunEvent | undefined): PushState {
    if (last?.kind !== 'runEnded') throw new HistoryUnreadableError('the history does not reach to the end of its run');
    this.lostUnlessEnded();
    if (!this.run) throw new HistoryUnreadableError('the history has no beginning that can be read');
    if (!this.run.recalled && this.run.attempts > 0)
      throw new HistoryUnreadableError('what its own recall answered cannot be read');
    return this.run;
  }

  private async started({ input, workflowType, isContinued }: EventOf<'runStarted'>): Promise<void> {
    const { data } = runInputSchema.safeParse(await input());
    if (!data || (isContinued && !data.continued)) return;
    const alone = workflowType === 'enrichProfile';
    const options = alone ? { ...data.options, create: false, enrich: true } : data.options;
    this.run = data.continued
      ? { ...initialState(data.continued.options, data.continued.recalled), ...data.continued, activeStep: null }
      : initialState(options, data.previousRun === null);
  }

  private async activityScheduled({ activity, input }: EventOf<'activityScheduled'>): Promise<void> {
    // The run does one thing after the other.
    this.lostUnlessEnded();
    if (!activity?.name) throw new HistoryUnreadableError('the history does not name every step');
    const { id, name } = activity;
    if (!TELLING.includes(name)) return;
    const scheduled = { name, input: await input() };
    this.scheduled.set(id, scheduled);
    if (name === 'enrich') this.began('enrich');
    if (name === 'findApplicant') this.findScheduled(scheduled.input);
    if (name === 'pushApplicant') this.pushScheduled(scheduled.input);
  }

  private pushScheduled(input: unknown): void {
    const { data } = pushInputSchema.safeParse(input);
    this.prepared(data ? keysOf(data) : null, data?.timing ?? null);
    this.began('push');
  }

  /** A lookup before the first create asks for the document that is ready. */
  private findScheduled(input: unknown): void {
    const { data } = findInputSchema.safeParse(input);
    if (data?.purpose === 'first' || data?.purpose === 'again') this.prepared(data.lookupKeys, null);
  }

  private async completed(event: EventOf<'activityCompleted'>): Promise<void> {
    const activity = this.take(event);
    if (!activity) return;
    const result = await event.output();
    if (activity.name === 'recall') {
      const { data } = recallAnswerSchema.safeParse(result);
      if (data) this.apply({ type: 'recallFinished', delivery: data.delivery, timing: data.timing ?? this.usual });
    }
    if (activity.name === 'pushApplicant') {
      const atsId = pushAnswerSchema.safeParse(result).data?.atsId ?? null;
      this.apply({ type: 'attemptFinished', verdict: { verdict: 'created', atsId }, now: this.time(), jitter: 0 });
    }
    if (activity.name === 'enrich') this.apply({ type: 'enrichmentFinished' });
    if (activity.name === 'findApplicant') {
      const asked = findInputSchema.safeParse(activity.input).data;
      const answer = lookupAnswerSchema.safeParse(result).data;
      if (asked && answer) {
        const { purpose, afterSettle } = asked;
        this.apply({ type: 'lookupFinished', purpose, afterSettle, answer, now: this.time() });
      }
    }
  }

  private async attemptEnded(
    event: EventOf<'activityFailed' | 'activityTimedOut' | 'activityCancelled'>,
  ): Promise<void> {
    if (this.take(event)?.name !== 'pushApplicant') return;
    if (event.kind === 'activityCancelled') {
      this.apply({ type: 'stepCancelled' });
      return;
    }
    const verdict = event.kind === 'activityFailed' ? verdictOf(await event.error()) : null;
    if (verdict) this.apply({ type: 'attemptFinished', verdict, now: this.time(), jitter: 0 });
    else this.lost();
  }

  private resolved(args: unknown): void {
    const { data } = resolveArgsSchema.safeParse(args);
    // Where a lookup has found the applicant at the same moment, the applicant is there.
    if (!data || (!data.delivered && this.run?.delivery.applicant === 'there')) return;
    this.apply({ type: 'resolveAccepted', delivered: data.delivered, atsId: data.atsId });
  }

  private began(what: 'push' | 'enrich'): void {
    this.apply({ type: 'stepStarted', step: what, now: this.time() });
  }

  private prepared(keys: LookupKeys | null, timing: Timing | null): void {
    this.apply({
      type: 'prepareFinished',
      lookupKeys: keys,
      timing: timing ?? this.run?.timing ?? this.usual,
      now: this.time(),
    });
  }

  private lostUnlessEnded(): void {
    if (this.run?.activeStep === 'push') this.lost();
  }

  private lost(): void {
    this.apply({ type: 'attemptLost', problem: LOST, now: this.time() });
  }

  private time(): number {
    if (this.now === null) throw new HistoryUnreadableError('the history does not tell when things happened');
    return this.now;
  }

  private apply(event: Event): void {
    if (this.run) this.run = apply(this.run, event);
  }

  private take({ activity }: RunEvent): Scheduled | undefined {
    const id = activity?.id ?? '';
    const scheduled = this.scheduled.get(id);
    this.scheduled.delete(id);
    return scheduled;
  }
}

const LOST = createProblem({
  type: 'unavailable',
  reason: 'write_failure',
  stage: 'pushApplicant',
  message: 'An earlier run ended while an attempt was in progress.',
  whoMustAct: 'operator',
  nextStep: 'Nothing to do: a lookup checks whether the applicant is in the ATS.',
});

function verdictOf(error: unknown): AttemptVerdict | null {
  if (error instanceof CancelledFailure) return cancelledVerdict();
  return error instanceof ApplicationFailure ? reportedVerdict(error) : null;
}

function keysOf(input: ReturnType<typeof pushInputSchema.parse>): LookupKeys | null {
  const { definition } = connectorAction(input.connector, input.action);
  return definition.bind(input.targetParameters).create?.lookupKeys(input.document) ?? null;
}
