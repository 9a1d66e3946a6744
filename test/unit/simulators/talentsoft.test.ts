import { describe, expect, test } from '@jest/globals';
import { readZip } from './read-zip';
import { bearer, dig, requestToken, useSimulators } from './support';

const { clock, get } = useSimulators();
const CREATE = '/api/v2/applicants/applicationswithoutaccount';
const CV = Buffer.from([0x25, 0x50, 0x44, 0x46, 0x00, 0xff, 0x0d, 0x0a]);

function documentOf(changes: Record<string, unknown> = {}) {
  return {
    applicant: {
      personalInformation: { firstName: 'Élodie "Zoé"', lastName: "O'Neil Łódź", email: 'elodie@example.test' },
      jobPreferences: {},
      education: { diplomas: [{ yearObtained: 2013, college: 'Université Fictive' }] },
      experiences: { experienceList: [{ company: 'Bureau Inventé', function: 'Analyste', length: 3.5 }] },
    },
    application: { type: 'offer', offerReference: '2024-17' },
    uploadedFiles: [{ description: 'cv.pdf', fileTypeId: 36, key: 'cv_file_id' }],
    ...changes,
  };
}

function formOf(document: unknown, files: string[] = ['cv_file_id']): FormData {
  const form = new FormData();
  form.set('applicantApplication', typeof document === 'string' ? document : JSON.stringify(document));
  for (const name of files) form.set(name, new Blob([CV], { type: 'application/pdf' }), 'cv élodie.pdf');
  return form;
}

async function create(body: FormData, headers?: Record<string, string>): Promise<Response> {
  const authorized = headers ?? (await bearer(get(), 'front'));
  return fetch(`${get().talentSoft.frontUrl}${CREATE}`, { method: 'POST', headers: authorized, body });
}

async function search(query: Record<string, string>, headers?: Record<string, string>): Promise<Response> {
  const authorized = headers ?? (await bearer(get(), 'back'));
  const url = `${get().talentSoft.backUrl}/api/exports/v1/candidates?${new URLSearchParams(query).toString()}`;
  return fetch(url, { headers: authorized });
}

async function candidatesOf(response: Response) {
  expect(response.status).toBe(200);
  const stream = Buffer.from(await response.arrayBuffer());
  const candidates: { entries: Map<string, Buffer>; detail: unknown }[] = [];
  for (let at = 0; at < stream.length;) {
    const length = stream.readUInt32LE(at);
    const entries = readZip(stream.subarray(at + 4, at + 4 + length));
    candidates.push({ entries, detail: JSON.parse(entries.get('applicantdetail')?.toString('utf8') ?? '') });
    at += 4 + length;
  }
  return candidates;
}

describe('tokens', () => {
  test('are issued to both offices for 1199 seconds', async () => {
    for (const office of ['front', 'back'] as const) {
      const response = await requestToken(get(), office);
      expect(response.status).toBe(200);
      const body = await response.json();
      expect(body).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 1199 });
    }
    expect(get().talentSoft.requests).toMatchObject([
      { operation: 'token', site: 'front', committed: false },
      { operation: 'token', site: 'back' },
    ]);
  });

  test.each([
    ['invalid_client', { client_secret: 'wrong' }],
    ['invalid_client', { client_id: 'wrong' }],
    ['unsupported_grant_type', { grant_type: 'password' }],
    ['invalid_scope', { scope: 'Everything' }],
  ])('are refused as %s for %j', async (error, changes) => {
    const response = await requestToken(get(), 'back', changes);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error, error_description: expect.any(String) });
  });

  test('need a form, and a plus sign in it has to be encoded', async () => {
    const url = `${get().talentSoft.frontUrl}/api/token`;
    const json = await fetch(url, { method: 'POST', body: '{}', headers: { 'Content-Type': 'application/json' } });
    expect(await json.json()).toMatchObject({ error: 'invalid_request' });
    const body = 'grant_type=client_credentials&client_id=invented-front-id&client_secret=front+secret/%26=%C3%A9';
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    expect(await (await fetch(url, { method: 'POST', body, headers })).json()).toMatchObject({
      error: 'invalid_client',
    });
    const encoded = body.replace('+', '%2B');
    expect((await fetch(url, { method: 'POST', body: encoded, headers })).status).toBe(200);
  });

  test('of the front office bear a scope only where that is tolerated', async () => {
    expect((await requestToken(get(), 'front', { scope: 'Any' })).status).toBe(200);
    get().talentSoft.switches.frontScope = 'refused';
    expect((await requestToken(get(), 'front', { scope: 'Any' })).status).toBe(400);
  });

  test('expire, can be revoked, and are good at their own office only', async () => {
    const token = await bearer(get(), 'front');
    clock.advance(1_198_000);
    expect((await create(formOf(documentOf()), token)).status).toBe(201);
    clock.advance(1000);
    expect((await create(formOf(documentOf()), token)).status).toBe(401);
    const fresh = await bearer(get(), 'front');
    get().talentSoft.revokeTokens();
    expect((await create(formOf(documentOf()), fresh)).status).toBe(401);
    expect((await create(formOf(documentOf()), await bearer(get(), 'back'))).status).toBe(401);
    expect((await search({}, await bearer(get(), 'front'))).status).toBe(401);
  });
});

