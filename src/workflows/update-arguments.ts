/**
 * Validates the arguments of updates. Uses plain code, since validators run in the workflow sandbox, and expects any value, since the
 * Temporal UI can send any. An accepted argument can neither fail a workflow task nor make the result unreadable.
 */
import { correctedInput } from '../protocol/corrections';
import { isObject } from '../protocol/json';
import type { JsonObject, ResolveArgs, RetryArgs, RunInput } from '../protocol/messages';

const CORRECTABLE = ['logics', 'format'];
const GROUPS = ['actionParameters', 'originParameters', 'targetParameters'] as const;
/** In characters of JSON. Corrections accumulate over a run, and every step receives the parameters. */
const MAX_PARAMETERS_LENGTH = 200_000;
const MAX_REASON_LENGTH = 1_000;
const MAX_ID_LENGTH = 200;
/** How many characters of an unknown name a message quotes. */
const MAX_NAME_LENGTH = 60;

/** Returns why corrections are refused, or null. The next activity checks their values: if it refuses them, the run is held again. */
export function refuseRetryArgs(input: RunInput, args: unknown): string | null {
  if (args === undefined || args === null) return null;
  const wrong = refuseMembers('retry', args, [...GROUPS, 'enrich']) ?? refuseGroups(args);
  if (wrong !== null) return wrong;
  const parameters = Object.keys(group(args, 'actionParameters')).filter((name) => !CORRECTABLE.includes(name));
  if (parameters.length > 0) return `retry cannot correct actionParameters.${namesOf(parameters)}`;
  return refuseOtherPush(input, args) ?? refuseSize(input, args);
}

/** Returns why the argument of `resolve` cannot be accepted, or null. */
export function refuseResolveArgs(args: unknown): string | null {
  const unknown = refuseMembers('resolve', args, ['delivered', 'atsId']);
  if (unknown !== null) return unknown;
  const { delivered, atsId = null } = members(args);
  if (typeof delivered !== 'boolean')
    return 'expected { "delivered": true, "atsId"?: "..." } or { "delivered": false }';
  if (atsId === null) return null;
  if (!delivered) return 'atsId goes with "delivered": true only';
  return isId(atsId)
    ? null
    : `atsId: expected a text of 1 to ${MAX_ID_LENGTH} characters, or a whole number of up to 15 digits`;
}

/** Returns why the argument of `abandon` is refused, or null. */
export function refuseAbandonArgs(args: unknown): string | null {
  if (args === undefined || args === null) return null;
  const unknown = refuseMembers('abandon', args, ['reason']);
  if (unknown !== null) return unknown;
  const { reason = null } = members(args);
  const usable = reason === null || (typeof reason === 'string' && reason.length <= MAX_REASON_LENGTH);
  return usable ? null : `reason: expected a text of at most ${MAX_REASON_LENGTH} characters`;
}

/** Returns the id of the applicant as text. Some ATSs have numeric ids, which operators copy as they are. */
export function atsIdOf(seen: ResolveArgs): string | null {
  return seen.delivered && seen.atsId !== undefined && seen.atsId !== null ? String(seen.atsId) : null;
}

/** Refuses unsafe integers: JSON parsing has already dropped digits of them. */
function isId(value: unknown): boolean {
  if (typeof value === 'string') return value !== '' && value.length <= MAX_ID_LENGTH;
  return Number.isSafeInteger(value);
}

function refuseMembers(update: string, args: unknown, known: readonly string[]): string | null {
  if (!isObject(args)) return `${update} takes an object${update === 'resolve' ? '' : ', or nothing'}`;
  const unknown = Object.keys(args).filter((name) => !known.includes(name));
  return unknown.length === 0 ? null : `${update} does not know ${namesOf(unknown)}; it takes ${known.join(', ')}`;
}

function refuseGroups(args: unknown): string | null {
  const given = members(args);
  const wrong = GROUPS.filter((name) => given[name] !== undefined && !isObject(given[name]));
  if (wrong.length > 0) return `${wrong.join(', ')}: expected an object with the corrected members`;
  const { enrich } = given;
  return enrich === undefined || typeof enrich === 'boolean' ? null : 'enrich: expected true or false';
}

/** Refuses to change parameters that identify the push. */
function refuseOtherPush(input: RunInput, args: unknown): string | null {
  const fixed = { originParameters: ['source_key', 'profile_key'], targetParameters: input.identityParameters };
  const changed = (['originParameters', 'targetParameters'] as const).flatMap((name) => {
    const corrected = group(args, name);
    return fixed[name]
      .filter((member) => member in corrected && !isSame(corrected[member], input[name][member]))
      .map((member) => `${name}.${member}`);
  });
  if (changed.length === 0) return null;
  return `${changed.join(', ')}: that would be another push; abandon this run and start the right push`;
}

function refuseSize(input: RunInput, args: RetryArgs): string | null {
  const { actionParameters, originParameters, targetParameters } = correctedInput(input, args);
  const characters = JSON.stringify([actionParameters, originParameters, targetParameters]).length;
  return characters <= MAX_PARAMETERS_LENGTH
    ? null
    : `with these corrections the parameters have ${characters} characters of JSON; at most ${MAX_PARAMETERS_LENGTH} are taken`;
}

function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function members(value: unknown): JsonObject {
  return isObject(value) ? value : {};
}

function group(args: unknown, name: (typeof GROUPS)[number]): JsonObject {
  return members(members(args)[name]);
}

function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => name.slice(0, MAX_NAME_LENGTH));
  return [...shown, ...(names.length > shown.length ? [`and ${names.length - shown.length} more`] : [])].join(', ');
}
