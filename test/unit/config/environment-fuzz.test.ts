import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readEnvironment, type Env } from '../../../src/config/environment';
import { EgressAllowListInvalidError, parseEgressAllowList } from '../../../src/http/egress/allow-list';
import {
  EncryptionKeyInvalidError,
  EncryptionKeyMissingError,
  encryptionNamespace,
  keyRingFromEnvironment,
} from '../../../src/security/encryption/key-ring';
import { createSecretResolver } from '../../../src/security/secrets/references';
import { ConfigurationError, loadSettings } from '../../../src/config/settings';
import { loadTemporalConfig } from '../../../src/config/temporal';

const OURS = [
  'HRFLOW_TEMPORAL_TASK_QUEUE',
  'HRFLOW_API_URL',
  'FLATCHR_URL',
  'HRFLOW_TEMPORAL_EGRESS_ALLOW',
  'HRFLOW_TEMPORAL_PROXY',
  'NO_PROXY',
  'HRFLOW_TEMPORAL_SETTINGS',
  'HRFLOW_TEMPORAL_ENCRYPTION',
  'HRFLOW_TEMPORAL_ENCRYPTION_KEYS',
  'HRFLOW_TEMPORAL_ENCRYPTION_KEYS_FILE',
  'HRFLOW_TEMPORAL_ENCRYPTION_NAMESPACE',
  'HRFLOW_TEMPORAL_SECRETS_DIR',
  'HRFLOW_TEMPORAL_SECRETS_FILE',
  'HRFLOW_TEMPORAL_LOG',
] as const;
const TEMPORALS = [
  'TEMPORAL_ADDRESS',
  'TEMPORAL_NAMESPACE',
  'TEMPORAL_API_KEY',
  'TEMPORAL_PROFILE',
  'TEMPORAL_CONFIG_FILE',
  'TEMPORAL_TLS',
  'TEMPORAL_TLS_CLIENT_CERT_PATH',
  'TEMPORAL_TLS_CLIENT_CERT_DATA',
  'TEMPORAL_TLS_CLIENT_KEY_PATH',
  'TEMPORAL_TLS_CLIENT_KEY_DATA',
  'TEMPORAL_TLS_SERVER_CA_CERT_PATH',
  'TEMPORAL_TLS_SERVER_CA_CERT_DATA',
  'TEMPORAL_TLS_SERVER_NAME',
  'TEMPORAL_GRPC_META_AUTHORIZATION',
  'TEMPORAL_GRPC_META_X-BIN',
  'TEMPORAL_GRPC_META_É',
] as const;
/** Their values are nobody's business. */
const SECRET = /PROXY$|ENCRYPTION_KEYS$|API_KEY$|_DATA$|GRPC_META/;
const KINDS = [ConfigurationError, EgressAllowListInvalidError, EncryptionKeyInvalidError, EncryptionKeyMissingError];

/** The operating system allows every text without a NUL. */
const text = fc
  .oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom(
      '',
      ' ',
      '0',
      'true',
      'off',
      'on',
      'k1:AAAA',
      'https://{subdomain}',
      'http://0{subdomain}',
      '[::1]:1',
    ),
    fc.webUrl(),
  )
  .map((value) => value.replaceAll('\0', ''));

function environment(names: readonly string[]): fc.Arbitrary<Env> {
  // A value that is certain to be seen where it is quoted.
  const marked = (name: string) => (SECRET.test(name) ? text.map((value) => value && `MARKER${value}`) : text);
  return fc.record(Object.fromEntries(names.map((name) => [name, marked(name)])), { requiredKeys: [] });
}

/** Whatever is read gives a value, or an error that names a variable and no secret. */
function check(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    const { message, name } = error as Error;
    if (!KINDS.some((kind) => error instanceof kind)) throw new Error(`${name}: ${message}`, { cause: error });
    expect(message).not.toContain('MARKER');
    expect(message).toMatch(/HRFLOW_|FLATCHR_|TEMPORAL_|[Ee]ncryption key/);
  }
}

describe('any environment', () => {
  it('gives values, or names the variable that cannot be used', () => {
    fc.assert(
      fc.property(environment(OURS), (env) => {
        check(() => {
          const { egressAllow, settingsFile } = readEnvironment(env);
          parseEgressAllowList(egressAllow ?? '');
          if (settingsFile !== undefined) loadSettings(`/nowhere/${settingsFile}`);
        });
        check(() => keyRingFromEnvironment(env));
        check(() => encryptionNamespace(env));
      }),
      { numRuns: 500 },
    );
  });

  it("gives Temporal's configuration, or names what cannot be used, and no key leaves without TLS unless that is said", () => {
    fc.assert(
      fc.property(environment(TEMPORALS), (env) => {
        check(() => {
          const { connectionOptions } = loadTemporalConfig(env);
          const { apiKey, tls, metadata } = connectionOptions;
          const key = apiKey ?? (metadata as Record<string, string> | undefined)?.['authorization'];
          const said = ['false', '0'].includes(env['TEMPORAL_TLS'] ?? '');
          expect(key === undefined || Boolean(tls) || said).toBe(true);
        });
      }),
      { numRuns: 500 },
    );
  });

  it('takes an empty variable for one that is not set, whatever else is set', () => {
    fc.assert(
      fc.property(environment([...OURS, ...TEMPORALS]), (env) => {
        const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
        const outcome = (read: (from: Env) => unknown, from: Env): unknown => {
          try {
            return read(from);
          } catch (error) {
            return String(error);
          }
        };
        for (const read of [readEnvironment, loadTemporalConfig, encryptionNamespace])
          expect(outcome(read, env)).toEqual(outcome(read, set));
        const ids = (from: Env) => outcome((given) => keyRingFromEnvironment(given) === 'off', from);
        expect(ids(env)).toEqual(ids(set));
      }),
      { numRuns: 300 },
    );
  });

  it('holds no secret in a variable that is empty', async () => {
    const resolver = createSecretResolver({ env: { HRFLOW_SECRET_A: '' }, provider: () => Promise.resolve('other') });
    expect(await resolver.check({ secret: 'a' })).toMatchObject({ source: 'the secret provider' });
  });
});
