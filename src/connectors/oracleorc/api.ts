import { StepError } from '../../protocol/errors';
import type { HttpCall } from '../../http/client';
import { type HttpAnswer, jsonOf } from '../../http/outcome';
import { isObject } from '../../util/objects';
import { type LookupAnswer, type Match } from '../../protocol/delivery';
import { ATS_SKEW_MS } from '../../protocol/timing';
import type { ConnectorContext, Files, JsonObject, LookupQuery } from '../connector';
import { inconclusive } from '../shared/inconclusive';
import { readInstant } from '../../profile/dates';
import { hasEmail, isSameEmail, mayBeSameEmail, spellingsOf } from '../../profile/emails';
import { inlineFiles } from '../shared/inline-files';
import { folded, withoutAccents } from '../../util/spelling';
import { oracleSettings, endpointOf, type PushParameters } from './parameters';
import { oracleCandidatePageSchema, oracleCandidateSchema, type OracleCandidate } from './schemas';

const RESOURCES = '/hcmRestApi/resources/11.13.18.05';
const PAGE_SIZE = 100;
/** The largest page that pods return, for searches that are not narrowed by a name. */
const MAX_PAGE_SIZE = 499;
const MAX_PAGES = 250;
/** Half of what pods return for one search. */
const MAX_OFFSET = 5_000;
/** Why a candidate who may be the applicant is inconclusive. */
const DOUBTS = {
  undated: 'Oracle knows a candidate with that e-mail, but not when it was created.',
  withoutEmail: 'Oracle knows a candidate who may be the applicant, but not its e-mail.',
  otherEmail: 'Oracle finds a candidate who may be the applicant, whose e-mail is not quite the one that was sent.',
} as const;
/** Members of an experience that Oracle's documentation types as bytes. */
const BYTE_TEXTS = ['AdditionalInformation', 'Achievements'];

/** Makes the call `POST recruitingCandidates` with the children inside. The response is 201 with the `CandidateNumber`. */
export async function createCall(
  ctx: ConnectorContext,
  parameters: PushParameters,
  document: JsonObject,
  files: Files,
): Promise<HttpCall> {
  const body = writeLongTexts(ctx, inlineFiles(document, files));
  return {
    kind: 'create',
    method: 'POST',
    url: resource(parameters, '/recruitingCandidates'),
    urlFrom: 'targetParameters.hostAndPort',
    pathTemplate: `${RESOURCES}/recruitingCandidates`,
    headers: {
      ...(await headers(ctx, parameters)),
      'Content-Type': 'application/vnd.oracle.adf.resourceitem+json',
    },
    body: JSON.stringify(body),
  };
}

export function candidateNumber(answer: HttpAnswer): string | null {
  const item = oracleCandidateSchema.safeParse(jsonOf(answer));
  return item.success ? (item.data.CandidateNumber ?? null) : null;
}

/** Makes the call for one page of `GET recruitingCandidates`, which needs the privilege to read candidates. */
export async function pageCall(
  ctx: ConnectorContext,
  parameters: PushParameters,
  query: Readonly<Record<string, string>>,
): Promise<HttpCall> {
  return {
    kind: 'lookup',
    method: 'GET',
    url: `${resource(parameters, '/recruitingCandidates')}?${new URLSearchParams(query).toString()}`,
    urlFrom: 'targetParameters.hostAndPort',
    pathTemplate: `${RESOURCES}/recruitingCandidates`,
    headers: await headers(ctx, parameters),
  };
}

/**
 * Searches for candidates, and compares e-mail and creation date here, because Oracle documents neither for `q`. Searches by last name
 * first. Oracle may store that name in another spelling, so a search without a match proves nothing. The next search therefore reads
 * every candidate changed since the first attempt or, without dates, every match of Oracle's keyword search for the e-mail. A candidate
 * who may be the applicant and does not say enough is inconclusive.
 */
export async function findApplicant(
  ctx: ConnectorContext,
  parameters: PushParameters,
  { lookupKeys, firstAttemptAt }: LookupQuery,
): Promise<LookupAnswer> {
  const { email = '', lastName = '' } = lookupKeys;
  const since = firstAttemptAt === null ? null : firstAttemptAt - ATS_SKEW_MS;
  let doubt: keyof typeof DOUBTS | null = null;
  for (const search of searchesFor(email, lastName, since)) {
    const matches: Match[] = [];
    for await (const candidate of candidates(ctx, parameters, search, since)) {
      const verdict = judge(candidate, { email, lastName, since, isHit: search.finder !== undefined });
      if (verdict === 'ours') matches.push(match(candidate));
      else if (verdict !== 'another') doubt = verdict;
    }
    if (matches.length > 0) return { answer: 'found', matches };
  }
  return doubt === null ? { answer: 'not_found' } : inconclusive('Oracle', DOUBTS[doubt]);
}

/** One way to search for candidates. A `finder` and `q` may be combined. */
interface Search {
  readonly named?: string;
  readonly finder?: string;
}

