import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { loadDataConverter } from '@temporalio/common/lib/internal-non-workflow';
import { historyFromJSON, type History } from '@temporalio/common/lib/proto-utils';
import type { temporal } from '@temporalio/proto';
import { readHistory } from '../../../src/history/recall-history';
import { knowledgeSchema } from '../../../src/history/stored-shapes';
import { isObject } from '../../../src/util/objects';
import { isConclusive, type Delivery, type PushState } from '../../../src/protocol/delivery';
import { stragglerWindowMs } from '../../../src/protocol/timing';
import { knowledgeOf } from '../../../src/protocol/result';
import type { RunKnowledge } from '../../../src/protocol/messages';
import { endOf, eventOf, eventsOf, RECORDINGS, recording, runOf, type RecordedRun } from '../../support/recorded-runs';
import { OWN_NUMBERS } from './recall-support';

type Payload = temporal.api.common.v1.IPayload;

const converter = loadDataConverter();
const REPLAYED = join(__dirname, '../../replay/histories');
/** The clock of a run is that of its workflow tasks, and the reader's is that of events. */
const BETWEEN_CLOCKS_MS = 5_000;

const read = (history: History): Promise<PushState> => readHistory(history, converter, OWN_NUMBERS);

async function knows(history: History): Promise<RunKnowledge> {
  const run = await read(history);
  return { ...knowledgeOf(run), conclusive: isConclusive(run) };
}

/** Every history at hand, by a name. */
const HISTORIES: [string, History][] = [
  ...RECORDINGS.flatMap((name) =>
    recording(name).runs.map(({ history }, index): [string, History] => [`${name}, run ${index + 1}`, history]),
  ),
  ...readdirSync(REPLAYED).map((file): [string, History] => [
    file,
    historyFromJSON(JSON.parse(readFileSync(join(REPLAYED, file), 'utf8'))),
  ]),
];

/** What a run itself said at its end; null where it said nothing. */
function told({ events }: History): RunKnowledge | null {
  const last = events?.at(-1);
  const result = jsonOf(last?.workflowExecutionCompletedEventAttributes?.result?.payloads?.[0]);
  const details = last?.workflowExecutionFailedEventAttributes?.failure?.applicationFailureInfo?.details?.payloads;
  const end = isObject(result) ? result : jsonOf(details?.[0]);
  const known = isObject(end) ? end['knowledge'] : undefined;
  return knowledgeSchema.safeParse(known).data ?? null;
}

function jsonOf(payload: Payload | undefined): unknown {
  return payload?.data ? JSON.parse(Buffer.from(payload.data).toString()) : undefined;
}

const times = ({ unknownSince, attemptedAt, firstAttemptAt, secondApplication }: Delivery): (number | null)[] => [
  ...[unknownSince, attemptedAt, firstAttemptAt],
  ...(secondApplication ? times(secondApplication.earlier) : []),
];

const timeless = (delivery: Delivery): unknown => ({
  ...delivery,
  ...{ unknownSince: null, attemptedAt: null, firstAttemptAt: null },
  secondApplication: delivery.secondApplication && {
    ...delivery.secondApplication,
    earlier: timeless(delivery.secondApplication.earlier),
  },
});

describe('the history of a run', () => {
  const telling = HISTORIES.filter(([, history]) => told(history) !== null);

  it('is there in many kinds', () => {
    expect(telling.length).toBeGreaterThan(15);
  });

  it.each(telling)('tells what the run itself said at its end: %s', async (_name, history) => {
    const [said, seen] = [told(history), await knows(history)];
    if (!said) throw new Error('the run said nothing');
    expect(seen.conclusive).toBe(said.conclusive);
    expect(timeless(seen.delivery)).toEqual(timeless(said.delivery));
    const pairs = times(said.delivery).map((time, index) => [time, times(seen.delivery)[index]] as const);
    for (const [one, other] of pairs) {
      expect(one === null).toBe(other === null);
      expect(Math.abs((one ?? 0) - (other ?? 0))).toBeLessThan(BETWEEN_CLOCKS_MS);
    }
  });
});

/** Changes what a payload holds. */
function rewrite(payload: Payload | null | undefined, change: (value: Record<string, unknown>) => unknown): void {
  const value = jsonOf(payload ?? undefined);
  if (!payload || !isObject(value)) throw new Error('there is no such payload');
  payload.data = defaultPayloadConverter.toPayload(change({ ...value })).data ?? null;
}

const without = (member: string) => (value: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(value).filter(([name]) => name !== member));

/** What a step was given, and what it answered where it did. */
function step(run: RecordedRun, name: string, which: 'first' | 'last' = 'last') {
  const all = eventsOf(run).filter(
    ({ activityTaskScheduledEventAttributes: attributes }) => attributes?.activityType?.name === name,
  );
  const scheduled = all.at(which === 'first' ? 0 : -1);
  const completed = eventsOf(run).find(
    ({ activityTaskCompletedEventAttributes: attributes }) =>
      String(attributes?.scheduledEventId) === String(scheduled?.eventId),
  );
  return {
    input: scheduled?.activityTaskScheduledEventAttributes?.input?.payloads?.[0],
    result: completed?.activityTaskCompletedEventAttributes?.result?.payloads?.[0],
  };
}

