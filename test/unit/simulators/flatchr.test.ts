import { describe, expect, test } from '@jest/globals';
import { FLATCHR_COMPANY, FLATCHR_KEY } from '../../simulators';
import { createApplicant, dig, FLATCHR_HEADERS, postToCompany, useSimulators } from './support';

const { clock, get } = useSimulators();
const JSON_ONLY = { 'Content-Type': 'application/json' };

describe('a create', () => {
  test('stores the application and answers without an id', async () => {
    const response = await createApplicant(get(), { token: FLATCHR_KEY, phone: '+33 1 99 00 12 34' });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ statusCode: 201, response: 'applicant created' });
    const [stored] = get().flatchr.applicants;
    expect(stored).toMatchObject({
      email: 'zoe@example.test',
      vacancySlug: get().flatchr.vacancies[0]?.slug,
      vacancyId: get().flatchr.vacancies[0]?.vacancy_id,
      subdomain: 'careers',
      at: clock.time,
      document: { firstname: 'Zoé', phone: '+33 1 99 00 12 34' },
      file: { fileName: 'cv.pdf', contentType: 'application/pdf', bytes: Buffer.from('%PDF-1.4\n') },
    });
  });

  test('is found below any subdomain', async () => {
    const url = `${get().flatchr.url}/my_subdomain.my/vacancy/candidate/json`;
    const body = JSON.stringify({
      vacancy: get().flatchr.vacancies[1]?.slug,
      firstname: 'A',
      lastname: 'B',
      type: 'document',
    });
    expect((await fetch(url, { method: 'POST', headers: FLATCHR_HEADERS, body })).status).toBe(201);
    expect(get().flatchr.applicants[0]?.subdomain).toBe('my_subdomain.my');
  });

  test('may be answered 200 and with the text that was sent along', async () => {
    get().flatchr.switches.createStatus = 200;
    const response = await createApplicant(get(), { response_text: 'merci' });
    expect(await response.json()).toEqual({ statusCode: 200, response: 'merci' });
    expect(response.status).toBe(200);
  });

  test.each([
    [400, { vacancy: undefined }],
    [400, { firstname: '' }],
    [400, { lastname: null }],
    [400, { type: 'paper' }],
    [400, { type: undefined }],
    [400, { email: 7 }],
    [400, { resume: 'JVBERi0xLjQK' }],
    [400, { resume: { data: 'no base64!', fileName: 'cv.pdf', contentType: 'application/pdf' } }],
    [400, { resume: { data: 'JVBERi0xLjQK', contentType: 'application/pdf' } }],
    [400, { type: 'link', resume: 'cv.pdf' }],
    [404, { vacancy: 'no-such-vacancy' }],
    [401, { token: 'wrong' }],
  ])('is refused with %i for %j', async (status, changes) => {
    const response = await createApplicant(get(), changes);
    expect(response.status).toBe(status);
    const body = await response.json();
    expect(body).toEqual({ statusCode: status, error: expect.any(String), message: expect.any(String) });
    expect(get().flatchr.applicants).toHaveLength(0);
  });

  test.each([
    ['required', undefined, 400],
    ['checkedWhenPresent', undefined, 201],
    ['unchecked', 'anything', 201],
  ] as const)('with the resume %s and %s gets %i', async (mode, resume, status) => {
    get().flatchr.switches.resume = mode;
    expect((await createApplicant(get(), { resume })).status).toBe(status);
  });

  test('needs the key in the body, or a Latin letter in the names, if told so', async () => {
    const { switches } = get().flatchr;
    switches.tokenInBody = 'required';
    expect((await createApplicant(get())).status).toBe(401);
    expect((await createApplicant(get(), { token: FLATCHR_KEY })).status).toBe(201);
    switches.tokenInBody = 'tolerated';
    switches.namePattern = true;
    expect((await createApplicant(get(), { lastname: '王' })).status).toBe(400);
  });

  test('of the same person is one more application, or 409 or 400 if told so', async () => {
    const { flatchr } = get();
    await createApplicant(get());
    await createApplicant(get(), { email: 'ZOE@example.test' });
    expect(new Set(flatchr.applicants.map(({ candidateId }) => candidateId)).size).toBe(1);
    expect(new Set(flatchr.applicants.map(({ applicantId }) => applicantId)).size).toBe(2);
    flatchr.switches.candidates = 'alwaysNew';
    await createApplicant(get());
    expect(new Set(flatchr.applicants.map(({ candidateId }) => candidateId)).size).toBe(2);
    flatchr.switches.duplicate = '409';
    expect((await createApplicant(get())).status).toBe(409);
    flatchr.switches.duplicate = '400';
    const refused = await createApplicant(get());
    expect([refused.status, dig(await refused.json(), 'message')]).toEqual([
      400,
      expect.stringContaining('déjà postulé'),
    ]);
    expect((await createApplicant(get(), { vacancy: flatchr.vacancies[1]?.slug })).status).toBe(201);
  });
});

