import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/connectors/connector';
import { checkRequest } from '../../../src/push/check';
import { holdForMs } from '../../../src/push/action-parameters';
import { InputError } from '../../../src/protocol/errors';
import type { Action, Reason } from '../../../src/protocol/names';
import type { PushRequest } from '../../../src/protocol/messages';

const ORIGIN = {
  api_secret: 'ask_0123',
  api_user: 'integration@example.test',
  source_key: '5a0e1f2d3c4b5a69788796a5b4c3d2e1f0a1b2c3',
  profile_key: 'a3f1c0de00000000000000000000000000000001',
};

const TALENTSOFT = {
  client_id_front: 'front',
  client_secret_front: 'front-secret',
  client_url_front: 'https://client-careers.test',
  client_id_back: 'back',
  client_secret_back: 'back-secret',
  client_url_back: 'https://client.test',
  job_reference: '2024-17',
};

const ORACLE = {
  authData: { username: 'user', password: 'password' },
  hostAndPort: { host: 'pod.fa.test', port: 443 },
};

const FLATCHR = { auth: 'flatchr-key', subdomain: 'careers', vacancy: 'a1b2-testeur' };
const FLATCHR_ENRICH = { auth: 'flatchr-key', subdomain: 'api', vacancy: 'a1b2-testeur', compagny: 'Zq4RtYp7Lm2XcV9b' };

interface Kind {
  readonly connector: string;
  readonly action: Action;
  readonly target: JsonObject;
  /** Paths of the members that have to be there. */
  readonly required: readonly string[];
}

const KINDS: readonly Kind[] = [
  {
    connector: 'talentSoft',
    action: 'pushProfile',
    target: TALENTSOFT,
    required: Object.keys(TALENTSOFT).filter((name) => name !== 'job_reference'),
  },
  {
    connector: 'oracleORC',
    action: 'pushProfile',
    target: ORACLE,
    required: [
      'authData',
      'authData.username',
      'authData.password',
      'hostAndPort',
      'hostAndPort.host',
      'hostAndPort.port',
    ],
  },
  { connector: 'flatchr', action: 'pushProfile', target: FLATCHR, required: Object.keys(FLATCHR) },
  { connector: 'flatchr', action: 'enrichProfile', target: FLATCHR_ENRICH, required: Object.keys(FLATCHR_ENRICH) },
];

/** The object with a member of a dotted path set, or taken away where the value is undefined. */
function changed(object: JsonObject, path: string, value: unknown): JsonObject {
  const [name = '', ...rest] = path.split('.');
  const inner = object[name];
  const own =
    rest.length === 0 ? value : changed({ ...(typeof inner === 'object' ? inner : {}) }, rest.join('.'), value);
  const others = Object.fromEntries(Object.entries(object).filter(([member]) => member !== name));
  return own === undefined ? others : { ...others, [name]: own };
}

function check(kind: Kind, changes: Partial<PushRequest> = {}, literalSecrets = true) {
  const request = { originParameters: ORIGIN, targetParameters: kind.target, ...changes };
  return checkRequest(kind.connector, kind.action, request, literalSecrets);
}

