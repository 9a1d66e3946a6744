import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import axios from 'axios';
import { z } from 'zod';
import type { RunInput } from '../src/protocol/messages';
import { answersSchema } from './echo-activities';
import { SECRETS, type Side, type SimulatorAddresses, type Stage } from './stage';

/** Something to measure repeatedly. Returns the workflow id of the run, if there is one. */
export type Contender = () => Promise<string | null>;

/** Returns a new workflow id for an echo. */
export function newEchoId(): string {
  return `bench/echo/${randomUUID()}`;
}

/**
 * Returns the parameters of a push to Flatchr with enrichment. Secrets are references, which work with and without encryption. Each
 * call has its own subdomain, so each is a separate push.
 */
export function requestOf({ hrflow, flatchr, profileKey }: SimulatorAddresses, auth: string = SECRETS.flatchr) {
  return {
    originParameters: { ...hrflow.originParameters, api_secret: { secret: SECRETS.hrflow }, profile_key: profileKey },
    targetParameters: { ...flatchr, subdomain: `careers-${randomUUID()}`, auth: { secret: auth } },
  };
}

/** Runs one push with enrichment through the client to its end. */
export function pushing({ client }: Side, addresses: SimulatorAddresses): Contender {
  return async () => {
    let id: string | null = null;
    const onAccepted = ({ workflowId }: { readonly workflowId: string }) => (id = workflowId);
    const { items } = await client.flatchr.pushProfile(requestOf(addresses), { onAccepted });
    if (items[0]?.outcome !== 'created' || !items[0].enriched) throw new Error(`a push ended as ${items[0]?.outcome}`);
    return id;
  };
}

/** Runs the yardstick once to its end. */
export function echoing({ context }: Side, input: RunInput): Contender {
  const { temporal: client, taskQueue } = context;
  return async () => {
    const workflowId = newEchoId();
    await client.workflow.execute('echo', { workflowId, taskQueue, args: [input, false] });
    return workflowId;
  };
}

const recordedSchema = z.array(
  z.object({
    system: z.enum(['hrflow', 'files', 'flatchr']),
    at: z.number(),
    method: z.string(),
    path: z.string(),
    query: z.record(z.string(), z.string()),
    headers: z.record(z.string(), z.unknown()),
    body: z.string(),
  }),
);

const SENT_HEADERS = ['authorization', 'content-type', 'accept', 'x-api-key', 'x-user-email'];

/**
 * Makes the HTTP calls of one push in sequence with axios alone, from the requests that the simulators recorded.
 *
 * @throws Error if the simulators have not recorded exactly one push since their last reset
 */
export async function callingOnly({ addresses }: Stage): Promise<Contender> {
  const { data } = await axios.get<unknown>(`${addresses.control}/requests`);
  const recorded = recordedSchema.parse(data).sort((one, other) => one.at - other.at);
  if (recorded.length !== CALLS_OF_A_PUSH) throw new Error(`a push made ${recorded.length} calls`);
  const http = axios.create({ httpAgent: new Agent({ keepAlive: true }), proxy: false, responseType: 'arraybuffer' });
  const calls = recorded.map(({ system, method, path, query, headers, body }) => ({
    method,
    url: `${originOf(addresses, system)}${path}`,
    params: query,
    headers: Object.fromEntries(
      SENT_HEADERS.flatMap((name) => (typeof headers[name] === 'string' ? [[name, headers[name]]] : [])),
    ),
    ...(body !== '' && { data: Buffer.from(body, 'base64') }),
  }));
  return async () => {
    for (const call of calls) await http.request(call);
    return null;
  };
}

/** Profile, CV, create, enrichment. */
const CALLS_OF_A_PUSH = 4;

function originOf(
  { hrflow, filesUrl, flatchrUrl }: SimulatorAddresses,
  system: 'hrflow' | 'files' | 'flatchr',
): string {
  return new URL({ hrflow: hrflow.url, files: filesUrl, flatchr: flatchrUrl }[system]).origin;
}

/**
 * Runs one push and records what the yardstick needs: its input, and in the answers file the results of its activities.
 *
 * @returns the input of the run
 */
export async function recordPush(stage: Stage, side: Side): Promise<RunInput> {
  const workflowId = await pushing(side, stage.addresses)();
  if (workflowId === null) throw new Error('the push was not accepted');
  const { events } = await side.context.temporal.workflow.getHandle(workflowId).fetchHistory();
  const decode = decoderOf(side);
  const answers = new Map<string, unknown>();
  let input: unknown;
  for (const event of events ?? []) {
    input ??= await decode(event.workflowExecutionStartedEventAttributes?.input?.payloads?.[0]);
    const answer = answerOf(event, events ?? []);
    if (answer) answers.set(answer.activity, await decode(answer.payload));
  }
  writeFileSync(stage.answersFile, JSON.stringify(answersSchema.parse(Object.fromEntries(answers))));
  return z.custom<RunInput>().parse(input);
}

function decoderOf({ context }: Side): (payload: Payload | null | undefined) => Promise<unknown> {
  const codecs = context.temporal.options.loadedDataConverter.payloadCodecs;
  return async (payload) => {
    if (!payload) return undefined;
    let decoded = [payload];
    for (const codec of [...codecs].reverse()) decoded = await codec.decode(decoded);
    const [plain] = decoded;
    return plain && defaultPayloadConverter.fromPayload<unknown>(plain);
  };
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** Returns the result of an activity, local ones included, whose markers name the activity in the SDK's format. */
function answerOf(
  event: HistoryEvent,
  events: readonly HistoryEvent[],
): { activity: string; payload: Payload | undefined } | null {
  const completed = event.activityTaskCompletedEventAttributes;
  if (completed) {
    const scheduled = events.find(({ eventId }) => String(eventId) === String(completed.scheduledEventId));
    const activity = scheduled?.activityTaskScheduledEventAttributes?.activityType?.name ?? '';
    return { activity, payload: completed.result?.payloads?.[0] ?? undefined };
  }
  const details = event.markerRecordedEventAttributes?.details;
  const data = details?.['data']?.payloads?.[0]?.data;
  if (!data) return null;
  const { activity_type: activity } = markerSchema.parse(JSON.parse(Buffer.from(data).toString('utf8')));
  return { activity, payload: details['result']?.payloads?.[0] };
}

const markerSchema = z.object({ activity_type: z.string() });
