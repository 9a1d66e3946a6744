import { describe, expect, test } from '@jest/globals';
import { HRFLOW_ACCOUNT } from '../../simulators';
import { HRFLOW_HEADERS, useSimulators } from './support';

const { get } = useSimulators();
const PROFILE = { key: 'a'.repeat(40), reference: 'ext-17', info: { first_name: 'Zoé' } };

function read(query: Record<string, string>, headers: Record<string, string> = HRFLOW_HEADERS): Promise<Response> {
  const url = `${get().hrflow.url}/profile/indexing?${new URLSearchParams(query).toString()}`;
  return fetch(url, { headers });
}

describe('reading a profile', () => {
  test('gives the stored profile in the envelope, by key and by reference', async () => {
    get().hrflow.putProfile(HRFLOW_ACCOUNT.source_key, PROFILE);
    const ways: Record<string, string>[] = [{ key: PROFILE.key }, { reference: 'ext-17' }];
    for (const by of ways) {
      const response = await read({ source_key: HRFLOW_ACCOUNT.source_key, ...by });
      expect(response.status).toBe(200);
      expect(response.headers.get('content-type')).toBe('application/json');
      expect(await response.json()).toEqual({ code: 200, message: 'Profile details', data: PROFILE });
    }
  });

  test.each([
    ['profile', { source_key: HRFLOW_ACCOUNT.source_key, key: 'b'.repeat(40) }],
    ['source', { source_key: 'c'.repeat(40), key: PROFILE.key }],
  ])('answers 400 and the known phrase for an unknown %s', async (what, query) => {
    const response = await read(query);
    expect(response.status).toBe(400);
    const message = `Invalid parameters. Unable to find object: ${what}`;
    expect(await response.json()).toEqual({ code: 400, message });
  });

  test('answers 400 without key and reference, and for a source_key that is no key', async () => {
    expect((await read({ source_key: HRFLOW_ACCOUNT.source_key })).status).toBe(400);
    expect((await read({ source_key: 'short', key: PROFILE.key })).status).toBe(400);
  });

  test.each([
    ['a wrong key', { ...HRFLOW_HEADERS, 'X-API-KEY': 'ask_wrong' }],
    ['another account', { ...HRFLOW_HEADERS, 'X-USER-EMAIL': 'else@example.test' }],
    ['a missing account', { 'X-API-KEY': HRFLOW_ACCOUNT.keys.all }],
    ['a key that may only write', { ...HRFLOW_HEADERS, 'X-API-KEY': HRFLOW_ACCOUNT.keys.write }],
  ])('refuses %s with 401', async (_name, headers) => {
    get().hrflow.putProfile(HRFLOW_ACCOUNT.source_key, PROFILE);
    const response = await read({ source_key: HRFLOW_ACCOUNT.source_key, key: PROFILE.key }, headers);
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ code: 401, message: expect.any(String) });
  });

  test('lets a read-only key read', async () => {
    get().hrflow.putProfile(HRFLOW_ACCOUNT.source_key, PROFILE);
    const headers = { ...HRFLOW_HEADERS, 'X-API-KEY': HRFLOW_ACCOUNT.keys.read };
    expect((await read({ source_key: HRFLOW_ACCOUNT.source_key, key: PROFILE.key }, headers)).status).toBe(200);
  });

  test('sends a charset when told so', async () => {
    get().hrflow.switches.contentType = 'application/json; charset=utf-8';
    const response = await read({ source_key: HRFLOW_ACCOUNT.source_key, key: PROFILE.key });
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8');
  });
});

test('the key check returns the permission', async () => {
  const headers = { ...HRFLOW_HEADERS, 'X-API-KEY': HRFLOW_ACCOUNT.keys.read };
  const response = await fetch(`${get().hrflow.url}/auth`, { headers });
  expect(await response.json()).toMatchObject({ code: 200, data: { api_key_permission: 'read' } });
  get().hrflow.switches.permissionMember = 'api_secret_permission';
  const renamed: unknown = await (await fetch(`${get().hrflow.url}/auth`, { headers })).json();
  expect(renamed).toMatchObject({ data: { api_secret_permission: 'read' } });
  expect(renamed).not.toHaveProperty('data.api_key_permission');
});

test('a call that does not exist is recorded and answered 404 in the envelope', async () => {
  const response = await fetch(`${get().hrflow.url}/nothing`, { method: 'DELETE', headers: HRFLOW_HEADERS });
  expect(await response.json()).toMatchObject({ code: 404 });
  expect(get().hrflow.requests).toMatchObject([{ operation: 'unknown', method: 'DELETE', status: 404 }]);
});