/** In the order in which they are made. One that finds the applicant makes the others unnecessary. */
function searchesFor(email: string, lastName: string, since: number | null): readonly Search[] {
  const byName = [...new Set([lastName, lastName.trim()])].map((name) => ({ named: equalTo(name) }));
  if (since !== null) return [...byName, {}];
  return [...byName, ...spellingsOf(email).map((spelling) => ({ finder: keywords(spelling) }))];
}

function equalTo(lastName: string): string {
  return `LastName = '${lastName.replaceAll("'", "''")}'`;
}

/** A finder cannot escape a quotation mark. */
function keywords(email: string): string {
  return `search;keywords="${email.replaceAll('"', '')}"`;
}

interface Wanted {
  readonly email: string;
  readonly lastName: string;
  readonly since: number | null;
  /** Whether Oracle itself returned the candidate for that e-mail. */
  readonly isHit: boolean;
}

function judge(
  candidate: OracleCandidate,
  { email, lastName, since, isHit }: Wanted,
): 'ours' | 'another' | keyof typeof DOUBTS {
  const createdAt = readInstant(candidate.CreationDate);
  if (since !== null && createdAt !== undefined && createdAt < since) return 'another';
  if (!hasEmail(candidate.Email)) return isHit || mayBeNamed(candidate, lastName) ? 'withoutEmail' : 'another';
  if (isSameEmail(candidate.Email, email)) return since !== null && createdAt === undefined ? 'undated' : 'ours';
  return isHit || mayBeSameEmail(candidate.Email, email) ? 'otherEmail' : 'another';
}

function mayBeNamed({ LastName }: OracleCandidate, lastName: string): boolean {
  const [one, other] = [folded(LastName ?? ''), folded(lastName)];
  return one === '' || withoutAccents(one) === withoutAccents(other);
}

/**
 * Yields every candidate of a search, by date of change. Pods return no more than about 10,000 per search, so the search restarts at
 * the last date read before it gets that far.
 */
async function* candidates(
  ctx: ConnectorContext,
  parameters: PushParameters,
  search: Search,
  since: number | null,
): AsyncGenerator<OracleCandidate> {
  for (let page = 0, offset = 0, start = since; page < MAX_PAGES; page += 1) {
    const { items, hasMore } = await pageOf(ctx, parameters, {
      ...queryOf(search, start),
      offset: String(offset),
      limit: String(search.named === undefined ? MAX_PAGE_SIZE : PAGE_SIZE),
    });
    yield* items;
    if (!hasMore) return;
    offset += items.length;
    if (items.length === 0) throw endless();
    if (offset < MAX_OFFSET) continue;
    [start, offset] = [furtherStart(items.at(-1), start), 0];
  }
  throw endless();
}

async function pageOf(ctx: ConnectorContext, parameters: PushParameters, query: Readonly<Record<string, string>>) {
  const call = await pageCall(ctx, parameters, {
    ...query,
    orderBy: 'CandLastModifiedDate:asc',
    onlyData: 'true',
  });
  return ctx.json(call, oracleCandidatePageSchema);
}

function queryOf({ named, finder }: Search, start: number | null): Record<string, string> {
  const dated = start === null ? undefined : `CandLastModifiedDate > '${new Date(start).toISOString()}'`;
  const q = [named, dated].filter((part) => part !== undefined).join(' and ');
  return { ...(finder !== undefined && { finder }), ...(q !== '' && { q }) };
}

/** A second before the last date read, which may lack its fraction. */
function furtherStart(last: OracleCandidate | undefined, start: number | null): number {
  const seen = readInstant(last?.CandLastModifiedDate);
  const further = seen === undefined ? undefined : seen - 1_000;
  if (further === undefined || (start !== null && further <= start)) throw endless();
  return further;
}

function endless(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'Oracle has more candidates that may be the applicant than a lookup can read.',
    whoMustAct: 'user',
    nextStep: 'Check Oracle, then resolve the run as delivered or not delivered.',
    retryable: false,
  });
}

function match({ CandidateNumber, CreationDate }: OracleCandidate): Match {
  return { ref: CandidateNumber ?? CreationDate ?? 'unnumbered', atsId: CandidateNumber ?? null };
}

function resource(parameters: PushParameters, path: string): string {
  const { scheme, host, port } = endpointOf(parameters.hostAndPort);
  return `${scheme}://${host}:${port}${RESOURCES}${path}`;
}

async function headers(ctx: ConnectorContext, { authData }: PushParameters): Promise<Record<string, string>> {
  const credentials = Buffer.from(`${authData.username}:${await ctx.secret(authData.password)}`, 'utf8');
  return {
    Authorization: `Basic ${credentials.toString('base64')}`,
    'REST-Framework-Version': String(oracleSettings(ctx.settings).frameworkVersion),
  };
}

/** Encodes byte texts in base64 if the pod takes them as bytes. */
function writeLongTexts(ctx: ConnectorContext, document: JsonObject): JsonObject {
  const { experience } = document;
  if (oracleSettings(ctx.settings).longTexts === 'plain' || !Array.isArray(experience)) return document;
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
