import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { identityOf } from '../../../src/client/identity';
import { checkRequest } from '../../../src/push/check';
import type { JsonObject } from '../../../src/connectors/connector';
import type { Action } from '../../../src/protocol/names';

const SOURCE = '5a0e1f2d3c4b5a69788796a5b4c3d2e1f0a1b2c3';
const PROFILE = 'a3f1c0de00000000000000000000000000000001';
const ORIGIN = { api_secret: 'secret', api_user: 'a@example.test', source_key: SOURCE, profile_key: PROFILE };

const TALENTSOFT = {
  client_id_front: 'front',
  client_secret_front: 'secret',
  client_url_front: 'https://client-careers.test',
  client_id_back: 'back',
  client_secret_back: 'secret',
  client_url_back: 'https://client.test',
};
const ORACLE = { authData: { username: 'u', password: 'p' }, hostAndPort: { host: 'pod.fa.test', port: 443 } };
const FLATCHR = { auth: 'key', subdomain: 'careers', vacancy: 'a1b2-testeur' };
const ENRICH = { auth: 'key', subdomain: 'api', vacancy: 'a1b2-testeur', compagny: 'Zq4RtYp7Lm2XcV9b' };

function idOf(connector: string, action: Action, targetParameters: JsonObject, origin: JsonObject = ORIGIN): string {
  const { source, target } = checkRequest(connector, action, { originParameters: origin, targetParameters }, true);
  return identityOf(connector, action, source, target).workflowId;
}

/** The recipe of the contract, written down once more. */
function recipe(connector: string, action: Action, place: readonly unknown[]): string {
  const list = JSON.stringify([connector, action, SOURCE, PROFILE, place]);
  const hash = createHash('sha256').update(list).digest('hex').slice(0, 12);
  return `hrflow/${PROFILE}/${connector}.${action}/${hash}`;
}

describe('the workflow id', () => {
  it.each([
    [
      'talentSoft',
      'pushProfile',
      { ...TALENTSOFT, job_reference: '2024-17' },
      ['https://client-careers.test', '2024-17'],
    ],
    ['talentSoft', 'pushProfile', TALENTSOFT, ['https://client-careers.test', '']],
    ['oracleORC', 'pushProfile', ORACLE, ['https', 'pod.fa.test', 443]],
    ['flatchr', 'pushProfile', FLATCHR, ['careers', 'a1b2-testeur']],
    ['flatchr', 'enrichProfile', ENRICH, ['api', 'Zq4RtYp7Lm2XcV9b']],
  ] as const)('of %s.%s follows the recipe', (connector, action, target, place) => {
    expect(idOf(connector, action, target)).toBe(recipe(connector, action, place));
  });

  // Runs that are kept at a Temporal server are found by these: they must be the same in every release.
  it.each([
    ['talentSoft', 'pushProfile', { ...TALENTSOFT, job_reference: '2024-17' }, '993b1884158b'],
    ['oracleORC', 'pushProfile', ORACLE, '0cc70b97b1ba'],
    ['flatchr', 'pushProfile', FLATCHR, 'de468560bd26'],
    ['flatchr', 'enrichProfile', ENRICH, 'f863c1eb4e13'],
  ] as const)('of %s.%s is what it was in the first release', (connector, action, target, hash) => {
    expect(idOf(connector, action, target)).toBe(`hrflow/${PROFILE}/${connector}.${action}/${hash}`);
  });

  it('is the first part of the hash that the memo holds', () => {
    const { source, target } = checkRequest(
      'flatchr',
      'pushProfile',
      { originParameters: ORIGIN, targetParameters: FLATCHR },
      true,
    );
    const { workflowId, hash } = identityOf('flatchr', 'pushProfile', source, target);
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(workflowId.endsWith(`/${hash.slice(0, 12)}`)).toBe(true);
  });
});

describe('the same push under other spellings', () => {
  const oracle = (host: string, port: unknown) =>
    idOf('oracleORC', 'pushProfile', { ...ORACLE, hostAndPort: { host, port } });

  it.each([
    ['pod.fa.test', '443'],
    ['https://pod.fa.test', 443],
    ['HTTPS://POD.FA.TEST/', 443],
    ['https://pod.fa.test:443', '0443'],
  ])('is one at Oracle: %s and %j', (host, port) => {
    expect(oracle(host, port)).toBe(oracle('pod.fa.test', 443));
  });

  it.each([
    ['http://pod.fa.test', 443],
    ['pod.fa.test', 8443],
    ['other.fa.test', 443],
  ])('is another at Oracle: %s and %j', (host, port) => {
    expect(oracle(host, port)).not.toBe(oracle('pod.fa.test', 443));
  });

  const talentSoft = (changes: JsonObject) => idOf('talentSoft', 'pushProfile', { ...TALENTSOFT, ...changes });

  it.each([
    'https://client-careers.test/',
    'HTTPS://Client-Careers.TEST',
    'https://client-careers.test:443',
    'https://client-careers.test//',
  ])('is one at TalentSoft: %s', (client_url_front) => {
    expect(talentSoft({ client_url_front })).toBe(talentSoft({}));
  });

  it.each([
    { client_url_front: 'http://client-careers.test' },
    { client_url_front: 'https://client-careers.test/fr' },
    { client_url_front: 'https://client-careers.test:444' },
    { job_reference: '2024-17' },
  ])('is another at TalentSoft: %j', (changes) => {
    expect(talentSoft(changes)).not.toBe(talentSoft({}));
  });

  it('is one at Flatchr with another case of the subdomain, and another with another vacancy', () => {
    const id = (changes: JsonObject) => idOf('flatchr', 'pushProfile', { ...FLATCHR, ...changes });
    expect(id({ subdomain: 'CAREERS' })).toBe(id({}));
    expect(id({ vacancy: 'A1B2-testeur' })).not.toBe(id({}));
    expect(id({ subdomain: 'other' })).not.toBe(id({}));
  });

  it('does not depend on credentials, enrichment, lookup or back office', () => {
    const { compagny } = ENRICH;
    expect(idOf('flatchr', 'pushProfile', { ...FLATCHR, auth: { secret: 'x' }, enrich: { compagny } })).toBe(
      idOf('flatchr', 'pushProfile', { ...FLATCHR, lookup: { compagny } }),
    );
    expect(talentSoft({ client_id_front: 'x', client_secret_back: 'y', client_url_back: 'https://z.test' })).toBe(
      talentSoft({}),
    );
    expect(idOf('flatchr', 'pushProfile', FLATCHR, { ...ORIGIN, api_secret: 'x', api_user: 'y@example.test' })).toBe(
      idOf('flatchr', 'pushProfile', FLATCHR),
    );
  });

  it('depends on profile and source', () => {
    const id = (changes: JsonObject) => idOf('flatchr', 'pushProfile', FLATCHR, { ...ORIGIN, ...changes });
    expect(new Set([id({}), id({ profile_key: 'b' }), id({ source_key: 'b' })]).size).toBe(3);
  });
});
