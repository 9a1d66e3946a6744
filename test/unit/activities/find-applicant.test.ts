import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { LookupAnswer, LookupKeys } from '../../../src/protocol/delivery';
import { ORACLE_ACCOUNT, type Fault } from '../../simulators';
import { createZip, uint32 } from '../../simulators/zip';
import { failureOf, run, startBench, type Bench, type ConnectorName } from './support';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const EMAIL = 'zoe@example.test';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

interface Asked {
  readonly lookupKeys: LookupKeys | null;
  readonly firstAttemptAt?: number | null;
  readonly purpose?: 'settle' | 'first';
  readonly parameters?: object;
}

function find(connector: ConnectorName, asked: Asked): Promise<LookupAnswer> {
  const { lookupKeys, firstAttemptAt = Date.now(), purpose = 'settle', parameters = {} } = asked;
  const target = bench.target(connector, 'pushProfile', { ...parameters });
  return run(() =>
    bench.activities.findApplicant({ ...target, lookupKeys, firstAttemptAt, purpose, afterSettle: false }),
  );
}

function refsOf(answer: LookupAnswer): number {
  return answer.answer === 'found' ? answer.matches.length : 0;
}

function searches(connector: ConnectorName) {
  return bench.simulators[connector].requests.filter(({ operation }) => operation === 'search');
}

