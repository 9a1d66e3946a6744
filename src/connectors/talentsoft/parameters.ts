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
  client_id_back: clientId('Client id of the back office, which looks up applicants'),
  client_secret_back: secret('Client secret of the back office'),
  client_url_back: tenantUrl('URL of the back office'),
  job_reference: z
    .string()
    .regex(/^\P{Cc}*$/u, 'must not hold control characters, since it is also sent as a header')
    .optional()
    .describe('Reference of the offer; if missing or empty, the application has no offer'),
});

export type PushParameters = z.infer<typeof pushParametersSchema>;

export const talentSoftSettingsSchema = connectorSettings({ ratePerSecond: 2 }).extend({
  splitFullName,
  backScope: z.string().min(1).default('MatchingIndexation').describe('scope of the back-office token (exports)'),
  exportPageSize: z.int().min(1).max(1_000).default(100).describe('candidates per page of an export'),
  referentials: talentSoftReferentialsSchema.prefault({}).describe('codes of the tenant that the default format emits'),
});

export const talentSoftSettings = settingsReader(talentSoftSettingsSchema);
