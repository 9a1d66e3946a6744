import { StepError } from '../../protocol/errors';
import type { HttpCall } from '../../http/client';
import { multipart } from '../../http/multipart';
import { jsonOf, type HttpAnswer } from '../../http/outcome';
import type { LookupAnswer, LookupKeys } from '../../protocol/delivery';
import { ATS_SKEW_MS } from '../../protocol/timing';
import type { ConnectorContext, Files, JsonObject, LookupQuery } from '../connector';
import type { Token } from '../../security/secrets/token-cache';
import { normalisedUrl } from '../shared/addresses';
import { inconclusive } from '../shared/inconclusive';
import { readInstant } from '../../profile/dates';
import { assertOneAddress, hasEmail, isSameEmail, spellingsOf } from '../../profile/emails';
import { text } from '../../util/missing';
import { folded } from '../../util/spelling';
import { readCandidates } from './export-stream';
import { talentSoftSettings, type PushParameters } from './parameters';
import {
  talentSoftCreatedId,
  talentSoftDocumentSchema,
  talentSoftTokenAnswerSchema,
  type TalentSoftCandidate,
} from './schemas';

/** One of the two offices: the front office takes applications, the back office serves exports. */
export type Office = 'front' | 'back';

const CREATE_PATH = '/api/v2/applicants/applicationswithoutaccount';
const EXPORT_PATH = '/api/exports/v1/candidates';
const MAX_PAGES = 200;
const OLDER = 'TalentSoft knows a candidate with that e-mail from before this push.';
const WITHOUT_OFFERS = 'TalentSoft knows a candidate with that e-mail, and its export does not say to what it applied.';
const WITHOUT_EMAIL = 'TalentSoft finds a candidate by that e-mail, and its export does not say whose e-mail it is.';
const OTHER_EMAIL = 'TalentSoft finds a candidate by that e-mail, whose e-mail is not quite the one that was sent.';
/** As in Cegid's documentation. Used if a response does not say. In seconds. */
const USUAL_EXPIRY = 1_199;

interface Credentials {
  readonly url: string;
  /** The parameter that holds the URL. */
  readonly urlFrom: string;
  readonly id: string;
  readonly secret: string;
  /** The front office takes no scope. */
  readonly scope: string | null;
}

async function credentials(ctx: ConnectorContext, parameters: PushParameters, office: Office): Promise<Credentials> {
  if (office === 'front') {
    const secret = await ctx.secret(parameters.client_secret_front);
    const url = normalisedUrl(parameters.client_url_front);
    return { url, urlFrom: 'targetParameters.client_url_front', id: parameters.client_id_front, secret, scope: null };
  }
  const secret = await ctx.secret(parameters.client_secret_back);
  const scope = talentSoftSettings(ctx.settings).backScope;
  const url = normalisedUrl(parameters.client_url_back);
  return { url, urlFrom: 'targetParameters.client_url_back', id: parameters.client_id_back, secret, scope };
}

function identity({ url, id, secret, scope }: Credentials): string[] {
  return ['talentSoft', url, id, secret, scope ?? ''];
}

/** Returns a token from the cache, or a new one: `POST /api/token` with client credentials. */
export async function token(ctx: ConnectorContext, parameters: PushParameters, office: Office): Promise<Token> {
  const found = await credentials(ctx, parameters, office);
  return ctx.tokens.get(identity(found), () => fetchToken(ctx, found));
}

/** Returns the parameters with the back office that the push began with: `retry` may have corrected it since. */
function askedBy(parameters: PushParameters, { backOffice }: LookupKeys): PushParameters {
  return { ...parameters, client_url_back: backOffice ?? parameters.client_url_back };
}

async function fetchToken(ctx: ConnectorContext, { url, urlFrom, id, secret, scope }: Credentials): Promise<Token> {
  const form = new URLSearchParams({ grant_type: 'client_credentials', client_id: id, client_secret: secret });
  if (scope !== null) form.set('scope', scope);
  const call: HttpCall = {
    kind: 'read',
    method: 'POST',
    url: `${url}/api/token`,
    urlFrom,
    pathTemplate: '/api/token',
    body: form,
  };
  const answer = await ctx.json(call, talentSoftTokenAnswerSchema).catch(refusedToken);
  return { value: answer.access_token, expiresAt: ctx.now() + (answer.expires_in ?? USUAL_EXPIRY) * 1_000 };
}

