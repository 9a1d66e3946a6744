import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { openContext } from '../../../src/client/context';
import { ConfigurationError } from '../../../src/config/settings';
import { loadTemporalConfig } from '../../../src/config/temporal';

const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

const MARKER = 'MARKER-api-key';
const file = join(folder, 'temporal.toml');

function withFile(content: string, env: Record<string, string> = {}): Record<string, string> {
  writeFileSync(file, content);
  return { TEMPORAL_CONFIG_FILE: file, ...env };
}

function messageFor(env: Record<string, string>): string {
  try {
    loadTemporalConfig(env);
  } catch (error) {
    if (error instanceof ConfigurationError && error.cause === undefined) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe("Temporal's configuration", () => {
  it('is read from the file, and from variables over it', () => {
    const env = withFile('[profile.default]\naddress = "a:1"\nnamespace = "n"\n', { TEMPORAL_ADDRESS: 'b:2' });
    expect(loadTemporalConfig(env)).toMatchObject({ namespace: 'n', connectionOptions: { address: 'b:2' } });
    expect(loadTemporalConfig({ TEMPORAL_CONFIG_FILE: join(folder, 'none') })).toMatchObject({
      namespace: 'default',
      connectionOptions: { address: 'localhost:7233' },
    });
  });

  it.each<[string, string, Record<string, string>, RegExp]>([
    [
      'is no TOML',
      `[profile.default]\napi_key = "${MARKER}\n`,
      {},
      /profile "default".*not valid TOML; look at line 2$/,
    ],
    [
      'says something twice',
      `[profile.default]\napi_key = "${MARKER}"\n[profile.default]\n`,
      {},
      /not valid TOML; look at line 3$/,
    ],
    ['is another file', `api_key = "${MARKER}"`, {}, /no configuration of Temporal; it needs a table/],
    [
      'lacks the profile',
      `[profile.default]\napi_key = "${MARKER}"`,
      { TEMPORAL_PROFILE: 'prod' },
      /TEMPORAL_PROFILE=prod.*no such profile/,
    ],
    [
      'names a certificate that is not there',
      `[profile.default.tls]\nclient_key_path = "/nowhere/${MARKER}"`,
      {},
      /names, cannot be read \(ENOENT\)/,
    ],
    [
      'has a certificate twice',
      `[profile.default.tls]\nclient_key_path = "k"\nclient_key_data = "${MARKER}"`,
      {},
      /Cannot specify both client_key_path and client_key_data/,
    ],
  ])('that %s is refused by the name of the file, without quoting it', (_, content, env, words) => {
    const message = messageFor(withFile(content, env));
    expect(message).toContain(`TEMPORAL_CONFIG_FILE=${file}`);
    expect(message).toMatch(words);
    expect(message).not.toContain(MARKER);
  });

  it.each<[string, Record<string, string>]>([
    ['an empty variable', { TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: '' }],
    ['no variable', { TEMPORAL_API_KEY: 'k' }],
  ])('sends an API key over TLS after %s', (_, env) => {
    const { connectionOptions } = loadTemporalConfig({ TEMPORAL_CONFIG_FILE: join(folder, 'none'), ...env });
    expect(connectionOptions).toMatchObject({ apiKey: 'k', tls: true });
  });

  it.each(['false', '0'])('sends it without TLS where TEMPORAL_TLS=%s says so', (word) => {
    expect(loadTemporalConfig({ TEMPORAL_API_KEY: 'k', TEMPORAL_TLS: word }).connectionOptions.tls).toBe(false);
  });

  it.each<[string, string, Record<string, string>]>([
    ['a file that has TLS off', '[profile.default.tls]\ndisabled = true', { TEMPORAL_API_KEY: MARKER }],
    ['a header', '[profile.default]', { TEMPORAL_GRPC_META_AUTHORIZATION: MARKER }],
    ['a word that is not understood', '[profile.default]', { TEMPORAL_API_KEY: MARKER, TEMPORAL_TLS: 'yes' }],
  ])('never sends it without TLS because of %s', (_, content, env) => {
    const message = messageFor(withFile(content, env));
    expect(message).toContain('TEMPORAL_TLS');
    expect(message).not.toContain(MARKER);
  });

  it('takes every empty variable for none', () => {
    const none = { TEMPORAL_CONFIG_FILE: join(folder, 'none') };
    const names = ['ADDRESS', 'NAMESPACE', 'API_KEY', 'PROFILE', 'TLS', 'TLS_SERVER_NAME', 'TLS_CLIENT_CERT_PATH'];
    const empty = Object.fromEntries(names.map((name) => [`TEMPORAL_${name}`, '']));
    expect(loadTemporalConfig({ ...empty, ...none })).toEqual(loadTemporalConfig(none));
    const header = withFile('[profile.default.grpc_meta]\nx = "y"');
    expect(loadTemporalConfig(header).connectionOptions.metadata).toEqual({ x: 'y' });
    expect(loadTemporalConfig({ ...header, TEMPORAL_GRPC_META_X: '' }).connectionOptions.metadata).toEqual({});
  });

  it('drops the line break at the end of a key', () => {
    expect(loadTemporalConfig({ TEMPORAL_API_KEY: 'k\n' }).connectionOptions.apiKey).toBe('k');
  });

  it.each<[string, Record<string, string>]>([
    ['TEMPORAL_API_KEY', { TEMPORAL_API_KEY: `${MARKER}\nmore` }],
    ['TEMPORAL_GRPC_META.x', { TEMPORAL_GRPC_META_X: `${MARKER}\u00e9` }],
    ['TEMPORAL_ADDRESS', { TEMPORAL_ADDRESS: `https://${MARKER}` }],
    ['TEMPORAL_TLS_SERVER_CA_CERT', { TEMPORAL_TLS_SERVER_CA_CERT_DATA: MARKER }],
    ['TEMPORAL_TLS_CLIENT_CERT', { TEMPORAL_TLS_CLIENT_CERT_DATA: MARKER, TEMPORAL_TLS_CLIENT_KEY_DATA: MARKER }],
  ])('refuses %s that cannot be sent, without quoting it', (name, env) => {
    const message = messageFor(env);
    expect(message).toContain(name);
    expect(message).not.toContain(MARKER);
  });

  it('that cannot be read is refused', () => {
    expect(messageFor({ TEMPORAL_CONFIG_FILE: folder })).toMatch(/cannot be read \(EISDIR\)/);
  });

  it('at its usual place is called that', () => {
    mkdirSync(join(folder, 'temporalio'));
    writeFileSync(join(folder, 'temporalio', 'temporal.toml'), `api_key = ${MARKER}`);
    const message = messageFor({ XDG_CONFIG_HOME: folder, HOME: folder, APPDATA: folder });
    expect(message).toMatch(/the default file, since TEMPORAL_CONFIG_FILE is not set/);
    expect(message).not.toContain(MARKER);
  });

  it('is read so by clients', async () => {
    const env = withFile(`api_key = ${MARKER}`, { HRFLOW_TEMPORAL_ENCRYPTION: 'off' });
    await expect(openContext({ env })).rejects.toThrow(ConfigurationError);
    await expect(openContext({ env })).rejects.not.toThrow(MARKER);
  });
});