describe('an application', () => {
  test('is stored whole, with its file and text as they were sent', async () => {
    const response = await create(formOf(documentOf()));
    expect(response.status).toBe(201);
    const [stored] = get().talentSoft.applications;
    expect(await response.json()).toMatchObject({
      applicant: { id: stored?.candidateId, personalInformation: { lastName: "O'Neil Łódź" } },
      application: { id: stored?.applicationId, offerReference: '2024-17' },
    });
    expect(stored).toMatchObject({ email: 'elodie@example.test', offerReference: '2024-17', document: documentOf() });
    expect(stored?.file).toMatchObject({
      name: 'cv_file_id',
      fileName: 'cv élodie.pdf',
      contentType: 'application/pdf',
    });
    expect(stored?.file?.body.equals(CV)).toBe(true);
    expect(get().talentSoft.requests.at(-1)?.parts).toHaveLength(2);
  });

  test('needs no file and no offer', async () => {
    const document = documentOf({ uploadedFiles: [], application: { type: 'offer' } });
    expect((await create(formOf(document, []))).status).toBe(201);
    expect(get().talentSoft.applications).toMatchObject([{ offerReference: null, file: null }]);
  });

  test('may be answered flat', async () => {
    get().talentSoft.switches.answer = 'flat';
    const body = await (await create(formOf(documentOf()))).json();
    expect(body).toMatchObject({ id: expect.any(String), application: { id: expect.any(String) } });
    expect(dig(body, 'applicant')).toBeUndefined();
  });

  test.each([
    ['text that is no JSON', '{"applicant":', ['cv_file_id']],
    ['no applicant', documentOf({ applicant: undefined }), ['cv_file_id']],
    ['no application', documentOf({ application: {} }), ['cv_file_id']],
    ['a declared file that is missing', documentOf(), []],
    ['a file that nobody declared', documentOf({ uploadedFiles: [] }), ['cv_file_id']],
    [
      'a text where a number belongs',
      documentOf({ uploadedFiles: [{ key: 'cv_file_id', fileTypeId: '36' }] }),
      ['cv_file_id'],
    ],
    ['a code that is no item', withPersonal({ civility: 'Mr' }), ['cv_file_id']],
    ['a name that is no text', withPersonal({ lastName: 7 }), ['cv_file_id']],
  ])('is refused with a message for %s', async (_name, document, files) => {
    const response = await create(formOf(document, files));
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ message: expect.any(String) });
    expect(get().talentSoft.applications).toHaveLength(0);
  });

  test('is refused where the text is no valid UTF-8', async () => {
    const text = Buffer.from(JSON.stringify(documentOf({ uploadedFiles: [] })), 'latin1');
    const head = '--B\r\nContent-Disposition: form-data; name="applicantApplication"\r\n\r\n';
    const body = Buffer.concat([Buffer.from(head), text, Buffer.from('\r\n--B--\r\n')]);
    const headers = { ...(await bearer(get(), 'front')), 'Content-Type': 'multipart/form-data; boundary=B' };
    const response = await fetch(`${get().talentSoft.frontUrl}${CREATE}`, { method: 'POST', headers, body });
    expect(response.status).toBe(400);
  });

  test('is refused where the multipart body breaks off or is another type', async () => {
    const url = `${get().talentSoft.frontUrl}${CREATE}`;
    const headers = await bearer(get(), 'front');
    const broken = { ...headers, 'Content-Type': 'multipart/form-data; boundary=B' };
    expect((await fetch(url, { method: 'POST', headers: broken, body: '--B\r\nContent-Dis' })).status).toBe(400);
    const json = { ...headers, 'Content-Type': 'application/json' };
    expect((await fetch(url, { method: 'POST', headers: json, body: '{}' })).status).toBe(415);
  });

  test('is refused by the setup of the TalentSoft client, in HTML if told so', async () => {
    const { talentSoft } = get();
    talentSoft.switches.offers = ['2024-18'];
    expect((await create(formOf(documentOf()))).status).toBe(400);
    talentSoft.switches.offers = null;
    talentSoft.switches.requiredFields = ['phoneNumber'];
    talentSoft.switches.errorBody = 'html';
    const response = await create(formOf(documentOf()));
    expect([response.status, response.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
  });

  test('of the same person to the same offer is refused if told so', async () => {
    get().talentSoft.switches.duplicate = '400';
    await create(formOf(documentOf()));
    const again = await create(formOf(withPersonal({ email: 'ELODIE@example.test' })));
    expect([again.status, dig(await again.json(), 'message')]).toEqual([
      400,
      expect.stringContaining('already exists'),
    ]);
    const other = { application: { type: 'offer', offerReference: '2024-18' } };
    expect((await create(formOf(documentOf(other)))).status).toBe(201);
    expect((await create(formOf(withPersonal({ email: 'other@example.test' })))).status).toBe(201);
    expect(get().talentSoft.applications).toHaveLength(3);
  });

  test('joins the candidate of the same e-mail address, or never does', async () => {
    const { talentSoft } = get();
    await create(formOf(documentOf()));
    await create(formOf(withPersonal({ email: 'ELODIE@example.test' })));
    expect(talentSoft.candidates).toHaveLength(1);
    expect(talentSoft.applications).toHaveLength(2);
    talentSoft.switches.candidates = 'alwaysNew';
    await create(formOf(documentOf()));
    expect(talentSoft.candidates).toHaveLength(2);
  });
});

