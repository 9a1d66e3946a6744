import type { Connector } from '../connector';
import { defineAction } from '../define-action';
import { assertOneAddress } from '../../profile/emails';
import { text } from '../../util/missing';
import { saysDuplicate } from '../shared/says-duplicate';
import { candidateNumber, createCall, findApplicant, pageCall } from './api';
import { formatOracleCandidate } from './format';
import { oracleSettings, oracleSettingsSchema, originOf, pushParametersSchema } from './parameters';
import { oracleCandidatePageSchema, oracleDocumentSchema } from './schemas';

const pushProfile = defineAction({
  parameters: pushParametersSchema,
  document: oracleDocumentSchema,
  placeMembers: ['hostAndPort'],
  canLookUp: true,
  networkAuth: false,
  open(parameters) {
    const { scheme, host, port } = originOf(parameters.hostAndPort);
    return {
      place: [scheme, host, port],
      account: host,
      tenantUrls: [{ path: 'hostAndPort.host', url: `${scheme}://${host}:${port}` }],
      create: {
        format: (profile, settings, now) => formatOracleCandidate(profile, { ...oracleSettings(settings), now }),
        keys: (document) => {
          const [email, lastName] = [text(document['Email']), text(document['LastName'])];
          if (email) assertOneAddress(email, 'Email');
          return email && lastName ? { email, lastName } : null;
        },
        call: (io, document, files) => createCall(io, parameters, document, files),
        documented: [201],
        saysDuplicate,
        atsId: candidateNumber,
      },
      enrichment: null,
      find: (io, query) => findApplicant(io, parameters, query),
      noLookup: null,
      async authenticate(io) {
        await io.secret(parameters.authData.password);
        return null;
      },
      checks: [
        {
          name: 'Oracle credentials, and lookup of candidates',
          run: async (io) => {
            await io.json(await pageCall(io, parameters, { limit: '1', onlyData: 'true' }), oracleCandidatePageSchema);
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
