import { beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isObject } from '../../../src/util/objects';
import type { Delivery } from '../../../src/protocol/delivery';
import { RECORDINGS, RecordedServer, recording, recordingFile, type RecordingFile } from '../../support/recorded-runs';
import { recall } from './recall-support';

type Event = Record<string, unknown>;

const SAID = ['workflowExecutionCompletedEventAttributes', 'workflowExecutionFailedEventAttributes'];

/** What may befall a history: another release wrote it, somebody cut it, a key is gone. `at` picks where. */
const DAMAGES: Record<string, (events: Event[], at: number) => Event[]> = {
  // What a run said at its end comes in an answer of its own, and stays.
  'breaks off': (events, at) => {
    const rest = events.slice(0, 1 + (at % (events.length - 1)));
    return [...rest, ...events.slice(-1).filter((last) => SAID.some((name) => name in last))];
  },
  'holds an event of an unknown kind': (events, at) => {
    const unknown = { eventId: '999', eventTime: '2026-01-01T00:00:00Z', eventType: 'EVENT_TYPE_UNSPECIFIED' };
    return events.toSpliced(at % events.length, 0, { ...unknown, timerFiredEventAttributes: {} });
  },
  'has an unreadable payload': (events, at) => {
    const payload = pick(payloadsIn(events), at);
    if (payload) payload['metadata'] = { encoding: Buffer.from('binary/of-somebody-else').toString('base64') };
    return events;
  },
  'lacks a member of a payload': (events, at) => {
    const all = payloadsIn(events);
    const payload = pick(all, at);
    if (!payload || typeof payload['data'] !== 'string') return events;
    const value: unknown = JSON.parse(Buffer.from(payload['data'], 'base64').toString());
    const place = pick(membersIn(value), Math.floor(at / all.length));
    if (place) Reflect.deleteProperty(place.holder, place.name);
    payload['data'] = Buffer.from(JSON.stringify(value)).toString('base64');
    return events;
  },
  'lacks a member of an event': (events, at) => {
    const event = pick(events, at);
    const places = event ? membersIn(attributesOf(event)) : [];
    const place = pick(places, Math.floor(at / events.length));
    if (place) Reflect.deleteProperty(place.holder, place.name);
    return events;
  },
};

function pick<T>(all: readonly T[], at: number): T | undefined {
  return all[at % all.length];
}

function attributesOf(event: Event): unknown {
  return Object.entries(event).find(([name]) => name.endsWith('EventAttributes'))?.[1];
}

/** Every member of every object within a value, payloads apart. */
function membersIn(value: unknown): { readonly holder: object; readonly name: string }[] {
  if (Array.isArray(value)) return value.flatMap(membersIn);
  if (!isObject(value) || isPayload(value)) return [];
  return Object.entries(value).flatMap(([name, inner]) => [{ holder: value, name }, ...membersIn(inner)]);
}

function payloadsIn(value: unknown): Event[] {
  if (Array.isArray(value)) return value.flatMap(payloadsIn);
  if (!isObject(value)) return [];
  return isPayload(value) ? [value] : Object.values(value).flatMap(payloadsIn);
}

function isPayload(value: object): value is Event {
  return 'metadata' in value && 'data' in value;
}

/** The newest run, whose history is damaged; the runs before it stay whole. */
function damaged(name: string, damage: string, at: number): RecordingFile {
  const file = recordingFile(name);
  const run = file.runs.at(-1);
  if (run) run.history.events = DAMAGES[damage]?.(run.history.events, at) ?? [];
  return file;
}

async function recalled(name: string, file = recordingFile(name)): Promise<Delivery> {
  const recorded = recording(name, file);
  return (await recall(new RecordedServer(recorded), recorded)).delivery;
}

const whole = new Map<string, Delivery>();

beforeAll(async () => {
  for (const name of RECORDINGS) whole.set(name, await recalled(name));
});

it.each(Object.keys(DAMAGES))(
  'a history that %s is no error, and never one of which nothing was sent where something may have been',
  async (damage) => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...RECORDINGS), fc.nat(100_000), async (name, at) => {
        const [truth, seen] = [whole.get(name), await recalled(name, damaged(name, damage, at))];
        if (!truth) throw new Error(`${name} was not read`);
        if (truth.applicant !== 'absent') expect(seen.applicant).not.toBe('absent');
        if (truth.applicant !== 'there') expect(seen.applicant).not.toBe('there');
        if (truth.sent) expect(seen.sent).toBe(true);
      }),
      { numRuns: 200 },
    );
  },
  60_000,
);
