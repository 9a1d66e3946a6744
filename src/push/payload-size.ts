/**
 * What fits through Temporal. A value may have 2 MiB, and what a worker answers to one workflow task 4 MiB: above the one an activity
 * is repeated without end, above the other the server terminates the run. Sizes are counted as JSON, which is what travels where
 * encryption is off; if it is on, payloads are compressed first and never larger than that, so one limit holds for both.
 */
import type { Profile } from '../connectors/connector';
import { StepError } from '../protocol/errors';
import { isObject } from '../util/objects';

/** Of one value, in bytes of JSON. The rest of the 2 MiB is for metadata and encryption. */
const MAX_VALUE_BYTES = 1_900_000;
/**
 * Of what one workflow task carries: what the logics left and the documents, as answers of local activities, and the document once
 * more, as the input of the next step.
 */
const MAX_TOTAL_BYTES = 2 * MAX_VALUE_BYTES;
/** A larger profile meets its logics where it is read: what they leave would take too much of the task that carries the documents. */
const MAX_BYTES_BEFORE_LOGICS = 1_000_000;

const SHORTEN_PROFILE =
  'Shorten the profile in HrFlow.ai, or drop its long parts in a logic (logics run before its size counts), then retry.';
const SHORTEN_DOCUMENT =
  'Drop the long parts of the profile in a logic, or leave them out in a custom format, then retry.';

export function fitsBeforeLogics(profile: Profile): boolean {
  return bytesOf(profile) <= MAX_BYTES_BEFORE_LOGICS;
}

/**
 * The profile as it can travel to the format: of one that is too large the text of the CV is left out unless a format reads it (those
 * of the connectors do not), and the note says so.
 *
 * @param format name of the user's format, if any
 * @throws StepError `refused` if that is not enough
 */
export function fitForFormat(
  profile: Profile,
  format: string | undefined,
): { readonly profile: Profile; readonly note: string | null } {
  const bytes = bytesOf(profile);
  if (bytes <= MAX_VALUE_BYTES || format !== undefined || !profile.text) {
    assertFits('profile', profile, SHORTEN_PROFILE);
    return { profile, note: null };
  }
  const rest = { ...profile, text: null };
  assertFits('profile without its text', rest, SHORTEN_PROFILE);
  const note =
    `The text of the CV (${bytesOf(profile.text)} bytes) was left out, since the profile with it has ${bytes} bytes of JSON ` +
    `and at most ${MAX_VALUE_BYTES} can be handled; no format reads it.`;
  return { profile: rest, note };
}

/** @throws StepError `refused` if what the logics left is too large to travel */
export function assertFilteredFits(profile: Profile): void {
  assertFits('profile that the logics left', profile, SHORTEN_PROFILE);
}

/** The values that one workflow task carries together. */
export interface Carried {
  /** What the logics left, where this task has recorded it. */
  readonly profile: object | null;
  readonly documents: object;
  /** Of the step that follows. */
  readonly input: object;
}

/** @throws StepError `refused` if documents, alone or with what travels beside them, are too large */
export function assertDocumentsFit({ profile, documents, input }: Carried): void {
  assertFits('document', documents, SHORTEN_DOCUMENT);
  const parts = { profile: profile ? bytesOf(profile) : 0, documents: bytesOf(documents), input: bytesOf(input) };
  const together = parts.profile + parts.documents + parts.input;
  if (together <= MAX_TOTAL_BYTES) return;
  const filtered = parts.profile > 0 ? `the profile that the logics left (${parts.profile} bytes), ` : '';
  throw tooLarge(
    `Together ${filtered}the document (${parts.documents} bytes) and the input of the step that sends it (${parts.input} bytes) ` +
      `have ${together} bytes of JSON; at most ${MAX_TOTAL_BYTES} can be handled.`,
    SHORTEN_DOCUMENT,
  );
}

function assertFits(what: string, value: object, nextStep: string): void {
  const bytes = bytesOf(value);
  if (bytes <= MAX_VALUE_BYTES) return;
  const [name, most] = largestMember(value);
  throw tooLarge(
    `The ${what} has ${bytes} bytes of JSON, ${most} of them in "${name}"; at most ${MAX_VALUE_BYTES} can be handled.`,
    nextStep,
  );
}

const MAX_NAME_LENGTH = 60;

/** Looks into a member that is an object, for the one that makes it large. */
function largestMember(value: object): readonly [string, number] {
  const members: [string, unknown][] = Object.entries(value);
  const [[name, member] = ['', null]] = members.sort((one, other) => bytesOf(other[1]) - bytesOf(one[1]));
  const [shown, bytes] = [name.slice(0, MAX_NAME_LENGTH), bytesOf(member)];
  const [inner, innerBytes] = isObject(member) ? largestMember(member) : ['', 0];
  return innerBytes > bytes / 2 ? [`${shown}.${inner}`, innerBytes] : [shown, bytes];
}

/** In a list, since what is not there has no JSON of its own. */
function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify([value]), 'utf8') - '[]'.length;
}

function tooLarge(message: string, nextStep: string): StepError {
  return new StepError({ type: 'refused', message, nextStep });
}
