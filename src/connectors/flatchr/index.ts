import type { Connector, ConnectorCheck, ConnectorContext, Enrichment } from '../connector';
import { defineAction } from '../define-action';
import { assertOneAddress } from '../../profile/emails';
import { text } from '../../util/missing';
import { isDuplicate } from '../shared/says-duplicate';
import { createCall, enrichCall, findApplicant, vacanciesCall } from './api';
import { formatFlatchrCandidate, formatFlatchrEnrichment } from './format';
import {
  enrichParametersSchema,
  flatchrSettings,
  flatchrSettingsSchema,
  pushParametersSchema,
  type CompanyApi,
  type EnrichParameters,
  type PushParameters,
} from './parameters';
import { flatchrDocumentSchema, flatchrEnrichmentDocumentSchema, flatchrVacanciesSchema } from './schemas';

const SUCCESS = [200, 201, 202, 204];

const pushProfile = defineAction({
  parameters: pushParametersSchema,
  document: flatchrDocumentSchema,
  identityParameters: ['subdomain', 'vacancy'],
  canLookUp: true,
  networkAuth: false,
  bind(parameters) {
    const company = parameters.enrich ?? parameters.lookup ?? null;
    return {
      destination: [parameters.subdomain.toLowerCase(), parameters.vacancy],
      account: parameters.subdomain.toLowerCase(),
      tenantUrls: [],
      create: {
        format: (profile, settings) =>
          formatFlatchrCandidate(profile, {
            vacancy: parameters.vacancy,
            splitFullName: flatchrSettings(settings).splitFullName,
          }),
        lookupKeys: (document) => {
          const email = text(document['email']);
          if (email) assertOneAddress(email, 'email');
          // A user's format may name another vacancy than the parameters do.
          return email ? { email, vacancy: text(document['vacancy']) ?? parameters.vacancy } : null;
        },
        call: (ctx, document, files) => createCall(ctx, parameters, document, files),
        successStatuses: SUCCESS,
        isDuplicate,
        readId: () => null,
      },
      enrichment: parameters.enrich ? enrichment(parameters, parameters.enrich) : null,
      lookup: company
        ? { requirement: 'e-mail', find: (ctx, query) => findApplicant(ctx, parameters, company, query) }
        : {
            unavailable: 'Flatchr lookups need targetParameters.enrich or targetParameters.lookup, with compagny.',
          },
      authenticate: (ctx) => readKey(ctx, parameters),
      checks: [vacanciesCheck(parameters, company)],
    };
  },
});

const enrichProfile = defineAction({
  parameters: enrichParametersSchema,
  document: flatchrEnrichmentDocumentSchema,
  identityParameters: ['subdomain', 'compagny', 'company'],
  canLookUp: false,
  networkAuth: false,
  bind: (parameters) => ({
    destination: [parameters.subdomain.toLowerCase(), parameters.compagny],
    account: parameters.subdomain.toLowerCase(),
    tenantUrls: [],
    create: null,
    enrichment: enrichment(parameters, parameters),
    lookup: { unavailable: 'this action cannot look up applicants.' },
    authenticate: (ctx) => readKey(ctx, parameters),
    checks: [vacanciesCheck(parameters, parameters)],
  }),
});

/** Flatchr: creates an applicant at a vacancy, and sets meta information on the candidate. */
export const flatchr = {
  name: 'flatchr',
  title: 'Flatchr',
  settings: flatchrSettingsSchema,
  baseUrl: {
    variable: 'FLATCHR_URL',
    fallback: 'https://{subdomain}.flatchr.io',
    problemOf: (url) =>
      url.includes('{subdomain}') || !url.includes('flatchr.io')
        ? null
        : 'expected {subdomain} where the subdomain goes',
  },
  repeatsEnrichment: (settings) => flatchrSettings(settings).enrichRepeatable,
  actions: { pushProfile, enrichProfile },
} satisfies Connector;

type Parameters = PushParameters | EnrichParameters;

function enrichment(parameters: Parameters, company: CompanyApi): Enrichment {
  return {
    format: (profile, settings, now) =>
      formatFlatchrEnrichment(profile, { splitFullName: flatchrSettings(settings).splitFullName, now }),
    call: (ctx, document) => enrichCall(ctx, parameters, company, document),
    successStatuses: SUCCESS,
    notFound: (settings) => flatchrSettings(settings).enrichNotFound,
  };
}

/** Flatchr has keys and no tokens, so authenticating means reading the key. */
async function readKey(ctx: ConnectorContext, { auth }: Parameters): Promise<null> {
  await ctx.secret(auth);
  return null;
}

function vacanciesCheck(parameters: Parameters, company: CompanyApi | null): ConnectorCheck {
  return {
    name: 'Flatchr key, and lookup of applicants',
    run: async (ctx) => {
      if (!company) return null;
      await ctx.json(await vacanciesCall(ctx, parameters, company), flatchrVacanciesSchema);
      return 'the key reads the vacancies of the company';
    },
  };
}