describe('the export', () => {
  test('frames one archive per candidate, with detail, applications and files', async () => {
    await create(formOf(documentOf()));
    const [stored] = get().talentSoft.applications;
    const [found] = await candidatesOf(
      await search({ filter: 'email::ELODIE@example.test', offset: '0', limit: '100' }),
    );
    expect(found?.detail).toMatchObject({
      candidateDetail: {
        id: stored?.candidateId,
        email: 'elodie@example.test',
        lastName: "O'Neil Łódź",
        creationDate: new Date(clock.time).toISOString(),
      },
      applications: [{ vacancyReference: '2024-17', id: stored?.applicationId }],
      attachments: [{ isResume: true, mimeType: 'application/pdf', filename: 'cv élodie.pdf' }],
    });
    expect(found?.entries.get(String(dig(found.detail, 'attachments', 0, 'id')))?.equals(CV)).toBe(true);
  });

  test('pages until the empty body', async () => {
    for (const email of ['a@example.test', 'b@example.test', 'c@example.test']) {
      get().talentSoft.addCandidate({ email, offerReferences: ['1', null], createdAt: clock.time - 1000 });
    }
    const first = await candidatesOf(await search({ offset: '0', limit: '2' }));
    expect(first.map(({ detail }) => dig(detail, 'candidateDetail', 'email'))).toEqual([
      'a@example.test',
      'b@example.test',
    ]);
    expect(dig(first[0]?.detail, 'applications')).toMatchObject([
      { vacancyReference: '1' },
      { vacancyReference: null },
    ]);
    expect(await candidatesOf(await search({ offset: '2', limit: '2' }))).toHaveLength(1);
    const end = await search({ offset: '4', limit: '2' });
    expect((await end.arrayBuffer()).byteLength).toBe(0);
  });

  test.each([
    ['id::1,2000', 0],
    ['email::b@example.test,a@example.test', 2],
    ['updateDate:gt:2023-12-31', 2],
    ['updateDate:lt:2023-12-31', 0],
    ['chronoNumber:gt:0', 2],
  ])('filters by %s', async (filter, count) => {
    for (const email of ['a@example.test', 'b@example.test']) {
      get().talentSoft.addCandidate({ email, offerReferences: [null], createdAt: clock.time });
    }
    expect(await candidatesOf(await search({ filter }))).toHaveLength(count);
  });

  test('leaves out what it is told to', async () => {
    get().talentSoft.addCandidate({ email: 'a@example.test', offerReferences: ['1'], createdAt: clock.time });
    Object.assign(get().talentSoft.switches, { emailInExport: false, vacancyReferenceInExport: false });
    const [found] = await candidatesOf(await search({ filter: 'email::a@example.test' }));
    expect(dig(found?.detail, 'candidateDetail')).not.toHaveProperty('email');
    expect(dig(found?.detail, 'applications', 0)).not.toHaveProperty('vacancyReference');
    get().talentSoft.switches.applicationsInExport = false;
    const [without] = await candidatesOf(await search({}));
    expect(without?.detail).not.toHaveProperty('applications');
  });

  test('refuses wrong pages and filters', async () => {
    const queries: Record<string, string>[] = [
      { limit: '0' },
      { limit: '101' },
      { offset: '-1' },
      { filter: 'name::x' },
      { filter: 'email' },
    ];
    for (const query of queries) {
      expect((await search(query)).status).toBe(400);
    }
  });

  test('needs the scope for it', async () => {
    const token = await (await requestToken(get(), 'back', {})).json();
    expect((await search({}, { Authorization: `bearer ${String(dig(token, 'access_token'))}` })).status).toBe(403);
  });

  test('shows a new application only after a while, if told so', async () => {
    get().talentSoft.visibleAfterMs = 500;
    await create(formOf(documentOf()));
    expect(await candidatesOf(await search({}))).toHaveLength(0);
    clock.advance(500);
    expect(await candidatesOf(await search({}))).toHaveLength(1);
  });
});

function withPersonal(changes: Record<string, unknown>) {
  const document = documentOf();
  const personalInformation = { ...document.applicant.personalInformation, ...changes };
  return { ...document, applicant: { ...document.applicant, personalInformation } };
}
