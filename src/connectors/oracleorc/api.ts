import { StepFailure } from '../../failure';
import type { HttpCall } from '../../http/client';
import type { HttpAnswer } from '../../http/outcome';
import { jsonOf } from '../../http/outcome';
import { isObject } from '../../objects';
import { ATS_SKEW_MS, type LookupAnswer, type Match } from '../../workflows/delivery';
import type { ConnectorIo, Files, JsonObject, LookupQuery } from '../connector';
import { cannotTell } from '../shared/cannot-tell';
import { readInstant } from '../shared/dates';
import { hasEmail, mayBeSameEmail } from '../shared/emails';
import { inlineFiles } from '../shared/inline-files';
import { oracleSettings, originOf, type PushParameters } from './parameters';
import { oracleCandidatePageSchema, oracleCandidateSchema, type OracleCandidate } from './schemas';

const RESOURCES = '/hcmRestApi/resources/11.13.18.05';
const PAGE_SIZE = 100;
const MOST_PAGES = 250;
/** Half of what pods give of one search. */
const DEEPEST = 5_000;
const UNDATED = 'Oracle knows a candidate with that name and e-mail, but not when it was created.';
const WITHOUT_EMAIL = 'Oracle knows a candidate with that name who may be the applicant, but not its e-mail.';
/** What Oracle's pages type as bytes: members of an experience. */
const BYTE_TEXTS = ['AdditionalInformation', 'Achievements'];

/** `POST recruitingCandidates` with the children inside; answers 201 with the `CandidateNumber`. */
export async function createCall(
  io: ConnectorIo,
  parameters: PushParameters,
  document: JsonObject,
  files: Files,
): Promise<HttpCall> {
  const body = writeLongTexts(io, inlineFiles(document, files));
  return {
    kind: 'create',
    method: 'POST',
    url: resource(parameters, '/recruitingCandidates'),
    urlFrom: 'targetParameters.hostAndPort',
    pathTemplate: `${RESOURCES}/recruitingCandidates`,
    headers: {
      ...(await headers(io, parameters)),
      'Content-Type': 'application/vnd.oracle.adf.resourceitem+json',
    },
    body: JSON.stringify(body),
  };
}

export function candidateNumber(answer: HttpAnswer): string | null {
  const item = oracleCandidateSchema.safeParse(jsonOf(answer));
  return item.success ? (item.data.CandidateNumber ?? null) : null;
}

/** One page of `GET recruitingCandidates`, which needs the right to read candidates. */
export async function pageCall(
  io: ConnectorIo,
  parameters: PushParameters,
  query: Readonly<Record<string, string>>,
): Promise<HttpCall> {
  return {
    kind: 'lookup',
    method: 'GET',
    url: `${resource(parameters, '/recruitingCandidates')}?${new URLSearchParams(query).toString()}`,
    urlFrom: 'targetParameters.hostAndPort',
    pathTemplate: `${RESOURCES}/recruitingCandidates`,
    headers: await headers(io, parameters),
  };
}

/**
 * Looks for candidates by last name and date of change, which are the attributes that Oracle documents for `q` (the e-mail is not
 * one of them), and compares e-mail and date of creation here. A candidate without e-mail or date that may be ours leaves it open.
 */
export async function findApplicant(
  io: ConnectorIo,
  parameters: PushParameters,
  { keys, t0 }: LookupQuery,
): Promise<LookupAnswer> {
  const { email = '', lastName = '' } = keys;
  const since = t0 === null ? null : t0 - ATS_SKEW_MS;
  const matches: Match[] = [];
  let unclear: string | null = null;
  for await (const candidate of candidatesNamed(io, parameters, lastName, since)) {
    const createdAt = readInstant(candidate.CreationDate);
    const isOlder = since !== null && createdAt !== undefined && createdAt < since;
    if (isOlder || !mayBeSameEmail(candidate.Email, email)) continue;
    if (!hasEmail(candidate.Email)) unclear = WITHOUT_EMAIL;
    else if (since !== null && createdAt === undefined) unclear = UNDATED;
    else matches.push(match(candidate));
  }
  if (matches.length > 0) return { answer: 'found', matches };
  return unclear === null ? { answer: 'nothing' } : cannotTell('Oracle', unclear);
}

