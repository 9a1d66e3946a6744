import { z } from 'zod';
import { secret } from '../../security/sensitivity';
import { pathPart } from '../shared/addresses';
import { connectorSettings, settingsReader, splitFullName } from '../settings';

/** A label or dotted labels: what may replace `{subdomain}` in the base URL. */
const subdomain = (what: string) =>
  z
    .string()
    .regex(
      /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*$/,
      'expected letters, digits, "-", "_" and single dots, such as careers',
    )
    .describe(what);

const auth = secret('API key of Flatchr (sent as Authorization: Bearer)');
const vacancy = z
  .union([z.string().regex(/\S/, 'must not be empty').max(500), z.int().transform(String)], {
    error: 'expected a text or a whole number',
  })
  .describe('Vacancy: its slug, as in its URL; a number counts as its text');
const compagny = pathPart('Encoded id of the company, as in the URLs of the API');

/** Where vacancies, search and enrichment are: `compagny` (or `company`) on `subdomain`, usually `api`. */
const companyApi = (what: string) =>
  z
    .preprocess(companyAsCompagny, z.strictObject({ subdomain: subdomain('Usually api').default('api'), compagny }))
    .describe(what);

export const pushParametersSchema = z.strictObject({
  auth,
  subdomain: subdomain('Subdomain that takes candidates, usually careers'),
  vacancy,
  enrich: companyApi('Enriches the candidate after the create').optional(),
  lookup: companyApi('Allows lookups without an enrichment').optional(),
});

export const enrichParametersSchema = z.preprocess(
  companyAsCompagny,
  z.strictObject({ auth, subdomain: subdomain('Subdomain of the API, usually api'), vacancy, compagny }),
);

export type PushParameters = z.infer<typeof pushParametersSchema>;
export type EnrichParameters = z.infer<typeof enrichParametersSchema>;
export type CompanyApi = { readonly subdomain: string; readonly compagny: string };

export const flatchrSettingsSchema = connectorSettings({ settleMs: 120_000, ratePerSecond: 2 }).extend({
  splitFullName,
  tokenInBody: z.boolean().default(true).describe('also send the key as `token` in the body of the create'),
  authorization: z.enum(['bearer', 'raw']).default('bearer').describe('form of the Authorization header'),
  enrichNotFound: z
    .array(z.int().min(400).max(499))
    .default([404])
    .describe('statuses that mean that the candidate is not known, or not yet'),
  enrichRepeatable: z
    .boolean()
    .default(true)
    .describe('false: an enrichment that failed waits for a user instead of being retried'),
});

export const flatchrSettings = settingsReader(flatchrSettingsSchema);

function companyAsCompagny(value: unknown, context: z.RefinementCtx): unknown {
  if (typeof value !== 'object' || value === null || !('company' in value)) return value;
  const { company, ...others } = value;
  if (!('compagny' in others) || others.compagny === company) return { ...others, compagny: company };
  context.addIssue('"company" and "compagny" are two names of one parameter and differ; give one of them');
  return z.NEVER;
}
