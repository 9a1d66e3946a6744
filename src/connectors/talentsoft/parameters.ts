import { z } from 'zod';
import { secret } from '../../security/sensitivity';
import { tenantUrl } from '../shared/addresses';
import { connectorSettings, settingsReader, splitFullName } from '../settings';
import { talentSoftReferentialsSchema } from './referentials';

const clientId = (what: string) => z.string().min(1, 'must not be empty').describe(what);

export const pushParametersSchema = z.strictObject({
  client_id_front: clientId('Client id of the front office, which takes applications'),
  client_secret_front: secret('Client secret of the front office'),
  client_url_front: tenantUrl('URL of the front office (the career site)'),
  client_id_back: clientId('Client id of the back office, which is asked whether an applicant is there'),
  client_secret_back: secret('Client secret of the back office'),
  client_url_back: tenantUrl('URL of the back office'),
  job_reference: z
    .string()
    .regex(/^\P{Cc}*$/u, 'must not hold control characters, since it is sent as a header, too')
    .optional()
    .describe('Reference of the offer; left out or empty: an application without an offer'),
});

export type PushParameters = z.infer<typeof pushParametersSchema>;

export const talentSoftSettingsSchema = connectorSettings({ ratePerSecond: 2 }).extend({
  splitFullName,
  backScope: z.string().min(1).default('MatchingIndexation').describe('scope of the back-office token (exports)'),
  exportPageSize: z.int().min(1).max(1_000).default(100).describe('candidates that one page of an export is asked for'),
  referentials: talentSoftReferentialsSchema.prefault({}).describe('codes of the tenant that the default format emits'),
});

export const talentSoftSettings = settingsReader(talentSoftSettingsSchema);