describe('the key', () => {
  test('is taken as bearer only, or raw if told so', async () => {
    const raw = { ...JSON_ONLY, Authorization: FLATCHR_KEY };
    expect((await createApplicant(get(), {}, raw)).status).toBe(401);
    get().flatchr.switches.acceptRawKey = true;
    expect((await createApplicant(get(), {}, raw)).status).toBe(201);
    expect((await createApplicant(get(), {}, JSON_ONLY)).status).toBe(401);
  });

  test('may come in the query, unless told otherwise', async () => {
    const url = `${get().flatchr.url}/api/company/${FLATCHR_COMPANY.key}/vacancies?token=${FLATCHR_KEY}`;
    expect((await fetch(url)).status).toBe(200);
    get().flatchr.switches.acceptQueryToken = false;
    expect((await fetch(url)).status).toBe(401);
  });
});

describe('an enrichment', () => {
  const body = { reference: 'Zoe@example.test', value: { name: {} }, type: 'applicants', name: 'parsing' };

  test('attaches to the person of the e-mail address', async () => {
    await createApplicant(get());
    const response = await postToCompany(get(), 'search/candidate', body);
    expect(response.status).toBe(200);
    const message = { resource_type: 'attribute', action: 'created' };
    expect(await response.json()).toEqual({ statusCode: 200, message });
    expect(get().flatchr.enrichments).toEqual([
      {
        companyId: FLATCHR_COMPANY.key,
        email: 'Zoe@example.test',
        at: clock.time,
        document: body,
        candidateFound: true,
        candidateIds: [get().flatchr.applicants[0]?.candidateId],
      },
    ]);
  });

  test('of nobody is 404, or 400 or recorded as attached to nobody if told so', async () => {
    expect((await postToCompany(get(), 'search/candidate', body)).status).toBe(404);
    get().flatchr.switches.enrichUnknown = '400';
    expect((await postToCompany(get(), 'search/candidate', body)).status).toBe(400);
    expect(get().flatchr.enrichments).toHaveLength(0);
    get().flatchr.switches.enrichUnknown = 'accept';
    expect((await postToCompany(get(), 'search/candidate', body)).status).toBe(200);
    expect(get().flatchr.enrichments).toMatchObject([{ candidateFound: false, candidateIds: [] }]);
  });

  test('does not see a person who is not visible yet', async () => {
    get().flatchr.visibleAfterMs = 500;
    await createApplicant(get());
    expect((await postToCompany(get(), 'search/candidate', body)).status).toBe(404);
    clock.advance(500);
    expect((await postToCompany(get(), 'search/candidate', body)).status).toBe(200);
  });

  test('needs reference and value, the option, and a company that exists', async () => {
    expect((await postToCompany(get(), 'search/candidate', { value: {} })).status).toBe(400);
    expect((await postToCompany(get(), 'search/candidate', { reference: 'a', value: [] })).status).toBe(400);
    expect((await postToCompany(get(), 'search/candidate', body, 'none')).status).toBe(404);
    get().flatchr.addCompany({ key: FLATCHR_COMPANY.key, premium: false });
    expect((await postToCompany(get(), 'search/candidate', body)).status).toBe(403);
  });
});

