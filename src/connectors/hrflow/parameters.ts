import { z } from 'zod';
import { secret } from '../../security/sensitivity';

const key = (what: string) =>
  z
    .string()
    .min(1, 'must not be empty')
    .max(200)
    .regex(/^[\x21-\x7e]*$/, 'must not hold blanks or special characters')
    .regex(/^[^"'`]*$/, 'must not hold quotes')
    .describe(what);

/** Where a profile is read: the same four for every action. Keys of profiles and sources are not personal data here. */
export const originParametersSchema = z.strictObject({
  api_secret: secret('API secret of the HrFlow.ai workspace (header X-API-KEY); needs the right to read'),
  api_user: z
    .string()
    .regex(/^[\x21-\x7e]+$/, 'must be an e-mail address')
    .regex(/^[^,;]*$/, 'must be one e-mail address; give that of the account alone')
    .regex(/^(?!mailto:)/i, 'must be an e-mail address, without mailto: before it')
    .describe('E-mail of the HrFlow.ai account (X-USER-EMAIL)'),
  source_key: key('Key of the source that holds the profile'),
  profile_key: key('Key of the profile'),
});

export type OriginParameters = z.infer<typeof originParametersSchema>;
