import { z } from 'zod';
import { StepFailure } from '../../failure';
import type { HttpCall } from '../../http/client';
import { quotable } from '../../http/outcome';
import type { ConnectorIo } from '../connector';
import type { OriginParameters } from './parameters';
import { profileSchema, type Profile } from './schemas';

const NOT_FOUND = 'unable to find object';

const envelopeSchema = z.looseObject({ code: z.int(), message: z.string().catch(''), data: z.unknown().optional() });
const permissionSchema = z.looseObject({ data: z.looseObject({ api_key_permission: z.string() }) });

/**
 * Reads one profile: `GET profile/indexing`. HrFlow says "not found" with a 400 whose message holds "Unable to find object: profile".
 *
 * @returns null where the source has no such profile
 * @throws StepFailure `auth`, `quota`, `refused` (the source, among others) or, to be repeated, `unavailable`
 */
export async function readProfile(io: ConnectorIo, parameters: OriginParameters): Promise<Profile | null> {
  const query = new URLSearchParams({ source_key: parameters.source_key, key: parameters.profile_key });
  const call = await get(io, parameters, '/profile/indexing', query);
  const { code, message, data } = await io.json(call, envelopeSchema, [200, 400, 404]);
  if (code < 400) return parseProfile(data);
  const said = message.toLowerCase();
  if (!said.includes(NOT_FOUND))
    throw refused(`HrFlow.ai answered ${code} to GET /profile/indexing: ${quotable(message)}`);
  if (said.includes(`${NOT_FOUND}: source`)) throw sourceNotFound();
  return null;
}

/** Asks HrFlow.ai what the key may do: `GET auth`. Returns the permission (`all`, `read`, `write`). */
export async function readPermission(io: ConnectorIo, parameters: OriginParameters): Promise<string> {
  const { data } = await io.json(await get(io, parameters, '/auth'), permissionSchema);
  return data.api_key_permission;
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
    pathTemplate: path,
    headers: { 'X-API-KEY': await io.secret(parameters.api_secret), 'X-USER-EMAIL': parameters.api_user },
  };
}

function parseProfile(data: unknown): Profile {
  const profile = profileSchema.safeParse(data);
  if (!profile.success) throw unreadable('The profile of HrFlow.ai is not an object.');
  return profile.data;
}

function sourceNotFound(): StepFailure {
  return refused('HrFlow.ai does not know the source: check originParameters.source_key and the workspace of the key.');
}

function refused(message: string): StepFailure {
  const nextStep = 'Correct the origin parameters and start the push again.';
  return new StepFailure({ type: 'refused', message, whoMustAct: 'user', nextStep, retryable: false });
}

function unreadable(message: string): StepFailure {
  const nextStep = 'Ask HrFlow.ai support if it lasts.';
  return new StepFailure({ type: 'unavailable', message, whoMustAct: 'vendor', nextStep, retryable: true });
}
