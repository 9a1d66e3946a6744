/**
 * Checks the arguments of updates: in plain code, since validators run in the sandbox, and against anything, since from the Temporal
 * UI anything may come. What is accepted here can neither fail a workflow task nor make a result that nobody can read.
 */
import { correctedInput } from '../protocol/corrections';
import { isObject } from '../protocol/json';
import type { JsonObject, ResolveArgs, RetryArgs, RunInput } from '../protocol/messages';

const CORRECTABLE = ['logics', 'format'];
const GROUPS = ['actionParameters', 'originParameters', 'targetParameters'] as const;
/** Corrections add up over a run, and its parameters travel to every step. In characters of JSON. */
const MAX_PARAMETERS_LENGTH = 200_000;
const MAX_REASON_LENGTH = 1_000;
const MAX_ID_LENGTH = 200;
/** As much of a name that nobody knows as is repeated in a message. */
const MAX_NAME_LENGTH = 60;

/** Why corrections cannot be taken, or null. What they say is checked at the next activity: if it is refused the run holds again. */
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

/** Why the argument of `abandon` cannot be taken, or null. */
export function refuseAbandonArgs(args: unknown): string | null {
  if (args === undefined || args === null) return null;
  const unknown = refuseMembers('abandon', args, ['reason']);
  if (unknown !== null) return unknown;
  const { reason = null } = members(args);
  const usable = reason === null || (typeof reason === 'string' && reason.length <= MAX_REASON_LENGTH);
  return usable ? null : `reason: expected a text of at most ${MAX_REASON_LENGTH} characters`;
}

/** The id of the applicant as a result holds it. ATSs have timing for ids, and people copy them as they are. */
export function atsIdOf(seen: ResolveArgs): string | null {
  return seen.delivered && seen.atsId !== undefined && seen.atsId !== null ? String(seen.atsId) : null;
}

/** A longer number has lost digits before it came here. */
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

/** What makes the push the same push must stay. */
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
