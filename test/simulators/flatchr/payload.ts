import { decodeBase64, isObject, type JsonObject } from '../json';
import { Refusal } from '../refusal';
import type { FlatchrSwitches } from './switches';

/** The members of a create that have to be non-empty texts (facts 2.3). */
const REQUIRED = ['vacancy', 'firstname', 'lastname', 'type'] as const;

const OPTIONAL_TEXTS = ['comment', 'response_text'];

/** A create that passed every check. */
export interface CheckedApplicant {
  vacancySlug: string;
  firstname: string;
  lastname: string;
  email: string | null;
  phone: string | null;
  document: JsonObject;
  /** The CV, null where none was sent or where it is a link. */
  file: FlatchrFile | null;
}

/** The CV of a create of type `document`. */
export interface FlatchrFile {
  fileName: string;
  contentType: string;
  bytes: Buffer;
}

/**
 * Reads the body of a create (facts 2.3).
 *
 * @throws Refusal naming the invalid member
 */
export function readApplicant(document: unknown, switches: FlatchrSwitches): CheckedApplicant {
  if (!isObject(document)) throw new Refusal('The body is no JSON object.');
  const [vacancySlug, firstname, lastname, type] = REQUIRED.map((name) => requiredText(document, name));
  if (vacancySlug === undefined || firstname === undefined || lastname === undefined) throw new Refusal('Incomplete.');
  if (switches.namePattern && ![firstname, lastname].every((name) => /[a-zA-Z]/.test(name))) {
    throw new Refusal('firstname and lastname have to hold a letter from a to z.');
  }
  for (const name of OPTIONAL_TEXTS) optionalText(document, name);
  const phone = typeof document.phone === 'number' ? String(document.phone) : optionalText(document, 'phone');
  const email = optionalText(document, 'email');
  return { vacancySlug, firstname, lastname, email, phone, document, file: readResume(document, type, switches) };
}

function readResume(document: JsonObject, type: string | undefined, switches: FlatchrSwitches): FlatchrFile | null {
  const { resume } = document;
  if (type !== 'document' && type !== 'link' && type !== 'json')
    throw new Refusal('type is none of link and document.');
  if (switches.resume === 'unchecked') return null;
  if (resume === undefined || resume === null) {
    if (switches.resume === 'required') throw new Refusal('resume is required.');
    return null;
  }
  if (type === 'json') return null;
  if (type === 'document') return readFile(resume);
  if (typeof resume !== 'string' || !/^https?:\/\//.test(resume)) throw new Refusal('resume has to be an address.');
  return null;
}

function readFile(resume: unknown): FlatchrFile {
  if (!isObject(resume)) throw new Refusal('resume has to be an object.');
  const bytes = decodeBase64(requiredText(resume, 'data'));
  if (bytes === null) throw new Refusal('resume.data is no base64.');
  return { fileName: requiredText(resume, 'fileName'), contentType: requiredText(resume, 'contentType'), bytes };
}

function requiredText(owner: JsonObject, name: string): string {
  const value = owner[name];
  if (typeof value !== 'string' || value === '') throw new Refusal(`${name} is required.`);
  return value;
}

function optionalText(owner: JsonObject, name: string): string | null {
  const value = owner[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string') throw new Refusal(`${name} has to be a text.`);
  return value === '' ? null : value;
}
