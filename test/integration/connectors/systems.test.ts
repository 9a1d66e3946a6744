import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FLATCHR_KEY, HRFLOW_ACCOUNT, ORACLE_ACCOUNT, TALENTSOFT_ACCOUNT, type Fault } from '../../simulators';
import { failed } from '../../support/failures';
import { startHarness, type Harness } from '../../support/harness';
import { uniqueRequest } from '../../support/requests';
import { pushWith, received } from './support';

const CONNECTORS = ['talentSoft', 'oracleORC', 'flatchr'] as const;
const NAME = { first_name: 'Élodie', last_name: `O'Neil "Zoé" Łódź 🚀` };

let harness: Harness;

beforeAll(async () => {
  harness = await startHarness();
  await harness.startWorker();
});
beforeEach(() => harness.simulators.reset());
afterAll(() => harness.close());

/** Returns a push of a new profile, with changes to the `info` of the profile. */
function requestFor(connector: (typeof CONNECTORS)[number], info: object = {}) {
  const groups = uniqueRequest(harness, connector);
  const key = String(groups.originParameters['profile_key']);
  harness.simulators.hrflow.putProfile(HRFLOW_ACCOUNT.source_key, { ...profileOf(), key });
  return groups;

  function profileOf() {
    const cv = harness.simulators.files.put(`cv/${key}.pdf`, Buffer.from('%PDF-1.4'), 'application/pdf');
    const email = `${key}@example.test`;
    return { info: { ...NAME, email, ...info }, attachments: [{ type: 'resume', extension: '.pdf', public_url: cv }] };
  }
}

function latin1ToUtf8(value: unknown): string {
  return Buffer.from(String(value), 'latin1').toString('utf8');
}

describe('what TalentSoft receives', () => {
  it('is a token request without a scope and a create with bearer, language and offer', async () => {
    const groups = requestFor('talentSoft');
    const job_reference = 'offre n° 17 – Łódź';
    const result = await pushWith(harness, 'talentSoft', {
      ...groups,
      targetParameters: { ...groups.targetParameters, job_reference },
    });
    const [application] = harness.simulators.talentSoft.applications;
    expect(result.items[0]).toMatchObject({ outcome: 'created', ats_id: application?.applicationId });
    expect(application).toMatchObject({
      offerReference: job_reference,
      document: { applicant: { personalInformation: { firstName: NAME.first_name, lastName: NAME.last_name } } },
    });
    const [token] = received(harness, 'talentSoft', 'token');
    const { front } = TALENTSOFT_ACCOUNT;
    expect(Object.fromEntries(new URLSearchParams(token?.body.toString('utf8')))).toEqual({
      grant_type: 'client_credentials',
      client_id: front.id,
      client_secret: front.secret,
    });
    const create = received(harness, 'talentSoft', 'create').at(-1);
    expect(create?.headers).toMatchObject({
      authorization: expect.stringMatching(/^Bearer [\w-]+$/),
      'accept-language': 'fr-FR',
      'content-type': expect.stringMatching(/^multipart\/form-data; boundary=/),
    });
    expect(latin1ToUtf8(create?.headers['jobadreference'])).toBe(job_reference);
  });

  it('names no offer if the push has none', async () => {
    const groups = requestFor('talentSoft');
    const { job_reference: _none, ...targetParameters } = groups.targetParameters;
    await pushWith(harness, 'talentSoft', { ...groups, targetParameters });
    expect(received(harness, 'talentSoft', 'create').at(-1)?.headers).not.toHaveProperty('jobadreference');
    expect(harness.simulators.talentSoft.applications[0]?.offerReference).toBeNull();
  });

  it('is read in both forms of its response', async () => {
    harness.simulators.talentSoft.switches.answer = 'flat';
    const result = await pushWith(harness, 'talentSoft', requestFor('talentSoft'));
    expect(result.items[0]?.ats_id).toBe(harness.simulators.talentSoft.applications[0]?.applicationId);
  });
});

describe('what Oracle receives', () => {
  it('is Basic authentication, the framework version and the document in its media type', async () => {
    const result = await pushWith(harness, 'oracleORC', requestFor('oracleORC'));
    const [candidate] = harness.simulators.oracleORC.candidates;
    expect(result.items[0]).toMatchObject({ outcome: 'created', ats_id: candidate?.candidateNumber });
    expect(candidate).toMatchObject({ firstName: NAME.first_name, lastName: NAME.last_name });
    expect(candidate?.files[0]?.bytes.toString()).toBe('%PDF-1.4');
    const { username, password } = ORACLE_ACCOUNT;
    expect(received(harness, 'oracleORC', 'create')[0]?.headers).toMatchObject({
      authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      'rest-framework-version': '4',
      'content-type': 'application/vnd.oracle.adf.resourceitem+json',
    });
  });
});

