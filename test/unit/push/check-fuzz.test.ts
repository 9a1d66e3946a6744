import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { checkPush } from '../../../src/client/request';
import type { JsonObject } from '../../../src/connectors/connector';
import { InputError } from '../../../src/protocol/errors';

const PLANTED = 'planted-value-7f3a';

const origin = { api_secret: PLANTED, api_user: 'u@example.test', source_key: 'source', profile_key: 'profile' };
const talentSoft = {
  client_id_front: 'a',
  client_secret_front: PLANTED,
  client_url_front: 'https://front.test',
  client_id_back: 'b',
  client_secret_back: PLANTED,
  client_url_back: 'https://back.test',
  job_reference: '2024-17',
};
const oracle = { authData: { username: 'u', password: PLANTED }, hostAndPort: { host: 'pod.test', port: 443 } };
const flatchr = { auth: PLANTED, subdomain: 'careers', vacancy: 'v', enrich: { subdomain: 'api', compagny: 'c' } };
const flatchrEnrich = { auth: PLANTED, subdomain: 'api', vacancy: 'v', compagny: 'c' };

const ACTIONS = [
  { connector: 'talentSoft', action: 'pushProfile', target: talentSoft },
  { connector: 'oracleORC', action: 'pushProfile', target: oracle },
  { connector: 'flatchr', action: 'pushProfile', target: flatchr },
  { connector: 'flatchr', action: 'enrichProfile', target: flatchrEnrich },
] as const;

const asked = { logics: [], read_mode: 'sync', onFailure: 'fail', holdFor: '7 days', lookupFirst: false };

const value = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom(null, '', ' ', 0, -1, 1e309, true, [], {}, [[]], '\u0000', '\ud83d', '__proto__'),
  },
  { weight: 3, arbitrary: fc.string({ unit: 'binary' }) },
  { weight: 3, arbitrary: fc.string().map((text) => `https://${text}`) },
  { weight: 2, arbitrary: fc.string().map((secret) => ({ secret })) },
  { weight: 1, arbitrary: fc.constant('x'.repeat(100_000)) },
  { weight: 3, arbitrary: fc.jsonValue() },
  { weight: 2, arbitrary: fc.object() },
);

/** What is done to one member of one group. */
const change = fc.record({
  group: fc.constantFrom('actionParameters' as const, 'originParameters' as const, 'targetParameters' as const),
  member: fc.nat(),
  inner: fc.nat(),
  kind: fc.constantFrom('replace' as const, 'remove' as const, 'add' as const, 'inside' as const),
  name: fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.constantFrom('constructor', '__proto__', 'toString', 'company', 'secret'),
  ),
  value,
});

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function apply(group: JsonObject, { member, inner, kind, name, value: given }: Change): JsonObject {
  const names = Object.keys(group);
  const chosen = names[member % Math.max(names.length, 1)] ?? 'none';
  switch (kind) {
    case 'remove':
      return Object.fromEntries(Object.entries(group).filter(([own]) => own !== chosen));
    case 'add':
      return Object.fromEntries([...Object.entries(group), [name, given]]);
    case 'replace':
      return { ...group, [chosen]: given };
    case 'inside': {
      const old = group[chosen];
      const within = typeof old === 'object' && old !== null ? { ...old } : {};
      const names = [...Object.keys(within), name];
      return { ...group, [chosen]: { ...within, [names[inner % names.length] ?? name]: given } };
    }
  }
}

describe('whatever the parameters hold', () => {
  it('they are taken, or refused with path and reason and no secret', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ACTIONS),
        fc.array(change, { minLength: 1, maxLength: 3 }),
        fc.boolean(),
        (one, changes, encrypted) => {
          const request = {
            actionParameters: asked as JsonObject,
            originParameters: origin as JsonObject,
            targetParameters: one.target as JsonObject,
          };
          for (const each of changes) request[each.group] = apply(request[each.group], each);
          try {
            const checked = checkPush(one.connector, one.action, request, encrypted);
            expect(checked.workflowId).toMatch(/^hrflow\/[\x21-\x7e]+\/\w+\.\w+\/[0-9a-f]{12}$/);
            expect(checked.input.holdForMs).toBeGreaterThanOrEqual(0);
          } catch (error) {
            if (!(error instanceof InputError)) throw error;
            expect(error.facts).toMatchObject({ type: 'input', retryable: false });
            expect(error.reason).toMatch(/^bad_|^origin_does_not/);
            expect(error.message).toMatch(/(?:action|origin|target)Parameters/);
            expect(error.message).not.toContain(PLANTED);
            expect(error.message.length).toBeLessThan(20_000);
          }
        },
      ),
      { numRuns: 5_000, interruptAfterTimeLimit: 30_000 },
    );
  });

  it('whole groups of any kind are refused, not thrown over', () => {
    fc.assert(
      fc.property(fc.constantFrom(...ACTIONS), fc.jsonValue(), fc.object(), (one, any, members) => {
        const originParameters: JsonObject = Object(any);
        const request = { originParameters, targetParameters: members };
        expect(() => checkPush(one.connector, one.action, request, true)).toThrow(InputError);
      }),
      { numRuns: 1_000, interruptAfterTimeLimit: 20_000 },
    );
  });
});
