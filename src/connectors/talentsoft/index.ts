import type { Connector } from '../connector';
import { defineAction } from '../define-action';
import { normalisedUrl } from '../shared/addresses';
import { isDuplicate } from '../shared/says-duplicate';
import { createCall, createdId, exportPage, findApplicant, lookupKeys, token } from './api';
import { formatTalentSoftApplicant } from './format';
import { pushParametersSchema, talentSoftSettings, talentSoftSettingsSchema } from './parameters';
import { talentSoftDocumentSchema } from './schemas';

const pushProfile = defineAction({
  parameters: pushParametersSchema,
  document: talentSoftDocumentSchema,
  identityParameters: ['client_url_front', 'job_reference'],
  canLookUp: true,
  networkAuth: true,
  bind: (parameters) => ({
    destination: [normalisedUrl(parameters.client_url_front), parameters.job_reference ?? ''],
    account: new URL(parameters.client_url_front).hostname,
    tenantUrls: [
      { path: 'client_url_front', url: parameters.client_url_front },
      { path: 'client_url_back', url: parameters.client_url_back },
    ],
    create: {
      format: (profile, settings, now) => {
        const { referentials, splitFullName } = talentSoftSettings(settings);
        const { job_reference } = parameters;
        return formatTalentSoftApplicant(profile, { job_reference, referentials, splitFullName, now });
      },
      lookupKeys: (document) => lookupKeys(parameters, document),
      call: (ctx, document, files) => createCall(ctx, parameters, document, files),
      successStatuses: [201],
      isDuplicate,
      readId: createdId,
    },
    enrichment: null,
    lookup: {
      requirement: 'e-mail',
      find: (ctx, query) => findApplicant(ctx, parameters, query),
    },
    authenticate: async (ctx) => (await token(ctx, parameters, 'front')).expiresAt,
    checks: [
      {
        name: 'TalentSoft front office',
        run: async (ctx) => {
          await token(ctx, parameters, 'front');
          return 'the front office gives a token';
        },
      },
      {
        name: 'TalentSoft back office, and lookup of candidates',
        run: async (ctx) => {
          await exportPage(ctx, parameters, { offset: 0, limit: 1 });
          return 'the back office gives a token and candidates can be exported';
        },
      },
    ],
  }),
});

/** Cegid TalentSoft: creates an application without account through the front office, looks up through the back office. */
export const talentSoft = {
  name: 'talentSoft',
  title: 'TalentSoft',
  settings: talentSoftSettingsSchema,
  actions: { pushProfile },
} satisfies Connector;