describe('what Flatchr receives', () => {
  it('is the key as bearer and in the body, the create on its subdomain, the enrichment on that of the API', async () => {
    const groups = requestFor('flatchr');
    const result = await pushWith(harness, 'flatchr', groups);
    expect(result.items[0]).toMatchObject({ outcome: 'created', enriched: true, ats_id: null });
    const [create] = received(harness, 'flatchr', 'create');
    const [enrich] = received(harness, 'flatchr', 'enrich');
    expect(create).toMatchObject({
      path: '/careers/vacancy/candidate/json',
      headers: { authorization: `Bearer ${FLATCHR_KEY}` },
      json: { token: FLATCHR_KEY, firstname: NAME.first_name, lastname: NAME.last_name },
    });
    expect(enrich?.path).toMatch(/^\/api\/company\/\w+\/search\/candidate$/);
    expect(enrich?.headers.authorization).toBe(`Bearer ${FLATCHR_KEY}`);
    expect(enrich?.json).not.toHaveProperty('token');
    expect(harness.simulators.flatchr.enrichments[0]?.candidateIds).toHaveLength(1);
  });
});

describe('a profile in HrFlow', () => {
  it('that does not exist ends as not found, and nothing is sent to the ATS', async () => {
    const groups = requestFor('oracleORC');
    const originParameters = { ...groups.originParameters, profile_key: 'f'.repeat(40) };
    const result = await pushWith(harness, 'oracleORC', { ...groups, originParameters });
    expect(result).toMatchObject({ status: 'success', reason: '', events: { read_success: 0, read_failure: 0 } });
    expect(result.items).toEqual([expect.objectContaining({ outcome: 'not_found', stage: 'fetchProfile' })]);
    expect(harness.simulators.oracleORC.requests).toEqual([]);
  });

  it.each([{}, { key: 'f'.repeat(40), info: { last_name: 'Person', email: 'other@example.test' } }])(
    'for which HrFlow returns something else fails the read, and nothing is sent to the ATS: %j',
    async (data) => {
      const body = { code: 200, message: 'Profile details', data };
      harness.simulators.hrflow.faults.add({ operation: 'read', fault: { kind: 'status', status: 200, body } });
      const error = await failed(pushWith(harness, 'oracleORC', requestFor('oracleORC')));
      expect(error).toMatchObject({ type: 'refused', reason: 'read_failure', stage: 'fetchProfile' });
      expect(error.result).toMatchObject({ status: 'fatal', events: { read_success: 0, read_failure: 1 } });
      expect(harness.simulators.oracleORC.requests).toEqual([]);
      expect(received(harness, 'hrflow', 'read')).toHaveLength(1);
    },
  );

  it('of a source that does not exist fails the read and names the parameter', async () => {
    const groups = requestFor('oracleORC');
    const originParameters = { ...groups.originParameters, source_key: 'e'.repeat(40) };
    const error = await failed(pushWith(harness, 'oracleORC', { ...groups, originParameters }));
    expect(error).toMatchObject({ type: 'refused', reason: 'read_failure', stage: 'fetchProfile' });
    expect(error.message).toContain('source_key');
    expect(error.result).toMatchObject({ status: 'fatal', events: { read_success: 0, read_failure: 1 } });
  });

  it.each([
    ['401', { kind: 'status', status: 401 }, 'auth'],
    ['402', { kind: 'status', status: 402 }, 'quota'],
  ] as const)('behind a %s fails the read', async (_name, fault, type) => {
    harness.simulators.hrflow.faults.add({ operation: 'read', fault });
    const error = await failed(pushWith(harness, 'oracleORC', requestFor('oracleORC')));
    expect(error).toMatchObject({ type, reason: 'read_failure', whoMustAct: 'user' });
    expect(received(harness, 'hrflow', 'read')).toHaveLength(1);
  });

  it.each<[string, Fault]>([
    ['a 429', { kind: 'rateLimit', form: 'seconds', seconds: 1 }],
    ['a 500', { kind: 'status', status: 500 }],
    ['an HTML page', { kind: 'html', status: 200 }],
    ['half a body', { kind: 'truncateAfterCommit' }],
    ['a reset', { kind: 'resetAfterCommit' }],
  ])('is read again after %s', async (_name, fault) => {
    harness.simulators.hrflow.faults.add({ operation: 'read', fault });
    const result = await pushWith(harness, 'oracleORC', requestFor('oracleORC'));
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(received(harness, 'hrflow', 'read')).toHaveLength(2);
  });

  it('is read regardless of the charset', async () => {
    harness.simulators.hrflow.switches.contentType = 'application/json; charset=utf-8';
    const result = await pushWith(harness, 'oracleORC', requestFor('oracleORC'));
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
  });
});