describe('a lookup in Flatchr', () => {
  const vacancy = (number = 0) => {
    const found = bench.simulators.flatchr.vacancies[number];
    if (!found) throw new Error('there is no such vacancy');
    return found;
  };
  const lookupKeys = (changes: LookupKeys = {}): LookupKeys => ({ email: EMAIL, vacancy: vacancy().slug, ...changes });
  const add = (changes: { archived?: boolean; email?: string; number?: number } = {}) =>
    bench.simulators.flatchr.addApplicant({
      email: changes.email ?? EMAIL,
      vacancySlug: vacancy(changes.number).slug,
      archived: changes.archived ?? false,
      createdAt: Date.now() - 30 * DAY,
    });

  it('finds nothing where nobody applied', async () => {
    expect(await find('flatchr', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
  });

  it('finds an applicant by e-mail, case ignored, whenever it came', async () => {
    const { applicantId } = add({ email: 'ZOE@Example.TEST' });
    expect(await find('flatchr', { lookupKeys: lookupKeys() })).toEqual({
      answer: 'found',
      matches: [{ ref: applicantId, atsId: null }],
    });
  });

  it('counts an archived applicant', async () => {
    add({ archived: true });
    expect((await find('flatchr', { lookupKeys: lookupKeys() })).answer).toBe('found');
  });

  it.each(['slug', 'id', 'vacancy_id'] as const)('knows the vacancy by its %s', async (name) => {
    add();
    expect((await find('flatchr', { lookupKeys: lookupKeys({ vacancy: String(vacancy()[name]) }) })).answer).toBe(
      'found',
    );
  });

  it('does not take an applicant of another vacancy, or of another e-mail', async () => {
    add({ number: 1 });
    add({ email: 'other@example.test' });
    expect(await find('flatchr', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
  });

  it('cannot tell of an applicant whom Flatchr finds by that e-mail and whose e-mail is another one', async () => {
    bench.simulators.flatchr.switches.emailFilter = 'contains';
    add({ email: `x${EMAIL}`, number: 1 });
    expect(await find('flatchr', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
    add({ email: `x${EMAIL}` });
    expect((await find('flatchr', { lookupKeys: lookupKeys() })).answer).toBe('inconclusive');
    const { applicantId } = add();
    expect(await find('flatchr', { lookupKeys: lookupKeys() })).toMatchObject({
      answer: 'found',
      matches: [{ ref: applicantId }],
    });
  });

  it('cannot tell of an applicant whose vacancy is not said whether it is ours', async () => {
    add();
    bench.simulators.flatchr.switches.vacancyIdInSearch = false;
    expect((await find('flatchr', { lookupKeys: lookupKeys() })).answer).toBe('inconclusive');
  });

  it('cannot tell of an applicant whose e-mail is not said whether it is ours', async () => {
    add();
    bench.simulators.flatchr.switches.emailInSearch = false;
    expect((await find('flatchr', { lookupKeys: lookupKeys() })).answer).toBe('inconclusive');
    bench.simulators.flatchr.switches.vacancyIdInSearch = false;
    expect((await find('flatchr', { lookupKeys: lookupKeys() })).answer).toBe('inconclusive');
  });

  it('does not take an applicant whose e-mail is not said, of another vacancy', async () => {
    add({ number: 1 });
    bench.simulators.flatchr.switches.emailInSearch = false;
    expect(await find('flatchr', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
  });

  it('finds its own beside an applicant whose e-mail is not said', async () => {
    const { vacancy_id } = vacancy();
    const rows = [{ vacancy_id, email: ' ' }, { applicant: 'own', vacancy_id, email: EMAIL }, { vacancy_id }];
    const fault: Fault = { kind: 'status', status: 200, body: JSON.stringify(rows) };
    bench.simulators.flatchr.faults.add({ operation: 'search', fault });
    expect(await find('flatchr', { lookupKeys: lookupKeys() })).toEqual({
      answer: 'found',
      matches: [{ ref: 'own', atsId: null }],
    });
  });

  it.each(['zoe@example.test', 'Zoe@Example.TEST'])(
    'finds an applicant whose address Flatchr keeps as %s and compares to the letter',
    async (email) => {
      add({ email });
      bench.simulators.flatchr.switches.emailFilter = 'exact';
      expect((await find('flatchr', { lookupKeys: lookupKeys({ email: ' Zoe@Example.TEST' }) })).answer).toBe('found');
    },
  );

  it.each(['unknown-vacancy', 'undefined', 'null', ''])('cannot look up the vacancy "%s"', async (name) => {
    const answer = await find('flatchr', { lookupKeys: lookupKeys({ vacancy: name }) });
    expect(answer).toMatchObject({ answer: 'unavailable', problem: { whoMustAct: 'user', stage: 'findApplicant' } });
    expect(searches('flatchr')).toEqual([]);
  });

  it('cannot look up without a company to ask', async () => {
    const answer = await find('flatchr', { lookupKeys: lookupKeys(), parameters: { enrich: undefined } });
    expect(answer).toMatchObject({ answer: 'unavailable', problem: { message: expect.stringContaining('lookup') } });
    expect(bench.simulators.flatchr.requests).toEqual([]);
  });

  it('asks the company of lookup where no enrichment is asked for', async () => {
    add();
    const { compagny } = bench.simulators.addresses().flatchr.enrich;
    const parameters = { enrich: undefined, lookup: { compagny } };
    expect((await find('flatchr', { lookupKeys: lookupKeys(), parameters })).answer).toBe('found');
    expect(searches('flatchr')[0]?.path).toBe(`/api/company/${compagny}/search/applicants`);
    expect(searches('flatchr')[0]?.json).toEqual({ email: EMAIL });
  });

  it('that no company of that id answers cannot be made', async () => {
    const parameters = { enrich: undefined, lookup: { compagny: 'nobody' } };
    expect((await find('flatchr', { lookupKeys: lookupKeys(), parameters })).answer).toBe('unavailable');
  });
});

const aCandidate = frameOf({ candidateDetail: { id: '1', email: EMAIL } });

function frameOf(detail: object): Buffer {
  const zip = createZip([{ name: 'applicantdetail', data: Buffer.from(JSON.stringify(detail)) }]);
  return Buffer.concat([uint32(zip.length), zip]);
}

describe('a lookup in TalentSoft', () => {
  const lookupKeys = (offer = '', changes: LookupKeys = {}): LookupKeys => ({
    email: EMAIL,
    offer,
    backOffice: bench.simulators.talentSoft.backUrl,
    ...changes,
  });
  const add = (offerReferences: (string | null)[], createdAt: number, email = EMAIL) =>
    bench.simulators.talentSoft.addCandidate({ email, offerReferences, createdAt });

  it('finds nothing where nobody applied', async () => {
    expect(await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).toEqual({ answer: 'not_found' });
    expect(await find('talentSoft', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
  });

  it('takes any application of that e-mail to that offer, however old', async () => {
    add(['2024-16', '2024-17'], Date.now() - 30 * DAY, 'Zoe@Example.Test');
    const { applications } = bench.simulators.talentSoft;
    const answer = await find('talentSoft', { lookupKeys: lookupKeys('2024-17') });
    const own = applications.find(({ offerReference }) => offerReference === '2024-17');
    expect(answer).toMatchObject({ answer: 'found', matches: [{ atsId: own?.applicationId }] });
  });

  it('does not take an application to another offer, or without one', async () => {
    add(['2024-16', null], Date.now());
    expect(await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).toEqual({ answer: 'not_found' });
  });

  it('without an offer takes a candidate that came since the first attempt', async () => {
    add([null], Date.now());
    const [candidate] = bench.simulators.talentSoft.candidates;
    expect(await find('talentSoft', { lookupKeys: lookupKeys() })).toEqual({
      answer: 'found',
      matches: [{ ref: candidate?.id, atsId: candidate?.id }],
    });
  });

  it('without an offer cannot tell of an older candidate whether it is ours', async () => {
    add([null], Date.now() - DAY);
    expect(await find('talentSoft', { lookupKeys: lookupKeys() })).toMatchObject({
      answer: 'inconclusive',
      problem: { type: 'unknown_outcome', stage: 'findApplicant' },
    });
  });

  it('with an offer cannot tell of a candidate whose applications are not said', async () => {
    add(['2024-17'], Date.now());
    bench.simulators.talentSoft.switches.applicationsInExport = false;
    expect((await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).answer).toBe('inconclusive');
  });

  it('with an offer cannot tell of a candidate whose applications do not say to which offer they are', async () => {
    add(['2024-16', null], Date.now());
    const { switches } = bench.simulators.talentSoft;
    switches.vacancyReferenceInExport = false;
    expect((await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).answer).toBe('inconclusive');
    switches.vacancyReferenceInExport = true;
    expect((await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).answer).toBe('not_found');
  });

  it.each(['2024-17', ''])(
    'cannot tell of a candidate whose e-mail is not said whether it is ours: offer "%s"',
    async (offer) => {
      add([offer === '' ? null : offer], Date.now());
      const { switches } = bench.simulators.talentSoft;
      switches.emailInExport = false;
      expect((await find('talentSoft', { lookupKeys: lookupKeys(offer) })).answer).toBe('inconclusive');
      switches.applicationsInExport = false;
      expect((await find('talentSoft', { lookupKeys: lookupKeys(offer) })).answer).toBe('inconclusive');
    },
  );

  it('with an offer does not take a candidate whose e-mail is not said and who applied to others', async () => {
    add(['2024-16', null], Date.now());
    bench.simulators.talentSoft.switches.emailInExport = false;
    expect(await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).toEqual({ answer: 'not_found' });
  });

  it('finds an application whose offer is written otherwise, here or there', async () => {
    add(['2024-17 '], Date.now());
    expect((await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).answer).toBe('found');
    expect((await find('talentSoft', { lookupKeys: lookupKeys('2024\u201117') })).answer).toBe('found');
    expect((await find('talentSoft', { lookupKeys: lookupKeys(' 2024-17\n') })).answer).toBe('found');
    expect((await find('talentSoft', { lookupKeys: lookupKeys('2024-1') })).answer).toBe('not_found');
  });

  it('finds a candidate whose address TalentSoft keeps in lower case and compares to the letter', async () => {
    add(['2024-17'], Date.now());
    bench.simulators.talentSoft.switches.emailFilter = 'exact';
    expect(
      (await find('talentSoft', { lookupKeys: lookupKeys('2024-17', { email: 'ZOE@example.test' }) })).answer,
    ).toBe('found');
  });

  it('allows for clocks that differ by five minutes', async () => {
    const firstAttemptAt = Date.now();
    add([null], firstAttemptAt - 4 * MINUTE);
    expect((await find('talentSoft', { lookupKeys: lookupKeys(), firstAttemptAt })).answer).toBe('found');
    expect(
      (await find('talentSoft', { lookupKeys: lookupKeys(), firstAttemptAt: firstAttemptAt + 2 * MINUTE })).answer,
    ).toBe('inconclusive');
  });

  it('before the first create asks without dates', async () => {
    add([null], Date.now() - 30 * DAY);
    expect((await find('talentSoft', { lookupKeys: lookupKeys(), purpose: 'first' })).answer).toBe('found');
  });

  it('pages until the empty answer, however small the pages are', async () => {
    bench.simulators.talentSoft.switches.candidates = 'alwaysNew';
    for (let number = 0; number < 230; number += 1) add(['2024-16'], Date.now());
    add(['2024-17'], Date.now());
    expect((await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).answer).toBe('found');
    expect(searches('talentSoft').map(({ query }) => query['offset'])).toEqual(['0', '100', '200', '231']);
  });

  it('asks the back office of the push, with its own token and the scope of exports', async () => {
    await find('talentSoft', { lookupKeys: lookupKeys('2024-17') });
    const [token, search] = bench.simulators.talentSoft.requests;
    expect(token).toMatchObject({ site: 'back', operation: 'token' });
    expect(new URLSearchParams(token?.body.toString()).get('scope')).toBe('MatchingIndexation');
    expect(search).toMatchObject({ site: 'back', query: { filter: `email::${EMAIL}`, offset: '0' } });
  });

  it.each<[string, Buffer]>([
    ['a frame that breaks off', Buffer.concat([uint32(500), Buffer.from('PK')])],
    ['a length that breaks off', Buffer.from([1, 2])],
    ['a frame that is no archive', Buffer.concat([uint32(4), Buffer.from('nope')])],
    ['an empty frame', uint32(0)],
    ['a length beyond all measure', Buffer.from([255, 255, 255, 255, 1])],
    ['more candidates than it asked for', Buffer.concat(Array.from({ length: 101 }, () => aCandidate))],
  ])('is repeated after %s, which proves nothing', async (_name, body) => {
    const fault: Fault = { kind: 'status', status: 200, body: body.toString('latin1') };
    bench.simulators.talentSoft.faults.add({ operation: 'search', fault });
    const { failure, problem } = await failureOf(find('talentSoft', { lookupKeys: lookupKeys('2024-17') }));
    expect(failure.nonRetryable).toBe(false);
    expect(problem.type).toBe('unavailable');
  });

  it('fetches a new token once when its own is refused', async () => {
    add(['2024-17'], Date.now());
    await find('talentSoft', { lookupKeys: lookupKeys('2024-17') });
    bench.simulators.talentSoft.revokeTokens();
    expect((await find('talentSoft', { lookupKeys: lookupKeys('2024-17') })).answer).toBe('found');
  });

  it('with wrong credentials of the back office cannot be made', async () => {
    const parameters = { client_secret_back: 'wrong' };
    const answer = await find('talentSoft', { lookupKeys: lookupKeys('2024-17'), parameters });
    expect(answer).toMatchObject({ answer: 'unavailable', problem: { type: 'auth', whoMustAct: 'user' } });
  });
});

describe('a lookup in Oracle', () => {
  const lookupKeys = (changes: LookupKeys = {}): LookupKeys => ({ email: EMAIL, lastName: 'Exemple', ...changes });
  const add = (createdAt: number, changes: Record<string, unknown> = {}) =>
    bench.simulators.oracleORC.addCandidate({ LastName: 'Exemple', Email: EMAIL, ...changes }, createdAt);

  it('finds nothing where nobody applied', async () => {
    expect(await find('oracleORC', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
  });

  it('finds a candidate of that name and e-mail, case of the e-mail ignored, by its number', async () => {
    const { candidateNumber } = add(Date.now(), { Email: 'ZOE@example.test' });
    expect(await find('oracleORC', { lookupKeys: lookupKeys() })).toEqual({
      answer: 'found',
      matches: [{ ref: candidateNumber, atsId: candidateNumber }],
    });
  });

  it.each([`O'Neil "Zoé" Łódź`, `'`, `''`, `a' or LastName != 'b`, 'Numéro; 1', 'a%b_c'])(
    'finds the last name %j, and no other',
    async (lastName) => {
      const { candidateNumber } = add(Date.now(), { LastName: lastName });
      add(Date.now(), { LastName: 'Somebody else' });
      expect(await find('oracleORC', { lookupKeys: lookupKeys({ lastName }) })).toMatchObject({
        answer: 'found',
        matches: [{ atsId: candidateNumber }],
      });
      expect(searches('oracleORC')).toHaveLength(1);
      await find('oracleORC', { lookupKeys: lookupKeys({ lastName: `${lastName}x` }) });
      expect(searches('oracleORC')).toHaveLength(3);
    },
  );

  it('looks through everybody changed since the first attempt where nobody of that name is found, to the end', async () => {
    const firstAttemptAt = Date.parse('2024-02-01T08:05:00Z');
    for (let number = 0; number < 500; number += 1) {
      add(firstAttemptAt + number * 1_000, { LastName: 'Somebody', Email: `${number}@example.test` });
    }
    const { candidateNumber } = add(firstAttemptAt + DAY, { LastName: 'EXEMPLE' });
    expect(await find('oracleORC', { lookupKeys: lookupKeys(), firstAttemptAt })).toMatchObject({
      answer: 'found',
      matches: [{ atsId: candidateNumber }],
    });
    const dated = `CandLastModifiedDate > '2024-02-01T08:00:00.000Z'`;
    expect(searches('oracleORC').map(({ query }) => [query['q'], query['offset']])).toEqual([
      [`LastName = 'Exemple' and ${dated}`, '0'],
      [dated, '0'],
      [dated, '499'],
    ]);
  });

  it('does not take a candidate of another name without an e-mail, who may be anybody', async () => {
    add(Date.now(), { LastName: 'Somebody', Email: null });
    expect(await find('oracleORC', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
    add(Date.now(), { LastName: 'EXÉMPLE ', Email: null });
    expect((await find('oracleORC', { lookupKeys: lookupKeys() })).answer).toBe('inconclusive');
  });

  it('before the first create also asks for the e-mail, and cannot tell of a hit with another one', async () => {
    add(Date.now() - 30 * DAY, { LastName: 'Somebody', Email: 'other@example.test' });
    expect(await find('oracleORC', { lookupKeys: lookupKeys(), purpose: 'first' })).toEqual({ answer: 'not_found' });
    const asked = searches('oracleORC').map(({ query }) => query['finder'] ?? query['q']);
    expect(asked).toEqual([`LastName = 'Exemple'`, `search;keywords="${EMAIL}"`]);
    add(Date.now() - 30 * DAY, { LastName: 'Somebody', Email: `x${EMAIL}` });
    expect((await find('oracleORC', { lookupKeys: lookupKeys(), purpose: 'first' })).answer).toBe('inconclusive');
    const { candidateNumber } = add(Date.now() - 30 * DAY, { LastName: 'Somebody' });
    expect(await find('oracleORC', { lookupKeys: lookupKeys(), purpose: 'first' })).toMatchObject({
      answer: 'found',
      matches: [{ atsId: candidateNumber }],
    });
  });

  it.each(['"zoe"@example.test', 'zoe,b;c@example.test'])(
    'asks for the e-mail %s in a finder that holds',
    async (email) => {
      expect((await find('oracleORC', { lookupKeys: lookupKeys({ email }), purpose: 'first' })).answer).toBe(
        'not_found',
      );
      expect(searches('oracleORC').at(-1)).toMatchObject({
        status: 200,
        query: { finder: `search;keywords="${email.replaceAll('"', '')}"` },
      });
    },
  );

  it('does not take a candidate of another e-mail, or one that was there before', async () => {
    add(Date.now(), { Email: 'other@example.test' });
    add(Date.now() - 10 * MINUTE);
    expect(await find('oracleORC', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
  });

  it('cannot tell of a candidate without an e-mail that came since the first attempt', async () => {
    for (const Email of [undefined, null, ' ']) {
      add(Date.now(), { Email });
      expect((await find('oracleORC', { lookupKeys: lookupKeys() })).answer).toBe('inconclusive');
      bench.simulators.oracleORC.reset();
    }
  });

  it('cannot tell of a candidate without an e-mail or a date that can be read', async () => {
    play({ items: [{ CandidateNumber: '1', CreationDate: 'yesterday' }], hasMore: false });
    expect((await find('oracleORC', { lookupKeys: lookupKeys() })).answer).toBe('inconclusive');
  });

  it('does not take a candidate without an e-mail that was there before', async () => {
    const CreationDate = new Date(Date.now() - 10 * MINUTE).toISOString();
    play({ items: [{ CandidateNumber: '1', CreationDate }], hasMore: false });
    expect(await find('oracleORC', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
  });

  it('before the first create cannot tell of any candidate without an e-mail', async () => {
    add(Date.now() - 30 * DAY, { Email: null });
    expect((await find('oracleORC', { lookupKeys: lookupKeys(), purpose: 'first' })).answer).toBe('inconclusive');
  });

  it('finds its own beside a candidate without an e-mail', async () => {
    add(Date.now(), { Email: null });
    const { candidateNumber } = add(Date.now());
    add(Date.now(), { Email: null });
    expect(await find('oracleORC', { lookupKeys: lookupKeys() })).toMatchObject({
      answer: 'found',
      matches: [{ atsId: candidateNumber }],
    });
  });

  it('finds a last name that Oracle keeps with the blanks around it, or without', async () => {
    for (const LastName of [' Exemple ', 'Exemple']) {
      add(Date.now(), { LastName });
      expect((await find('oracleORC', { lookupKeys: lookupKeys({ lastName: ' Exemple ' }) })).answer).toBe('found');
      bench.simulators.oracleORC.reset();
    }
  });

  it('does not take an older candidate that was changed since', async () => {
    const old = add(Date.now() - DAY);
    const created = new Date(old.at).toISOString();
    const item = {
      CandidateNumber: '1',
      Email: EMAIL,
      CreationDate: created,
      CandLastModifiedDate: new Date().toISOString(),
    };
    play({ items: [item], hasMore: false });
    expect(await find('oracleORC', { lookupKeys: lookupKeys() })).toEqual({ answer: 'not_found' });
  });

  function play(page: Record<string, unknown>, times = 1): void {
    const fault: Fault = { kind: 'status', status: 200, body: page };
    bench.simulators.oracleORC.faults.add({ operation: 'search', fault, times });
  }

  it.each([undefined, null, 'yesterday', '2026-01-01T10:00:00'])(
    'cannot tell of a candidate that came at %p whether it is ours',
    async (CreationDate) => {
      play({ items: [{ CandidateNumber: '1', Email: EMAIL, CreationDate: CreationDate ?? null }], hasMore: false });
      expect((await find('oracleORC', { lookupKeys: lookupKeys() })).answer).toBe('inconclusive');
    },
  );

  it.each(['+00:00', 'Z', '.123456+00:00', '+0000'])('reads a date that ends in %s', async (end) => {
    const CreationDate = new Date().toISOString().slice(0, 19) + end;
    play({ items: [{ CandidateNumber: '1', Email: EMAIL, CreationDate }], hasMore: false });
    expect((await find('oracleORC', { lookupKeys: lookupKeys() })).answer).toBe('found');
  });

  it('before the first create asks without dates', async () => {
    add(Date.now() - 30 * DAY);
    expect((await find('oracleORC', { lookupKeys: lookupKeys(), purpose: 'first' })).answer).toBe('found');
    expect(searches('oracleORC')[0]?.query['q']).toBe(`LastName = 'Exemple'`);
  });

  it('asks only for attributes that Oracle documents, and for JSON errors', async () => {
    const firstAttemptAt = Date.parse('2024-02-01T08:05:00Z');
    await find('oracleORC', { lookupKeys: lookupKeys(), firstAttemptAt });
    expect(searches('oracleORC')[0]?.query['q']).toBe(
      `LastName = 'Exemple' and CandLastModifiedDate > '2024-02-01T08:00:00.000Z'`,
    );
    expect(searches('oracleORC')[0]?.headers['rest-framework-version']).toBe('4');
  });

  it('pages to the end', async () => {
    for (let number = 0; number < 250; number += 1) add(Date.now(), { Email: `${number}@example.test` });
    add(Date.now());
    expect(refsOf(await find('oracleORC', { lookupKeys: lookupKeys() }))).toBe(1);
    expect(searches('oracleORC').map(({ query }) => query['offset'])).toEqual(['0', '100', '200']);
  });

  it('starts again at the last date seen before the offset at which pods announce no more', async () => {
    const start = Date.parse('2024-02-01T08:00:00Z');
    for (let page = 0; page < 5; page += 1) {
      const items = Array.from({ length: 1_000 }, (_, number) => {
        return { CandLastModifiedDate: new Date(start + (page * 1_000 + number) * 1_000).toISOString() };
      });
      play({ items, hasMore: true });
    }
    play({ items: [{ CandidateNumber: '7', Email: EMAIL }], hasMore: false });
    expect(await find('oracleORC', { lookupKeys: lookupKeys(), purpose: 'first' })).toMatchObject({ answer: 'found' });
    const asked = searches('oracleORC').map(({ query }) => `${query['offset']} ${query['q']}`);
    expect(asked.slice(4)).toEqual([
      `4000 LastName = 'Exemple'`,
      `0 LastName = 'Exemple' and CandLastModifiedDate > '2024-02-01T09:23:18.000Z'`,
    ]);
  });

  it('cannot be made where the search does not come forward', async () => {
    const at = new Date().toISOString();
    const items = Array.from({ length: 5_000 }, () => ({ Email: 'x@example.test', CandLastModifiedDate: at }));
    play({ items, hasMore: true }, 10);
    expect(await find('oracleORC', { lookupKeys: lookupKeys() })).toMatchObject({
      answer: 'unavailable',
      problem: { type: 'unavailable' },
    });
  });

  it('cannot be made where more is announced and nothing comes', async () => {
    play({ items: [], hasMore: true }, 10);
    expect((await find('oracleORC', { lookupKeys: lookupKeys() })).answer).toBe('unavailable');
  });

  it('is repeated after a page of another shape, which proves nothing', async () => {
    for (const page of [{}, { items: [] }, { hasMore: false }, { items: {}, hasMore: false }]) {
      play(page);
      expect((await failureOf(find('oracleORC', { lookupKeys: lookupKeys() }))).failure.nonRetryable).toBe(false);
    }
  });

  it('with a wrong password cannot be made', async () => {
    const parameters = { authData: { ...ORACLE_ACCOUNT, password: 'wrong' } };
    expect(await find('oracleORC', { lookupKeys: lookupKeys(), parameters })).toMatchObject({
      answer: 'unavailable',
      problem: { type: 'auth' },
    });
  });
});

describe.each(['talentSoft', 'oracleORC', 'flatchr'] as const)('a lookup in %s', (connector) => {
  const lookupKeys = (): LookupKeys => {
    const { flatchr, talentSoft } = bench.simulators;
    return {
      email: EMAIL,
      lastName: 'Exemple',
      offer: '',
      vacancy: flatchr.vacancies[0]?.slug ?? '',
      backOffice: talentSoft.backUrl,
    };
  };

  it('with nothing to look for cannot be made', async () => {
    expect(await find(connector, { lookupKeys: null })).toMatchObject({
      answer: 'unavailable',
      problem: { type: 'unknown_outcome', whoMustAct: 'user' },
    });
    expect(bench.simulators[connector].requests).toEqual([]);
  });

  it.each<[string, Asked, RegExp]>([
    ['of the document', { lookupKeys: null }, /no e-mail/],
    [
      'of the document, before the first create',
      { lookupKeys: null, firstAttemptAt: null, purpose: 'first' },
      /no e-mail/,
    ],
    ['of an earlier run', { lookupKeys: null, firstAttemptAt: null }, /earlier run/],
  ])('with no lookupKeys %s says so', async (_name, asked, words) => {
    expect(await find(connector, asked)).toMatchObject({ problem: { message: expect.stringMatching(words) } });
  });

  it.each<[string, Fault]>([
    ['an HTML page', { kind: 'html', status: 200 }],
    ['a page that breaks off', { kind: 'status', status: 200, body: '{"items":[],"hasMore":fal' }],
    ['a reset', { kind: 'resetAfterCommit' }],
    ['silence', { kind: 'delay', ms: 5_000 }],
    ['a 500', { kind: 'status', status: 500 }],
    ['a 503', { kind: 'status', status: 503 }],
    ['a 429', { kind: 'status', status: 429 }],
    ['a 408', { kind: 'status', status: 408 }],
  ])('is repeated after %s, which proves nothing', async (_name, fault) => {
    // Twice: over a kept connection, a reset alone is taken for one that had been closed in the meantime.
    bench.simulators[connector].faults.add({ operation: 'search', fault, times: 2 });
    const { failure, problem } = await failureOf(find(connector, { lookupKeys: lookupKeys() }));
    expect(failure.nonRetryable).toBe(false);
    expect(problem).toMatchObject({ type: 'unavailable', stage: 'findApplicant' });
  });

  it.each([401, 403, 404, 302])('that is refused with a %d for good cannot be made', async (status) => {
    const headers = { Location: 'http://10.0.0.1/' };
    bench.simulators[connector].faults.add({
      operation: 'search',
      times: 5,
      fault: { kind: 'status', status, headers },
    });
    expect((await find(connector, { lookupKeys: lookupKeys() })).answer).toBe('unavailable');
  });
});
