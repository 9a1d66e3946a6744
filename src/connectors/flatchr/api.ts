import type { HttpCall } from '../../http/client';
import type { LookupAnswer } from '../../protocol/delivery';
import type { ConnectorContext, Files, JsonObject, LookupQuery } from '../connector';
import { inconclusive } from '../shared/inconclusive';
import { hasEmail, isSameEmail, spellingsOf } from '../../profile/emails';
import { inlineFiles } from '../shared/inline-files';
import type { Secret } from '../../security/sensitivity';
import { flatchrSettings, type CompanyApi } from './parameters';
import { flatchrApplicantsSchema, flatchrVacanciesSchema, type FlatchrApplicant } from './schemas';
import { createProblem } from '../../protocol/problems';

type Parameters = { readonly auth: Secret };

const WITHOUT_VACANCY = 'Flatchr knows an applicant with that e-mail, and its search does not say for which vacancy.';
const WITHOUT_EMAIL = 'Flatchr finds an applicant by that e-mail, and its search does not say whose e-mail it is.';
const OTHER_EMAIL =
  'Flatchr finds an applicant by that e-mail, whose e-mail differs slightly from the one that was sent.';

/** `POST /vacancy/candidate/json` on the careers host. The response has no id (documentation "Créer un candidat"). */
export async function createCall(
  ctx: ConnectorContext,
  parameters: Parameters & { readonly subdomain: string },
  document: JsonObject,
  files: Files,
): Promise<HttpCall> {
  const { tokenInBody } = flatchrSettings(ctx.settings);
  const body = inlineFiles(document, files);
  const token = tokenInBody ? { token: await ctx.secret(parameters.auth) } : {};
  return {
    kind: 'create',
    method: 'POST',
    url: `${baseUrl(ctx, parameters.subdomain)}/vacancy/candidate/json`,
    trusted: true,
    urlFrom: 'FLATCHR_URL',
    pathTemplate: '/vacancy/candidate/json',
    headers: await headers(ctx, parameters),
    body: JSON.stringify({ ...body, ...token }),
  };
}

/** `POST /company/{companyId}/search/candidate`: sets the meta information of the candidate with that e-mail. */
export async function enrichCall(
  ctx: ConnectorContext,
  parameters: Parameters,
  company: CompanyApi,
  document: JsonObject,
): Promise<HttpCall> {
  return companyCall(ctx, parameters, company, 'upsert', '/search/candidate', document);
}

/** `GET /company/{companyId}/vacancies`. */
export async function vacanciesCall(
  ctx: ConnectorContext,
  parameters: Parameters,
  company: CompanyApi,
): Promise<HttpCall> {
  return {
    kind: 'lookup',
    method: 'GET',
    url: `${baseUrl(ctx, company.subdomain)}/company/${company.compagny}/vacancies`,
    trusted: true,
    urlFrom: 'FLATCHR_URL',
    pathTemplate: '/company/{companyId}/vacancies',
    headers: await headers(ctx, parameters),
  };
}

/**
 * Looks for the applicant of an e-mail at a vacancy: maps the vacancy (slug, encoded id or number) through the company's
 * vacancies, then searches by e-mail. No `start` filter: its precision is a day. Archived applicants count.
 */
export async function findApplicant(
  ctx: ConnectorContext,
  parameters: Parameters,
  company: CompanyApi,
  { lookupKeys }: LookupQuery,
): Promise<LookupAnswer> {
  const { email = '', vacancy = '' } = lookupKeys;
  const vacancies = await ctx.json(await vacanciesCall(ctx, parameters, company), flatchrVacanciesSchema);
  const wanted = vacancies.find((row) => [row.slug, row.id, row.vacancy_id].includes(vacancy));
  if (wanted?.vacancy_id === undefined || wanted.vacancy_id === null) return unmappable();
  const rows: FlatchrApplicant[] = [];
  for (const spelling of spellingsOf(email)) rows.push(...(await search(ctx, parameters, company, spelling)));
  return among(rows, email, wanted.vacancy_id);
}

/**
 * Found counts what says both, e-mail and vacancy. Whatever else Flatchr finds by that e-mail may be ours all the same, unless it is of
 * another vacancy: Flatchr may keep an e-mail otherwise than it was sent.
 */
function among(rows: readonly FlatchrApplicant[], email: string, vacancyId: string): LookupAnswer {
  const possible = rows.filter((row) => (row.vacancy_id ?? vacancyId) === vacancyId);
  const ours = possible.filter((row) => isSameEmail(row.email, email) && row.vacancy_id);
  if (ours.length > 0) {
    return {
      answer: 'found',
      matches: ours.map((row, index) => ({ ref: row.applicant ?? String(index), atsId: null })),
    };
  }
  const [first] = possible;
  if (!first) return { answer: 'not_found' };
  if (possible.some((row) => isSameEmail(row.email, email))) return inconclusive('Flatchr', WITHOUT_VACANCY);
  return inconclusive('Flatchr', possible.some((row) => hasEmail(row.email)) ? OTHER_EMAIL : WITHOUT_EMAIL);
}

async function search(
  ctx: ConnectorContext,
  parameters: Parameters,
  company: CompanyApi,
  email: string,
): Promise<FlatchrApplicant[]> {
  const call = await companyCall(ctx, parameters, company, 'lookup', '/search/applicants', { email });
  return ctx.json(call, flatchrApplicantsSchema);
}

function unmappable(): LookupAnswer {
  return {
    answer: 'unavailable',
    problem: createProblem({
      type: 'unknown_outcome',
      reason: 'write_failure',
      stage: 'findApplicant',
      message: 'the vacancy is not among the vacancies of the company, so applicants cannot be looked up.',
      nextStep: 'Check targetParameters.vacancy and compagny, or check Flatchr and resolve the run.',
    }),
  };
}

async function companyCall(
  ctx: ConnectorContext,
  parameters: Parameters,
  company: CompanyApi,
  kind: HttpCall['kind'],
  path: string,
  document: JsonObject,
): Promise<HttpCall> {
  return {
    kind,
    method: 'POST',
    url: `${baseUrl(ctx, company.subdomain)}/company/${company.compagny}${path}`,
    trusted: true,
    urlFrom: 'FLATCHR_URL',
    pathTemplate: `/company/{companyId}${path}`,
    headers: await headers(ctx, parameters),
    body: JSON.stringify(document),
  };
}

function baseUrl(ctx: ConnectorContext, subdomain: string): string {
  return ctx.baseUrl.replaceAll('{subdomain}', subdomain);
}

async function headers(ctx: ConnectorContext, { auth }: Parameters): Promise<Record<string, string>> {
  const key = await ctx.secret(auth);
  const { authorization } = flatchrSettings(ctx.settings);
  return {
    Authorization: authorization === 'bearer' ? `Bearer ${key}` : key,
    'Content-Type': 'application/json; charset=utf-8',
  };
}