/** Pods may keep a name without the blanks around it, and compare to the letter. */
async function* candidatesNamed(
  io: ConnectorIo,
  parameters: PushParameters,
  lastName: string,
  since: number | null,
): AsyncGenerator<OracleCandidate> {
  for (const name of new Set([lastName, lastName.trim()])) yield* candidates(io, parameters, name, since);
}

/**
 * Every candidate of that last name, by date of change. Pods announce no more than about 10,000 of a search, however many there
 * are; so the search begins anew at the last date seen before it gets that far.
 */
async function* candidates(
  io: ConnectorIo,
  parameters: PushParameters,
  lastName: string,
  since: number | null,
): AsyncGenerator<OracleCandidate> {
  for (let page = 0, offset = 0, start = since; page < MOST_PAGES; page += 1) {
    const { items, hasMore } = await pageOf(io, parameters, { q: search(lastName, start), offset });
    yield* items;
    if (!hasMore) return;
    offset += items.length;
    if (items.length === 0) throw endless();
    if (offset < DEEPEST) continue;
    [start, offset] = [furtherStart(items.at(-1), start), 0];
  }
  throw endless();
}

async function pageOf(io: ConnectorIo, parameters: PushParameters, { q, offset }: { q: string; offset: number }) {
  const call = await pageCall(io, parameters, {
    q,
    limit: String(PAGE_SIZE),
    offset: String(offset),
    orderBy: 'CandLastModifiedDate:asc',
    onlyData: 'true',
  });
  return io.json(call, oracleCandidatePageSchema);
}

function search(lastName: string, start: number | null): string {
  const named = `LastName = '${lastName.replaceAll("'", "''")}'`;
  return start === null ? named : `${named} and CandLastModifiedDate > '${new Date(start).toISOString()}'`;
}

/** A second earlier than the last date seen, which may be written without its fraction. */
function furtherStart(last: OracleCandidate | undefined, start: number | null): number {
  const seen = readInstant(last?.CandLastModifiedDate);
  const further = seen === undefined ? undefined : seen - 1_000;
  if (further === undefined || (start !== null && further <= start)) throw endless();
  return further;
}

function endless(): StepFailure {
  return new StepFailure({
    type: 'unavailable',
    message: 'Oracle has more candidates of that last name than can be looked through.',
    whoMustAct: 'user',
    nextStep: 'Look in Oracle, then resolve the run as delivered or not delivered.',
    retryable: false,
  });
}

function match({ CandidateNumber, CreationDate }: OracleCandidate): Match {
  return { ref: CandidateNumber ?? CreationDate ?? 'unnumbered', atsId: CandidateNumber ?? null };
}

function resource(parameters: PushParameters, path: string): string {
  const { scheme, host, port } = originOf(parameters.hostAndPort);
  return `${scheme}://${host}:${port}${RESOURCES}${path}`;
}

async function headers(io: ConnectorIo, { authData }: PushParameters): Promise<Record<string, string>> {
  const credentials = Buffer.from(`${authData.username}:${await io.secret(authData.password)}`, 'utf8');
  return {
    Authorization: `Basic ${credentials.toString('base64')}`,
    'REST-Framework-Version': String(oracleSettings(io.settings).frameworkVersion),
  };
}

/** Where a pod takes its byte texts as bytes, they are sent in base64. */
function writeLongTexts(io: ConnectorIo, document: JsonObject): JsonObject {
  const { experience } = document;
  if (oracleSettings(io.settings).longTexts === 'plain' || !Array.isArray(experience)) return document;
  const encoded = experience.map((entry: unknown) => (isObject(entry) ? mapMembers(entry, encodeByteText) : entry));
  return { ...document, experience: encoded };
}

function encodeByteText(name: string, value: unknown): unknown {
  const isBytes = BYTE_TEXTS.includes(name) && typeof value === 'string';
  return isBytes ? Buffer.from(value, 'utf8').toString('base64') : value;
}

function mapMembers(object: JsonObject, change: (name: string, value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([name, value]) => [name, change(name, value)]));
}