describe.each(CONNECTORS)('a create at %s', (connector) => {
  const creates = () => received(harness, connector, 'create').filter(({ status }) => status !== 401);

  /** Resetting the simulators revokes tokens: a create with an old one is refused before anything is stored. */
  function playWhenSignedIn(fault: Fault): void {
    const match = () => connector !== 'talentSoft' || received(harness, connector, 'token').length > 0;
    harness.simulators[connector].faults.add({ operation: 'create', fault, match });
  }

  async function pushIt(groups: ReturnType<typeof requestFor>) {
    return pushWith(harness, connector, groups);
  }

  it('that gets a 409 and is found counts as already there', async () => {
    playWhenSignedIn({ kind: 'status', status: 409, commit: 'before' });
    const result = await pushIt(requestFor(connector));
    expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(creates()).toHaveLength(1);
  });

  it('that gets a 409 and is not found is refused', async () => {
    harness.simulators[connector].faults.add({ operation: 'create', fault: { kind: 'status', status: 409 } });
    const error = await failed(pushIt(requestFor(connector)));
    expect(error).toMatchObject({ type: 'refused', reason: 'write_failure', stage: 'pushApplicant' });
    expect(error.result?.items[0]).toMatchObject({ outcome: 'failed' });
    expect(creates()).toHaveLength(1);
  });

  it('that gets a 400 reporting a duplicate in the words of the ATS, and is found, counts as already there', async () => {
    const { flatchr, talentSoft, oracleORC } = harness.simulators;
    flatchr.switches.duplicate = '400';
    talentSoft.switches.duplicate = '400';
    oracleORC.switches.duplicateEmail = 'reject';
    const first = requestFor(connector);
    await pushIt(first);
    const email = `${String(first.originParameters['profile_key'])}@example.test`;
    const result = await pushIt(requestFor(connector, { email }));
    expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(creates().map(({ status }) => status)).toEqual([201, 400]);
  });

  it('whose response was lost is found, after inconclusive lookups', async () => {
    const { faults } = harness.simulators[connector];
    playWhenSignedIn({ kind: 'resetAfterCommit' });
    faults.add({ operation: 'search', fault: { kind: 'html', status: 200 } });
    faults.add({ operation: 'search', fault: { kind: 'status', status: 500 } });
    const result = await pushIt(requestFor(connector));
    expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(creates()).toHaveLength(1);
  });

  it.each([
    ['in another spelling', 'D\u2019Are\u0301  \u200bn'],
    ['without half a character', 'Exemple\ud83d'],
  ])('whose response was lost is found if names and e-mails are stored %s', async (_name, last_name) => {
    const system = harness.simulators[connector];
    system.switches.storedSpelling = ['noInvisible', 'nfc', 'collapsedBlanks', 'plainApostrophes', 'asciiDomain'];
    harness.simulators.flatchr.switches.emailFilter = 'exact';
    harness.simulators.talentSoft.switches.emailFilter = 'exact';
    playWhenSignedIn({ kind: 'resetAfterCommit' });
    const { targetParameters, ...rest } = requestFor(connector, { last_name, email: 'zoe\u0301@ex\u00e4mple.test' });
    const { enrich: lookup, ...others } = targetParameters;
    const result = await pushIt({ ...rest, targetParameters: lookup === undefined ? others : { ...others, lookup } });
    expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(creates()).toHaveLength(1);
  });

  it('whose lookup is refused stays unknown, and nothing is sent again', async () => {
    const { faults } = harness.simulators[connector];
    playWhenSignedIn({ kind: 'resetAfterCommit' });
    faults.add({ operation: 'search', times: 50, fault: { kind: 'status', status: 403 } });
    const error = await failed(pushIt(requestFor(connector)));
    expect(error.type).toBe('unknown_outcome');
    expect(error.result?.items[0]).toMatchObject({ outcome: 'unknown' });
    expect(creates()).toHaveLength(1);
  });

  it('is not sent if a lookup before it finds the applicant', async () => {
    const first = requestFor(connector);
    await pushWith(harness, connector, first);
    const sent = creates().length;
    const result = await pushWith(harness, connector, {
      ...requestFor(connector, { email: `${String(first.originParameters['profile_key'])}@example.test` }),
      actionParameters: { lookupFirst: true },
    });
    expect(result.items[0]).toMatchObject({ outcome: 'already_there' });
    expect(creates()).toHaveLength(sent);
  });

  it('waits while the storage of the CV is down', async () => {
    harness.simulators.files.faults.add({ fault: { kind: 'status', status: 503 } });
    const result = await pushIt(requestFor(connector));
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    expect(creates()).toHaveLength(1);
  });

  it('fails for a CV whose signature has expired, and sends nothing', async () => {
    harness.simulators.files.faults.add({ fault: { kind: 'status', status: 403 } });
    const error = await failed(pushIt(requestFor(connector)));
    expect(error).toMatchObject({ type: 'attachment', stage: 'pushApplicant', whoMustAct: 'user' });
    expect(creates()).toEqual([]);
  });
});
