import { z } from 'zod';
import { StepError } from '../../protocol/errors';
import type { HttpCall } from '../../http/client';
import { wordsIn } from '../../http/outcome';
import type { ConnectorContext } from '../connector';
import { lenient } from '../../profile/fields';
import type { OriginParameters } from './parameters';
import { asOfToday } from '../../profile/older-shapes';
import { isProfile, locateProfile } from '../../profile/location';
import { profileSchema, type Profile } from '../../profile/schema';

/** Above what most profiles have by far; a CV whose text makes it larger can still be shortened by a logic. In bytes. */
const MAX_RESPONSE_BYTES = 16 * 1024 * 1024;
const NOT_FOUND = 'unable to find object';
const CHECK_ADDRESS =
  'Check HRFLOW_API_URL (https://api.hrflow.ai/v1 unless set) and any proxy or cache before it, then start the push again.';

/** JSON of another shape is an envelope that says nothing. */
const envelopeSchema = z
  .looseObject({
    code: z.int().nullable().catch(null),
    message: z.string().catch(''),
    data: z.unknown().optional(),
  })
  .catch({ code: null, message: '' });

/** HrFlow.ai writes the permission under either name. */
const authSchema = z
  .looseObject({
    team_name: lenient(z.string()),
    team_subdomain: lenient(z.string()),
    api_key_permission: lenient(z.string()),
    api_secret_permission: lenient(z.string()),
  })
  .transform(({ team_name, team_subdomain, api_key_permission, api_secret_permission }) => ({
    hasTeam: Boolean(team_name ?? team_subdomain),
    permission: api_key_permission ?? api_secret_permission ?? null,
  }))
  .refine(({ hasTeam, permission }) => hasTeam || permission !== null);

/**
 * Reads one profile: `GET profile/indexing`. HrFlow says "not found" with a 400 whose message holds "Unable to find object: profile".
 *
 * @returns null if the source has no such profile
 * @throws StepError `auth`, `quota`, `refused` (the source, or an answer that is not the profile asked for, among others) or, to be
 *   repeated, `unavailable`
 */
export async function readProfile(ctx: ConnectorContext, parameters: OriginParameters): Promise<Profile | null> {
  const query = new URLSearchParams({ source_key: parameters.source_key, key: parameters.profile_key });
  const call = await get(ctx, parameters, '/profile/indexing', query);
  const answer = await ask(ctx, call);
  if (answer.code < 400) return parseProfile(call, answer, parameters.profile_key);
  const failure = failureOf(call, answer);
  const said = answer.message.toLowerCase();
  if (failure.facts.type !== 'refused' || !said.includes(NOT_FOUND)) throw failure;
  if (said.includes(`${NOT_FOUND}: source`)) throw sourceNotFound();
  return null;
}

/**
 * Asks HrFlow.ai what the key may do: `GET auth`. Returns the permission (`all`, `read`, `write`), or null if the answer names the
 * team of the key and no permission.
 */
export async function readPermission(ctx: ConnectorContext, parameters: OriginParameters): Promise<string | null> {
  const call = await get(ctx, parameters, '/auth');
  const answer = await ask(ctx, call);
  if (answer.code >= 400) throw failureOf(call, answer);
  const checked = authSchema.safeParse(answer.data);
  if (!checked.success) throw notHrflow(`HrFlow.ai answered ${nameOf(call)} with neither a team nor a permission.`);
  return checked.data.permission;
}

/** What an answer says of itself, its message as messages may quote it. It is `code` that counts and not the HTTP status, as in HrFlow's own clients. */
interface Envelope {
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
}

/**
 * An answer without `code` counts as a success if it has data, and as a refusal otherwise: in its own words or, if it has none, as that
 * of another server.
 */
async function ask(ctx: ConnectorContext, call: HttpCall): Promise<Envelope> {
  const envelope = await ctx.json(call, envelopeSchema, [200, 400, 404]).catch(fromElsewhere);
  const { code, data } = envelope;
  const message = wordsIn(envelope, (text) => ctx.scrub(text));
  if (code !== null) return { code, message, data };
  if (data !== undefined && data !== null) return { code: 200, message, data };
  if (message === '') throw notHrflow(`HrFlow.ai answered ${nameOf(call)} with nothing that HrFlow.ai says.`);
  if (message.toLowerCase().includes(NOT_FOUND)) return { code: 404, message };
  throw notHrflow(`HrFlow.ai answered ${nameOf(call)}: ${message}`);
}

/** HrFlow.ai answers in JSON, and knows these paths: a 404 in another form comes from something in its place. */
function fromElsewhere(error: unknown): never {
  if (error instanceof StepError && error.facts.status === 404) throw notHrflow(error.facts.message);
  throw error;
}

/** A `code` from 400 on means what it means as an HTTP status. */
function failureOf(call: HttpCall, { code, message }: Envelope): StepError {
  const said = `HrFlow.ai answered ${code} to ${nameOf(call)}: ${message}`;
  if (code === 401 || code === 403)
    return new StepError({ type: 'auth', message: said, nextStep: 'Renew the key or its permissions, then retry.' });
  if (code === 402) return new StepError({ type: 'quota', message: said });
  if (code === 429 || code >= 500) return unavailable(said, code === 429);
  return code === 404 && !message.toLowerCase().includes(NOT_FOUND) ? notHrflow(said) : refused(said);
}

function nameOf({ method, pathTemplate }: HttpCall): string {
  return `${method} ${pathTemplate}`;
}

async function get(
  ctx: ConnectorContext,
  parameters: OriginParameters,
  path: string,
  query?: URLSearchParams,
): Promise<HttpCall> {
  return {
    kind: 'read',
    method: 'GET',
    url: `${ctx.baseUrl}${path}${query ? `?${query.toString()}` : ''}`,
    trusted: true,
    urlFrom: 'HRFLOW_API_URL',
    pathTemplate: path,
    maxBytes: MAX_RESPONSE_BYTES,
    headers: { 'X-API-KEY': await ctx.secret(parameters.api_secret), 'X-USER-EMAIL': parameters.api_user },
  };
}

/** The profile, which must be the one requested: a proxy, a cache or another API may have answered. */
function parseProfile(call: HttpCall, { code, data }: Envelope, key: string): Profile {
  const answered = `HrFlow.ai answered ${nameOf(call)} with`;
  if (code === 202) throw unavailable(`${answered} a 202: the profile is still being parsed.`);
  if (!isProfile(data)) throw notHrflow(`${answered} something that is not a profile${elsewhere(data)}.`);
  const profile = profileSchema.parse(asOfToday(data));
  if (profile.key?.toLowerCase() === key.toLowerCase()) return profile;
  throw notHrflow(`${answered} another profile than that of originParameters.profile_key.`);
}

function elsewhere(data: unknown): string {
  const path = locateProfile({ data });
  return path === null ? ': it has no "info"' : `: the profile is at ${path}`;
}

function sourceNotFound(): StepError {
  return refused('HrFlow.ai does not know the source: check originParameters.source_key and the workspace of the key.');
}

function refused(message: string): StepError {
  const nextStep = 'Correct the origin parameters and start the push again. If they are right, check HRFLOW_API_URL.';
  return new StepError({ type: 'refused', message, nextStep });
}

/** What answered is not HrFlow.ai's API, or not as documented: asking again gives the same. */
function notHrflow(message: string): StepError {
  return new StepError({ type: 'refused', message, whoMustAct: 'operator', nextStep: CHECK_ADDRESS });
}

function unavailable(message: string, benign = false): StepError {
  return new StepError({ type: 'unavailable', message, nextStep: 'If this persists, ask HrFlow.ai support.', benign });
}