/** A token endpoint refuses credentials with a 400. Other refusals are not about credentials. */
function refusedToken(error: unknown): never {
  if (!(error instanceof StepError) || error.facts.status !== 400) throw error;
  throw new StepError({ ...error.facts, type: 'auth', nextStep: 'Renew the client credentials, then retry.' });
}

/** Makes the create call of the front office: multipart, with the JSON text and the CV. The response is 201. */
export async function createCall(
  ctx: ConnectorContext,
  parameters: PushParameters,
  document: JsonObject,
  files: Files,
): Promise<HttpCall> {
  const { applicantApplication, headers, file } = talentSoftDocumentSchema.parse(document);
  const { body, contentType } = multipart([
    { name: 'applicantApplication', text: JSON.stringify(applicantApplication) },
    ...(file
      ? [{ name: file.part, fileName: file.fileName, contentType: file.contentType, bytes: files(file.content) }]
      : []),
  ]);
  return {
    kind: 'create',
    method: 'POST',
    url: `${normalisedUrl(parameters.client_url_front)}${CREATE_PATH}`,
    urlFrom: 'targetParameters.client_url_front',
    pathTemplate: CREATE_PATH,
    headers: {
      ...utf8Headers(headers),
      'Content-Type': contentType,
      Authorization: `Bearer ${(await token(ctx, parameters, 'front')).value}`,
    },
    body,
  };
}

/** Encodes a header value so that its bytes on the wire are UTF-8: Node writes header values as Latin-1. */
function utf8Headers(headers: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(headers).filter(([name]) => !/^(?:authorization|host|content-)/i.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]));
}

export function createdId(answer: HttpAnswer): string | null {
  return talentSoftCreatedId(jsonOf(answer));
}

/** What a lookup needs: the e-mail and the offer of the document, and the back office of this push. */
export function lookupKeys(parameters: PushParameters, document: JsonObject): LookupKeys | null {
  const checked = talentSoftDocumentSchema.safeParse(document);
  if (!checked.success) return null;
  const { applicant, application } = checked.data.applicantApplication;
  const email = text(applicant.personalInformation.email);
  if (!email) return null;
  // A comma also separates values in a filter of an export.
  assertOneAddress(email, 'applicantApplication.applicant.personalInformation.email');
  return { email, offer: application.offerReference ?? '', backOffice: normalisedUrl(parameters.client_url_back) };
}

/** Reads one page of `GET /api/exports/v1/candidates`. The filter is optional. */
export async function exportPage(
  ctx: ConnectorContext,
  parameters: PushParameters,
  { filter, offset, limit }: { readonly filter?: string; readonly offset: number; readonly limit: number },
): Promise<TalentSoftCandidate[]> {
  const query = new URLSearchParams({ offset: String(offset), limit: String(limit), ...(filter && { filter }) });
  const bytes = await ctx.bytes({
    kind: 'lookup',
    method: 'GET',
    url: `${normalisedUrl(parameters.client_url_back)}${EXPORT_PATH}?${query.toString()}`,
    urlFrom: 'targetParameters.client_url_back',
    pathTemplate: EXPORT_PATH,
    headers: { Authorization: `Bearer ${(await token(ctx, parameters, 'back')).value}`, Accept: '*/*' },
    maxBytes: 64 * 1024 * 1024,
  });
  return readCandidates(bytes, limit);
}

/**
 * Searches the back office. With an offer, any application of that e-mail to that offer counts. Without one, a candidate with that
 * e-mail that was created since the first attempt counts. An older one cannot be distinguished from an applicant of this push.
 */