function refusal(kind: Kind, changes: Partial<PushRequest>, literalSecrets = true): InputError {
  try {
    check(kind, changes, literalSecrets);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const VALUES = /ask_0123|front-secret|back-secret|flatchr-key|integration@|^password$|5a0e1f|a3f1c0/;

function expectRefusal(error: InputError, reason: Reason, ...words: string[]): void {
  expect(error.reason).toBe(reason);
  expect(error.facts.type).toBe('input');
  for (const word of words) expect(error.message).toContain(word);
  expect(error.message).not.toMatch(VALUES);
}

function kindOf(connector: string, action: Action = 'pushProfile'): Kind {
  const found = KINDS.find((kind) => kind.connector === connector && kind.action === action);
  if (!found) throw new Error(`there is no ${connector}.${action}`);
  return found;
}

const talentSoft = kindOf('talentSoft');
const oracle = kindOf('oracleORC');
const flatchr = kindOf('flatchr');
const flatchrEnrich = kindOf('flatchr', 'enrichProfile');

describe('what stands in quotes', () => {
  it.each([
    ['profile_key', '"a3f1c0de00000000000000000000000000000001"'],
    ['profile_key', "'a3f1c0de00000000000000000000000000000001'"],
    ['source_key', '\u201c5a0e1f2d3c4b5a69788796a5b4c3d2e1f0a1b2c3\u201d'],
    ['source_key', ' "5a0e1f2d3c4b5a69788796a5b4c3d2e1f0a1b2c3" '],
    ['api_user', '"integration@example.test"'],
  ])('is refused by the name of its field: originParameters.%s', (name, value) => {
    const error = refusal(oracle, { originParameters: { ...ORIGIN, [name]: value } });
    expectRefusal(error, 'bad_origin_parameters', `originParameters.${name}: stands in quotes; give it without them`);
  });

  it.each([
    [talentSoft, 'client_id_front'],
    [talentSoft, 'client_id_back'],
    [talentSoft, 'job_reference'],
    [talentSoft, 'client_url_front'],
    [oracle, 'authData.username'],
    [oracle, 'hostAndPort.host'],
    [flatchr, 'vacancy'],
    [flatchr, 'subdomain'],
    [flatchrEnrich, 'compagny'],
  ])('is refused by the name of its field: $0.connector %s', (kind, path) => {
    for (const [open, close] of ['""', "''", '\u00ab\u00bb', '\u201e\u201c']) {
      const targetParameters = changed(kind.target, path, `${open}value${close}`);
      const error = refusal(kind, { targetParameters });
      expectRefusal(error, 'bad_target_parameters', `targetParameters.${path}: stands in quotes`);
    }
  });

  it('may do so within a name, and a secret may be anything', () => {
    const targetParameters = { ...FLATCHR, vacancy: 'd\'"un" jour', auth: '"key"' };
    expect(() => check(flatchr, { targetParameters })).not.toThrow();
  });

  it('is refused in a key even at one end', () => {
    const error = refusal(oracle, { originParameters: { ...ORIGIN, profile_key: 'a3f1"' } });
    expectRefusal(error, 'bad_origin_parameters', 'originParameters.profile_key: must not hold quotes');
  });
});

describe('the e-mail of the account', () => {
  it.each([
    'integration@example.test,b@y.test',
    'integration@example.test, b@y.test',
    'integration@example.test;b@y.test',
  ])('is one: %s', (api_user) => {
    const error = refusal(oracle, { originParameters: { ...ORIGIN, api_user } });
    expectRefusal(error, 'bad_origin_parameters', 'originParameters.api_user: must be one e-mail address; give that');
  });

  it('stands without mailto:', () => {
    const error = refusal(oracle, { originParameters: { ...ORIGIN, api_user: 'Mailto:integration@example.test' } });
    expectRefusal(error, 'bad_origin_parameters', 'originParameters.api_user', 'without mailto:');
  });
});

describe.each(KINDS)('the parameters of $connector.$action', (kind) => {
  const { target } = kind;

  it('are accepted when all are there', () => {
    const checked = check(kind);
    expect(checked.connector.name).toBe(kind.connector);
    expect(checked.actionParameters).toEqual({
      logics: [],
      read_mode: 'sync',
      onFailure: 'fail',
      holdFor: '7 days',
      lookupFirst: false,
    });
  });

  it.each(kind.required)('need %s', (path) => {
    const error = refusal(kind, { targetParameters: changed(target, path, undefined) });
    expectRefusal(error, 'bad_target_parameters', `targetParameters.${path}`, 'missing');
  });

  it.each(kind.required)('refuse an empty %s', (path) => {
    const error = refusal(kind, { targetParameters: changed(target, path, '') });
    expectRefusal(error, 'bad_target_parameters', `targetParameters.${path}:`);
  });

  it.each(kind.required)('refuse another type for %s', (path) => {
    for (const value of [null, true, 5.5, [], ['x']]) {
      const error = refusal(kind, { targetParameters: changed(target, path, value) });
      expectRefusal(error, 'bad_target_parameters', `targetParameters.${path}:`);
    }
  });

  it('refuse an unknown field and name it', () => {
    const error = refusal(kind, { targetParameters: { ...target, vacncy: 'secret value' } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters', '"vacncy"', 'unknown field');
    expect(error.message).not.toContain('secret value');
  });

  it.each(Object.keys(ORIGIN))('need the origin’s %s', (name) => {
    for (const value of [undefined, '', null, 5, [], {}]) {
      const error = refusal(kind, { originParameters: changed(ORIGIN, name, value) });
      expectRefusal(error, 'bad_origin_parameters', `originParameters.${name}:`);
    }
  });

  it('refuse an unknown field of the origin', () => {
    const error = refusal(kind, { originParameters: { ...ORIGIN, board_key: 'x' } });
    expectRefusal(error, 'bad_origin_parameters', '"board_key"');
  });

  it('name every place that is wrong at once', () => {
    const [first = '', second = ''] = kind.required;
    const targetParameters = changed(changed(target, first, undefined), second, undefined);
    const error = refusal(kind, { targetParameters });
    expect(error.message).toContain(first);
    expect(error.message).toContain(second.includes('.') ? first : second);
  });

  it('refuse literal secrets where payloads are not encrypted, and take references', () => {
    const error = refusal(kind, {}, false);
    expectRefusal(error, 'bad_origin_parameters', 'originParameters.api_secret', 'encryption is off');
    const originParameters = { ...ORIGIN, api_secret: { secret: 'hrflow/prod' } };
    const literals = refusal(kind, { originParameters }, false);
    expectRefusal(literals, 'bad_target_parameters', 'encryption is off');
  });
});

describe('secret references', () => {
  const SECRETS: readonly (readonly [Kind, string])[] = [
    [talentSoft, 'client_secret_front'],
    [talentSoft, 'client_secret_back'],
    [oracle, 'authData.password'],
    [flatchr, 'auth'],
    [flatchrEnrich, 'auth'],
  ];

  it.each(SECRETS.map(([kind, path]) => ({ kind, path, title: `${kind.connector}.${kind.action} ${path}` })))(
    'may stand for $title, and are checked for their shape alone',
    ({ kind, path }) => {
      const withReference = (reference: unknown) => ({ targetParameters: changed(kind.target, path, reference) });
      expect(() => check(kind, withReference({ secret: 'team-a/prod_1.key' }))).not.toThrow();
      const bad = [
        {},
        { secret: '' },
        { secret: '../etc' },
        { secret: 'a', more: 1 },
        { secret: 5 },
        { secret: 'a b' },
      ];
      for (const reference of bad) {
        expectRefusal(refusal(kind, withReference(reference)), 'bad_target_parameters', `targetParameters.${path}`);
      }
    },
  );

  it('are enough without encryption', () => {
    const reference = { secret: 'flatchr/prod' };
    const request = {
      originParameters: { ...ORIGIN, api_secret: reference },
      targetParameters: { ...FLATCHR, auth: reference },
    };
    expect(() => check(flatchr, request, false)).not.toThrow();
  });

  it('name every literal that should be one', () => {
    const originParameters = { ...ORIGIN, api_secret: { secret: 'hrflow' } };
    const error = refusal(talentSoft, { originParameters }, false);
    expect(error.message).toContain('targetParameters.client_secret_front, targetParameters.client_secret_back');
  });
});

describe('addresses', () => {
  it.each([
    'client.test',
    'ftp://client.test',
    'https://',
    'https://u:p@client.test',
    'https://client.test?a=b',
    'https://client.test#x',
    '//client.test',
    'not a url',
  ])('of TalentSoft refuse %j', (client_url_front) => {
    const error = refusal(talentSoft, { targetParameters: { ...TALENTSOFT, client_url_front } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters.client_url_front', 'expected a URL');
    expect(error.message).not.toContain('u:p@');
  });

  it.each([
    'pod.fa.test',
    'https://pod.fa.test',
    'http://pod.fa.test',
    'HTTPS://Pod.FA.test/',
    'https://pod.fa.test:443',
    '127.0.0.1',
    '[::1]',
  ])('of Oracle take the host %j', (host) => {
    expect(() => check(oracle, { targetParameters: { ...ORACLE, hostAndPort: { host, port: 443 } } })).not.toThrow();
  });

  it.each([
    'pod.fa.test/path',
    'pod.fa.test:8443',
    'ftp://pod.fa.test',
    'user@pod.fa.test',
    'pod fa',
    'https://',
    'pod.test?x',
    '/',
  ])('of Oracle refuse the host %j', (host) => {
    const error = refusal(oracle, { targetParameters: { ...ORACLE, hostAndPort: { host, port: 443 } } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters.hostAndPort.host');
  });

  it.each([443, '443', 1, 65_535, '08443'])('take the port %j', (port) => {
    expect(() => check(oracle, { targetParameters: { ...ORACLE, hostAndPort: { host: 'pod', port } } })).not.toThrow();
  });

  it.each([0, -1, 65_536, 1.5, '', 'https', '443 ', '1e3', '0x10', '123456', null])('refuse the port %j', (port) => {
    const error = refusal(oracle, { targetParameters: { ...ORACLE, hostAndPort: { host: 'pod', port } } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters.hostAndPort.port');
  });

  it.each(['careers', 'my_subdomain.my', 'A-1'])('take the subdomain %j', (subdomain) => {
    expect(() => check(flatchr, { targetParameters: { ...FLATCHR, subdomain } })).not.toThrow();
  });

  it.each(['a/b', 'a b', 'a@b', 'evil.test/', '..', '.a', 'a.', 'a..b', 'é', 'a:1', '%2f', '{subdomain}'])(
    'refuse the subdomain %j',
    (subdomain) => {
      const error = refusal(flatchr, { targetParameters: { ...FLATCHR, subdomain } });
      expectRefusal(error, 'bad_target_parameters', 'targetParameters.subdomain');
    },
  );

  it.each(['..', '.', 'a/b', 'a?b', 'a#b', 'a b', '%2e', ''])('refuse the company %j', (compagny) => {
    const error = refusal(flatchrEnrich, { targetParameters: { ...FLATCHR_ENRICH, compagny } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters.compagny');
  });

  it('refuse a user name with a colon, which Basic authentication cannot carry', () => {
    const authData = { username: 'user:name', password: 'password' };
    const error = refusal(oracle, { targetParameters: { ...ORACLE, authData } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters.authData.username');
  });

  it.each(['a\nb', 'a\r\nX-Evil: 1', '\u0000'])('refuse the offer %j, which is a header, too', (job_reference) => {
    const error = refusal(talentSoft, { targetParameters: { ...TALENTSOFT, job_reference } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters.job_reference');
  });
});

describe('the offer of TalentSoft', () => {
  it('may be empty, which is the same as none', () => {
    const { job_reference: _offer, ...without } = TALENTSOFT;
    const place = (targetParameters: JsonObject) => check(talentSoft, { targetParameters }).target.destination;
    expect(place({ ...without, job_reference: '' })).toEqual(place(without));
    expect(place({ ...without, job_reference: '' })).toEqual(['https://client-careers.test', '']);
    expect(place(TALENTSOFT)).not.toEqual(place(without));
  });
});

describe('the vacancy of Flatchr', () => {
  it.each([flatchr, flatchrEnrich])('may be a number, which counts as its text: $action', (kind) => {
    const place = (vacancy: unknown) =>
      check(kind, { targetParameters: { ...kind.target, vacancy } }).target.destination;
    expect(place(7101)).toEqual(place('7101'));
  });

  it.each(['', ' ', 1.5, 1e300, true, null, [], {}, 'x'.repeat(501)])('refuses %j', (vacancy) => {
    const error = refusal(flatchr, { targetParameters: { ...FLATCHR, vacancy } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters.vacancy: ');
  });
});

describe('the company of Flatchr', () => {
  const { compagny, ...withoutCompany } = FLATCHR_ENRICH;

  it('may be written company', () => {
    const same = { ...withoutCompany, company: compagny };
    expect(check(flatchrEnrich, { targetParameters: same }).target.destination).toEqual(
      check(flatchrEnrich).target.destination,
    );
  });

  it('may be written company within enrich and lookup, too', () => {
    for (const group of ['enrich', 'lookup']) {
      const targetParameters = { ...FLATCHR, [group]: { company: compagny } };
      expect(check(flatchr, { targetParameters }).target.lookup).toHaveProperty('find');
    }
  });

  it('may be written in both ways where both are the same', () => {
    const both = { ...FLATCHR_ENRICH, company: compagny };
    expect(check(flatchrEnrich, { targetParameters: both }).target.destination).toEqual(
      check(flatchrEnrich).target.destination,
    );
    const within = { ...FLATCHR, lookup: { company: compagny, compagny } };
    expect(check(flatchr, { targetParameters: within }).target.lookup).toHaveProperty('find');
  });

  it('may not be two different ones', () => {
    const error = refusal(flatchrEnrich, { targetParameters: { ...FLATCHR_ENRICH, company: 'other' } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters: ', '"company"', '"compagny"');
    const enrich = { company: 'other', compagny };
    const within = refusal(flatchr, { targetParameters: { ...FLATCHR, enrich } });
    expectRefusal(within, 'bad_target_parameters', 'targetParameters.enrich: ', '"company"', '"compagny"');
  });

  it('is on the subdomain api where nothing else is said', () => {
    expect(() => check(flatchr, { targetParameters: { ...FLATCHR, enrich: { compagny } } })).not.toThrow();
    const error = refusal(flatchr, { targetParameters: { ...FLATCHR, enrich: { subdomain: 'api' } } });
    expectRefusal(error, 'bad_target_parameters', 'targetParameters.enrich.compagny');
  });
});

describe('the action parameters', () => {
  const asked = (actionParameters: JsonObject) => ({ actionParameters });

  it.each([
    ['logics', 'name'],
    ['logics', ['']],
    ['logics', [5]],
    ['logics', null],
    ['format', ''],
    ['format', {}],
    ['read_mode', 'other'],
    ['onFailure', 'explode'],
    ['holdFor', 'a while'],
    ['holdFor', 5],
    ['holdFor', '-1 day'],
    ['holdFor', '7 fortnights'],
    ['holdFor', '2 years'],
    ['holdFor', '366 days'],
    ['lookupFirst', 'yes'],
  ])('refuse %s = %j', (name, value) => {
    expectRefusal(refusal(flatchr, asked({ [name]: value })), 'bad_action_parameters', `actionParameters.${name}`);
  });

  it('refuse an unknown field', () => {
    expectRefusal(refusal(flatchr, asked({ logic: ['x'] })), 'bad_action_parameters', '"logic"');
  });

  it.each([
    ['7 days', 604_800_000],
    ['12h', 43_200_000],
    ['90 seconds', 90_000],
    ['1.5 hours', 5_400_000],
    ['2 weeks', 1_209_600_000],
    ['365d', 31_536_000_000],
  ])('take a hold of %s', (holdFor, milliseconds) => {
    expect(holdForMs(check(flatchr, asked({ holdFor })).actionParameters)).toBe(milliseconds);
  });

  it('refuse incremental reading of an origin that cannot', () => {
    const error = refusal(flatchr, asked({ read_mode: 'incremental' }));
    expectRefusal(error, 'origin_does_not_support_incremental', 'actionParameters.read_mode', 'HrFlow.ai');
  });

  it('refuse a lookup before the create where it cannot be made, and say why', () => {
    const lookupFirst = asked({ lookupFirst: true });
    const flatchrError = refusal(flatchr, lookupFirst);
    expectRefusal(flatchrError, 'bad_action_parameters', 'actionParameters.lookupFirst', 'targetParameters.lookup');
    expectRefusal(refusal(flatchrEnrich, lookupFirst), 'bad_action_parameters', 'actionParameters.lookupFirst');
    for (const kind of [talentSoft, oracle]) expect(() => check(kind, lookupFirst)).not.toThrow();
  });

  it('are named beside what is wrong with origin and target', () => {
    const wrong = { actionParameters: Object({ lookupFirst: 'x' }), originParameters: {}, targetParameters: {} };
    const { message } = refusal(flatchr, wrong);
    expect(message).toContain('actionParameters.lookupFirst: ');
    expect(message).toContain('originParameters.api_secret: is missing');
    expect(message).toContain('targetParameters.vacancy: is missing');
  });

  it('give the reason before the origin, and the origin before the target', () => {
    const wrong = { actionParameters: { lookupFirst: 'x' }, originParameters: {}, targetParameters: {} };
    expect(refusal(flatchr, { ...wrong, actionParameters: Object(wrong.actionParameters) }).reason).toBe(
      'bad_action_parameters',
    );
    expect(refusal(flatchr, { originParameters: {}, targetParameters: {} }).reason).toBe('bad_origin_parameters');
  });
});

describe('a connector or action that does not exist', () => {
  it('is refused with those that do', () => {
    const unknown = { ...flatchr, connector: 'workday' };
    expectRefusal(refusal(unknown, {}), 'bad_target_parameters', '"workday"', 'talentSoft, oracleORC, flatchr');
    expectRefusal(refusal({ ...talentSoft, action: 'enrichProfile' }, {}), 'bad_target_parameters', 'enrichProfile');
    expectRefusal(refusal({ ...flatchr, connector: 'constructor' }, {}), 'bad_target_parameters', '"constructor"');
  });
});
