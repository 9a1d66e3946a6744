import { connectorSettings } from '../settings';
import type { CheckWarning, ProfileSource } from '../connector';
import { readPermission, readProfile } from './api';
import { originParametersSchema } from './parameters';

/** HrFlow.ai, where every profile comes from. */
export const hrflow: ProfileSource = {
  name: 'hrflow',
  title: 'HrFlow.ai',
  settings: connectorSettings({ ratePerSecond: 10 }),
  baseUrl: { variable: 'HRFLOW_API_URL', fallback: 'https://api.hrflow.ai/v1' },
  parameters: originParametersSchema,
  supportsIncremental: false,
  bind(originParameters) {
    const parameters = originParametersSchema.parse(originParameters);
    return {
      account: parameters.source_key,
      profileKey: parameters.profile_key,
      sourceKey: parameters.source_key,
      read: (ctx) => readProfile(ctx, parameters),
      checks: [
        {
          name: 'HrFlow.ai key',
          run: async (ctx) => acceptedWith(await readPermission(ctx, parameters)),
        },
        {
          name: 'source and profile',
          run: async (ctx) =>
            (await readProfile(ctx, parameters))
              ? 'the profile can be read'
              : 'the source is there, the profile is not',
        },
      ],
    };
  },
};

function acceptedWith(permission: string | null): string | CheckWarning {
  if (permission === null) return 'the key is accepted; HrFlow.ai does not say with which permission';
  const seen = `the key is accepted, with permission "${permission}"`;
  return permission === 'write'
    ? { seen, todo: 'Reading profiles needs a key with permission "read" or "all".' }
    : seen;
}