export async function findApplicant(
  ctx: ConnectorContext,
  parameters: PushParameters,
  { lookupKeys, firstAttemptAt }: LookupQuery,
): Promise<LookupAnswer> {
  const { email = '', offer = '' } = lookupKeys;
  const asked = askedBy(parameters, lookupKeys);
  const exported: TalentSoftCandidate[] = [];
  for (const spelling of spellingsOf(email)) exported.push(...(await everyCandidate(ctx, asked, spelling)));
  return folded(offer) === ''
    ? amongCandidates(exported, email, firstAttemptAt)
    : amongApplications(exported, email, offer);
}

function amongCandidates(
  exported: readonly TalentSoftCandidate[],
  email: string,
  firstAttemptAt: number | null,
): LookupAnswer {
  const matches = exported.filter((one) => isOf(email)(one) && isSince(one, firstAttemptAt)).map(asMatch);
  if (matches.length > 0) return { answer: 'found', matches };
  return exported.length === 0 ? { answer: 'not_found' } : inconclusive('TalentSoft', unclear(exported, email, OLDER));
}

function amongApplications(exported: readonly TalentSoftCandidate[], email: string, offer: string): LookupAnswer {
  const matches = exported.filter(isOf(email)).flatMap(applied(offer));
  if (matches.length > 0) return { answer: 'found', matches };
  const possible = exported.filter((one) => !saysItsOffers(one) || applied(offer)(one).length > 0);
  if (possible.length === 0) return { answer: 'not_found' };
  return inconclusive('TalentSoft', unclear(possible, email, WITHOUT_OFFERS));
}

const isOf =
  (email: string) =>
  ({ candidateDetail }: TalentSoftCandidate): boolean =>
    isSameEmail(candidateDetail.email, email);

/** Returns why the candidates found by that e-mail are inconclusive. `ofOurs` is the reason if one of them has exactly that e-mail. */
function unclear(possible: readonly TalentSoftCandidate[], email: string, ofOurs: string): string {
  if (possible.some(isOf(email))) return ofOurs;
  return possible.some(({ candidateDetail }) => hasEmail(candidateDetail.email)) ? OTHER_EMAIL : WITHOUT_EMAIL;
}

/** An application without an offer says so with null. One that lacks the member may be to any offer. */
function saysItsOffers({ applications }: TalentSoftCandidate): boolean {
  return applications?.every(({ vacancyReference }) => vacancyReference !== undefined) ?? false;
}

async function everyCandidate(
  ctx: ConnectorContext,
  parameters: PushParameters,
  email: string,
): Promise<TalentSoftCandidate[]> {
  const found: TalentSoftCandidate[] = [];
  const limit = talentSoftSettings(ctx.settings).exportPageSize;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    // Advances by the size of the response, not of the request: a tenant may return smaller pages, and candidates would be skipped.
    const offset = found.length;
    const candidates = await exportPage(ctx, parameters, { filter: `email::${email}`, offset, limit });
    if (candidates.length === 0) return found;
    found.push(...candidates);
  }
  throw endless();
}

function endless(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'The export of TalentSoft does not come to an end.',
    nextStep: 'Check TalentSoft, then resolve the run as delivered or not delivered.',
    retryable: false,
  });
}

function isSince({ candidateDetail }: TalentSoftCandidate, firstAttemptAt: number | null): boolean {
  if (firstAttemptAt === null) return true;
  const createdAt = readInstant(candidateDetail.creationDate);
  return createdAt !== undefined && createdAt >= firstAttemptAt - ATS_SKEW_MS;
}

function asMatch({ candidateDetail }: TalentSoftCandidate) {
  return { ref: candidateDetail.id ?? candidateDetail.creationDate ?? 'unnumbered', atsId: candidateDetail.id ?? null };
}

const applied = (offer: string) => (candidate: TalentSoftCandidate) =>
  (candidate.applications ?? [])
    .filter(({ vacancyReference }) => folded(vacancyReference ?? '') === folded(offer))
    .map((application, index) => {
      const person = asMatch(candidate);
      return { ref: `${person.ref}/${application.id ?? index}`, atsId: application.id ?? person.atsId };
    });
