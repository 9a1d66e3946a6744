import { z } from 'zod';
import { StepFailure } from '../../failure';
import type { HttpCall } from '../../http/client';
import { wordsIn } from '../../http/outcome';
import type { ConnectorIo } from '../connector';
import type { OriginParameters } from './parameters';
import { profileSchema, type Profile } from './schemas';

/** Above what most profiles have by far; a CV whose text makes it larger can still be shortened by a logic. In bytes. */
const LARGEST_ANSWER = 16 * 1024 * 1024;
const NOT_FOUND = 'unable to find object';
const UNDOCUMENTED = 'HrFlow.ai answered in a shape that is not the documented one.';

const envelopeSchema = z.looseObject({
  code: z.int().nullable().catch(null),
  message: z.string().catch(''),
  data: z.unknown().optional(),
});
const permissionSchema = z.looseObject({ api_key_permission: z.string() });

/**
 * Reads one profile: `GET profile/indexing`. HrFlow says "not found" with a 400 whose message holds "Unable to find object: profile".
 *
 * @returns null where the source has no such profile
 * @throws StepFailure `auth`, `quota`, `refused` (the source, among others) or, to be repeated, `unavailable`
 */
export async function readProfile(io: ConnectorIo, parameters: OriginParameters): Promise<Profile | null> {
  const query = new URLSearchParams({ source_key: parameters.source_key, key: parameters.profile_key });
  const call = await get(io, parameters, '/profile/indexing', query);
  const answer = await ask(io, call, [200, 400, 404]);
  if (answer.code < 400) return parseProfile(answer.data);
  const failure = failureOf(call, answer);
  const said = answer.message.toLowerCase();
  if (failure.facts.type !== 'refused' || !said.includes(NOT_FOUND)) throw failure;
  if (said.includes(`${NOT_FOUND}: source`)) throw sourceNotFound();
  return null;
}

/** Asks HrFlow.ai what the key may do: `GET auth`. Returns the permission (`all`, `read`, `write`). */
export async function readPermission(io: ConnectorIo, parameters: OriginParameters): Promise<string> {
  const call = await get(io, parameters, '/auth');
  const answer = await ask(io, call, [200]);
  if (answer.code >= 400) throw failureOf(call, answer);
  const permission = permissionSchema.safeParse(answer.data);
  if (!permission.success) throw undocumented(UNDOCUMENTED);
  return permission.data.api_key_permission;
}

/** What an answer says of itself, its message as messages may quote it. It is `code` that counts and not the HTTP status, as in HrFlow's own clients. */
interface Envelope {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/** An answer without `code` counts as a success where it has data, and as a refusal where it has nothing but words. */
async function ask(io: ConnectorIo, call: HttpCall, documented: readonly number[]): Promise<Envelope> {
  const envelope = await io.json(call, envelopeSchema, documented);
  const { code, data } = envelope;
  const message = wordsIn(envelope);
  if (code !== null) return { code, message, data };
  if (data !== undefined && data !== null) return { code: 200, message, data };
  if (message === '') throw undocumented(UNDOCUMENTED);
  throw refused(`HrFlow.ai answered to ${nameOf(call)}: ${message}`);
}

/** A `code` from 400 on means what it means as an HTTP status. */
function failureOf(call: HttpCall, { code, message }: Envelope): StepFailure {
  const said = `HrFlow.ai answered ${code} to ${nameOf(call)}: ${message}`;
  if (code === 401 || code === 403) return renewal('auth', said, 'Renew the key or its rights, then retry.');
  if (code === 402) return renewal('quota', said, 'Raise the quota or wait for the next period, then retry.');
  if (code === 429 || code >= 500) return unavailable(said, code === 429);
  return refused(said);
}

function nameOf({ method, pathTemplate }: HttpCall): string {
  return `${method} ${pathTemplate}`;
}

async function get(
  io: ConnectorIo,
  parameters: OriginParameters,
  path: string,
  query?: URLSearchParams,
): Promise<HttpCall> {
  return {
    kind: 'read',
    method: 'GET',
    url: `${io.baseUrls.hrflow}${path}${query ? `?${query.toString()}` : ''}`,
    trusted: true,
    urlFrom: 'HRFLOW_API_URL',
    pathTemplate: path,
    maxBytes: LARGEST_ANSWER,
    headers: { 'X-API-KEY': await io.secret(parameters.api_secret), 'X-USER-EMAIL': parameters.api_user },
  };
}

function parseProfile(data: unknown): Profile {
  const profile = profileSchema.safeParse(data);
  if (!profile.success) throw undocumented('The profile of HrFlow.ai is not an object.');
  return profile.data;
}

function sourceNotFound(): StepFailure {
  return refused('HrFlow.ai does not know the source: check originParameters.source_key and the workspace of the key.');
}

function refused(message: string): StepFailure {
  const nextStep =
    'Correct the origin parameters and start the push again; where they are right, look at HRFLOW_API_URL.';
  return new StepFailure({ type: 'refused', message, whoMustAct: 'user', nextStep, retryable: false });
}

function renewal(type: 'auth' | 'quota', message: string, nextStep: string): StepFailure {
  return new StepFailure({ type, message, whoMustAct: 'user', nextStep, retryable: false });
}

function unavailable(message: string, benign = false): StepFailure {
  const nextStep = 'Ask HrFlow.ai support if it continues.';
  return new StepFailure({ type: 'unavailable', message, whoMustAct: 'vendor', nextStep, retryable: true, benign });
}

/** Most likely another service answers, which does not change by asking again. */
function undocumented(message: string): StepFailure {
  const nextStep = 'Look at HRFLOW_API_URL: another service may answer there. Else ask HrFlow.ai support.';
  return new StepFailure({
    type: 'unavailable',
    message,
    whoMustAct: 'operator',
    nextStep,
    retryable: true,
    doubtful: true,
  });
}