describe('the search', () => {
  test('gives rows with dates that are day first', async () => {
    await createApplicant(get());
    const rows = await (await postToCompany(get(), 'search/applicants', { email: 'ZOE@example.test' })).json();
    expect(rows).toEqual([
      {
        applicant: get().flatchr.applicants[0]?.applicantId,
        vacancy: 'Développeur H/F',
        column: expect.any(String),
        vacancy_id: get().flatchr.vacancies[0]?.vacancy_id,
        external_id: null,
        status: 1,
        score: 0,
        hired: false,
        firstname: 'Zoé',
        lastname: 'Exemple',
        email: 'zoe@example.test',
        phone: null,
        created_at: '01/02/24',
        updated_at: '01/02/24',
        source: 'API',
      },
    ]);
  });

  test.each([
    [{}, 2],
    [{ vacancy: 'first' }, 1],
    [{ vacancy: 'unknown' }, 0],
    [{ email: 'other@example.test' }, 1],
    [{ firstname: 'zoé' }, 1],
    [{ status: 0 }, 1],
    [{ start: '02/01/24' }, 2],
    [{ start: '02/02/24' }, 0],
    [{ end: '01/31/24' }, 0],
  ])('filters by %j', async (filter: Record<string, unknown>, count) => {
    const { flatchr } = get();
    const [first, second] = flatchr.vacancies;
    await createApplicant(get());
    const vacancySlug = second?.slug ?? '';
    flatchr.addApplicant({ email: 'other@example.test', vacancySlug, archived: true, createdAt: clock.time });
    const body = filter.vacancy === 'first' ? { vacancy: first?.id } : filter;
    expect(await (await postToCompany(get(), 'search/applicants', body)).json()).toHaveLength(count);
  });

  test('refuses dates that are day first, and a body that is none', async () => {
    expect((await postToCompany(get(), 'search/applicants', { start: '25/12/24' })).status).toBe(400);
    expect((await postToCompany(get(), 'search/applicants', [])).status).toBe(400);
  });

  test('leaves e-mail address and number of the vacancy out if told so', async () => {
    await createApplicant(get());
    Object.assign(get().flatchr.switches, { emailInSearch: false, vacancyIdInSearch: false });
    const rows = await (await postToCompany(get(), 'search/applicants', { email: 'zoe@example.test' })).json();
    const row = dig(rows, 0);
    expect(row).not.toHaveProperty('email');
    expect(row).not.toHaveProperty('vacancy_id');
    expect(row).toHaveProperty('applicant');
  });

  test('compares e-mail addresses as told', async () => {
    await createApplicant(get());
    get().flatchr.switches.emailFilter = 'exact';
    expect(await (await postToCompany(get(), 'search/applicants', { email: 'ZOE@example.test' })).json()).toEqual([]);
    get().flatchr.switches.emailFilter = 'contains';
    expect(await (await postToCompany(get(), 'search/applicants', { email: 'zoe@' })).json()).toHaveLength(1);
  });
});

test('vacancies of a company have all three identifiers', async () => {
  const { flatchr } = get();
  const added = flatchr.addVacancy({ title: 'Testeur', companyKey: 'AnotherCompany01', slug: 'a1-testeur' });
  const url = `${flatchr.url}/api/company/AnotherCompany01/vacancies`;
  const listed = await (await fetch(url, { headers: FLATCHR_HEADERS })).json();
  expect(listed).toMatchObject([{ id: added.id, vacancy_id: added.vacancy_id, slug: 'a1-testeur', title: 'Testeur' }]);
  const own = await fetch(`${flatchr.url}/api/company/${FLATCHR_COMPANY.key}/vacancies`, { headers: FLATCHR_HEADERS });
  expect(await own.json()).toHaveLength(3);
});

test('a doubled slash is not forgiven', async () => {
  const url = `${get().flatchr.url}/api//company/${FLATCHR_COMPANY.key}/vacancies`;
  expect((await fetch(url, { headers: FLATCHR_HEADERS })).status).toBe(404);
});
