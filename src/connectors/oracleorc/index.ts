import type { Connector } from '../connector';
import { defineAction } from '../define-action';
import { assertOneAddress } from '../../profile/emails';
import { text } from '../../util/missing';
import { isDuplicate } from '../shared/says-duplicate';
import { candidateNumber, createCall, findApplicant, pageCall } from './api';
import { formatOracleCandidate } from './format';
import { oracleSettings, oracleSettingsSchema, endpointOf, pushParametersSchema } from './parameters';
import { oracleCandidatePageSchema, oracleDocumentSchema } from './schemas';

const pushProfile = defineAction({
  parameters: pushParametersSchema,
  document: oracleDocumentSchema,
  identityParameters: ['hostAndPort'],
  canLookUp: true,
  networkAuth: false,
  bind(parameters) {
    const { scheme, host, port } = endpointOf(parameters.hostAndPort);
    return {
      destination: [scheme, host, port],
      account: host,
      tenantUrls: [{ path: 'hostAndPort.host', url: `${scheme}://${host}:${port}` }],
      create: {
        format: (profile, settings, now) => formatOracleCandidate(profile, { ...oracleSettings(settings), now }),
        lookupKeys: (document) => {
          const [email, lastName] = [text(document['Email']), text(document['LastName'])];
          if (email) assertOneAddress(email, 'Email');
          return email && lastName ? { email, lastName } : null;
        },
        call: (ctx, document, files) => createCall(ctx, parameters, document, files),
        successStatuses: [201],
        isDuplicate,
        readId: candidateNumber,
      },
      enrichment: null,
      lookup: {
        requirement: 'e-mail together with a last name',
        find: (ctx, query) => findApplicant(ctx, parameters, query),
      },
      async authenticate(ctx) {
        await ctx.secret(parameters.authData.password);
        return null;
      },
      checks: [
        {
          name: 'Oracle credentials, and lookup of candidates',
          run: async (ctx) => {
            await ctx.json(
              await pageCall(ctx, parameters, { limit: '1', onlyData: 'true' }),
              oracleCandidatePageSchema,
            );
            return 'candidates can be read';
          },
        },
      ],
    };
  },
});

/** Oracle Recruiting Cloud: creates a candidate with addresses, phones, CV, education, experience and skills. */
export const oracleORC = {
  name: 'oracleORC',
  title: 'Oracle Recruiting Cloud',
  settings: oracleSettingsSchema,
  actions: { pushProfile },
} satisfies Connector;