describe('a history that tells less', () => {
  it('cannot be read where it does not reach to the end of its run', async () => {
    for (const [, { events }] of HISTORIES) {
      await expect(read({ events: (events ?? []).slice(0, -1) })).rejects.toThrow('does not reach to the end');
    }
    await expect(read({})).rejects.toThrow('does not reach to the end');
  });

  it('of an attempt without its end is one of an attempt that may still send', async () => {
    const run = runOf(recording('terminated-before-anything-was-sent'), 0);
    const failed = eventOf(run, 'activityTaskFailedEventAttributes');
    const events = eventsOf(run).filter((event) => event !== failed);
    expect((await knows({ events })).delivery).toMatchObject({ applicant: 'unknown', sent: true });
    const other = { activityTaskScheduledEventAttributes: { activityType: { name: 'enrich' } } };
    const followed = eventsOf(run).map((event) => (event === failed ? other : event));
    expect((await knows({ events: followed })).delivery).toMatchObject({ applicant: 'unknown', sent: true });
  });

  it('of the timing of its worker goes by those of this one', async () => {
    const run = runOf(recording('terminated-with-the-create-under-way'), 0);
    const { input } = step(run, 'pushApplicant');
    rewrite(input, ({ timing, ...rest }) => ({
      ...rest,
      timing: isObject(timing) && without('sendWindowMs')({ ...timing }),
    }));
    const { delivery } = await knows(run.history);
    expect(delivery).toMatchObject({ applicant: 'unknown', unknownSince: endOf(run) + stragglerWindowMs(OWN_NUMBERS) });
    expect(delivery.lookupKeys).not.toBeNull();
  });

  it('of the document that was sent leaves the outcome unknown, without anything to look for', async () => {
    const run = runOf(recording('terminated-with-the-create-under-way'), 0);
    rewrite(step(run, 'pushApplicant').input, without('targetParameters'));
    const { delivery } = await knows(run.history);
    expect(delivery).toMatchObject({
      applicant: 'unknown',
      lookupKeys: null,
      unknownSince: endOf(run) + stragglerWindowMs(OWN_NUMBERS),
    });
  });

  it('cannot be read where a run has sent after a recall whose answer is not understood', async () => {
    const run = runOf(recording('created-then-again-that-sent-nothing'), 1);
    rewrite(step(run, 'recall').result, without('delivery'));
    await expect(read(run.history)).rejects.toThrow('its own recall');
  });

  it('cannot be read if a run continues with a state that is not there', async () => {
    const run = runOf(recording('continued-while-unknown'), -1);
    const started = eventOf(run, 'workflowExecutionStartedEventAttributes');
    rewrite(started.workflowExecutionStartedEventAttributes?.input?.payloads?.[0], without('continued'));
    await expect(read(run.history)).rejects.toThrow('no beginning');
  });
});

describe('what a person said', () => {
  const accepted = (run: RecordedRun) =>
    eventOf(run, 'workflowExecutionUpdateAcceptedEventAttributes').workflowExecutionUpdateAcceptedEventAttributes
      ?.acceptedRequest?.input?.args?.payloads?.[0];

  it.each([
    ['a text', 'A-7', 'A-7'],
    ['a number', 300_000_123, '300000123'],
    ['something else', { id: 7 }, null],
  ])('counts where the id of the applicant is %s', async (_name, atsId, known) => {
    const run = runOf(recording('terminated-after-it-was-resolved-as-delivered'), 0);
    rewrite(accepted(run), () => ({ delivered: true, atsId }));
    expect((await knows(run.history)).delivery).toMatchObject({ applicant: 'there', atsId: known });
  });

  it('does not count where it is not understood', async () => {
    const run = runOf(recording('terminated-after-it-was-resolved-as-delivered'), 0);
    rewrite(accepted(run), () => ({ seen: true }));
    expect((await knows(run.history)).delivery).toMatchObject({ applicant: 'unknown' });
  });

  it('does not outweigh a lookup that found the applicant at the same moment', async () => {
    const resolving = runOf(recording('terminated-after-it-was-resolved-as-not-delivered'), 0);
    const found = runOf(recording('terminated-while-enriching-whom-a-lookup-found'), 0);
    const events = eventsOf(found);
    events.splice(-1, 0, eventOf(resolving, 'workflowExecutionUpdateAcceptedEventAttributes'));
    expect((await knows({ events })).delivery).toMatchObject({ applicant: 'there', deliveredAs: 'already_there' });
  });
});

describe('a second application on purpose', () => {
  it.each([
    ['of the same document settles an earlier unknown', (lookupKeys: unknown) => lookupKeys, 'absent'],
    ['of another document does not', () => ({ email: 'somebody.else@example.test', lastName: 'Else' }), 'unknown'],
    ['does not where nobody knows what was sent earlier', () => null, 'unknown'],
  ])('whose lookup finds nobody: that %s', async (_name, earlierKeys, applicant) => {
    const recorded = recording('created-then-again-that-is-unknown');
    const run = runOf(recorded, 1);
    const looked = step(run, 'findApplicant', 'first');
    const lookupKeys = member(looked.input, 'lookupKeys');
    rewrite(step(run, 'recall').result, ({ delivery, ...rest }) => {
      const since = {
        applicant: 'unknown',
        deliveredAs: null,
        atsId: null,
        unknownSince: 1,
        lookupKeys: earlierKeys(lookupKeys),
      };
      return { ...rest, delivery: { ...(isObject(delivery) && delivery), ...since } };
    });
    rewrite(looked.result, () => ({ answer: 'not_found' }));
    const events = [...eventsOf(run).slice(0, -1), ...eventsOf(runOf(recorded, -1)).slice(-1)];
    const { delivery } = await knows({ events });
    expect(delivery.secondApplication).toMatchObject({ matchesBefore: [], earlier: { applicant } });
  });
});

function member(payload: Payload | undefined, name: string): unknown {
  const value = jsonOf(payload);
  return isObject(value) ? value[name] : undefined;
}
