import { describe, expect, test } from '@jest/globals';
import { dig, ORACLE_HEADERS, useSimulators } from './support';

const { clock, get } = useSimulators();
const ITEM = 'application/vnd.oracle.adf.resourceitem+json';
const ZOE = { FirstName: 'Zoé', LastName: "O'Neil", Email: 'zoe@example.test' };

function address(path = '', version = '11.13.18.05'): string {
  return `${get().oracleORC.url}/hcmRestApi/resources/${version}/recruitingCandidates${path}`;
}

function create(body: unknown, headers: Record<string, string> = ORACLE_HEADERS): Promise<Response> {
  return fetch(address(), { method: 'POST', headers, body: JSON.stringify(body) });
}

function list(query: Record<string, string>, headers: Record<string, string> = ORACLE_HEADERS): Promise<Response> {
  return fetch(address(`?${new URLSearchParams(query).toString()}`), { headers });
}

describe('a candidate', () => {
  test('is created with its children in one call', async () => {
    const body = {
      ...ZOE,
      SourceMedium: null,
      candidatePhones: [{ PhoneNumber: '100000000' }],
      candidateAddress: [{ AddressLine1: '12 rue du Test', City: 'Lyon', Country: 'FR' }],
      attachments: [
        {
          DatatypeCode: 'FILE',
          FileName: 'cv.pdf',
          UploadedFileContentType: 'application/pdf',
          FileContents: 'JVBERi0=',
        },
      ],
      education: [{ Title: 'Master', StartDate: '2008-09-01', Duration: '4.8', DurationUnits: 'years' }],
      experience: [{ JobTitle: 'Analyste', EmployerName: 'Bureau Inventé', AdditionalInformation: 'plain' }],
      skills: [{ Skill: 'TypeScript', Speciality: 'hard' }],
    };
    const response = await create(body);
    expect(response.status).toBe(201);
    expect(response.headers.get('content-type')).toBe(ITEM);
    const item = await response.json();
    expect(item).toMatchObject({
      CandidateNumber: '100001',
      PersonId: expect.any(Number),
      FullName: "Zoé O'Neil",
      CreationDate: '2024-02-01T08:00:00+00:00',
      CandLastModifiedDate: '2024-02-01T08:00:00.250+00:00',
      skills: { items: [{ Skill: 'TypeScript' }], hasMore: false },
      links: [{ rel: 'self', href: address('/100001'), properties: { changeIndicator: expect.any(String) } }, {}],
    });
    expect(dig(item, 'attachments', 'items', 0, 'FileContents')).toBeUndefined();
    const [stored] = get().oracleORC.candidates;
    expect(stored).toMatchObject({
      candidateNumber: '100001',
      email: 'zoe@example.test',
      at: clock.time,
      document: body,
    });
    expect(stored?.files[0]).toMatchObject({ fileName: 'cv.pdf', bytes: Buffer.from('%PDF-') });
  });

  test('can be read again, with its children', async () => {
    await create({ ...ZOE, skills: [{ Skill: 'écoute' }] });
    const item = await (await fetch(address('/100001', 'latest'), { headers: ORACLE_HEADERS })).json();
    expect(item).toMatchObject({ LastName: "O'Neil", CandidateNumber: '100001' });
    const children = await (await fetch(address('/100001/child/skills'), { headers: ORACLE_HEADERS })).json();
    expect(children).toMatchObject({ items: [{ Skill: 'écoute' }], count: 1 });
    expect((await fetch(address('/999999'), { headers: ORACLE_HEADERS })).status).toBe(404);
  });

  test('has plain lists of children below framework version 3', async () => {
    const response = await create(
      { ...ZOE, skills: [{ Skill: 'a' }] },
      { ...ORACLE_HEADERS, 'REST-Framework-Version': '2' },
    );
    expect(dig(await response.json(), 'skills')).toEqual([{ Skill: 'a' }]);
  });

  test.each([
    ['/LastName', { FirstName: 'Zoé' }],
    ['/Nickname', { ...ZOE, Nickname: 'Z' }],
    ['/constructor', { ...ZOE, constructor: 'Z' }],
    ['/FirstName', { ...ZOE, FirstName: 'é'.repeat(151) }],
    ['/FirstName', { ...ZOE, FirstName: 7 }],
    ['/CreationDate', { ...ZOE, CreationDate: '2024-02-01' }],
    ['/CandidateNumber', { ...ZOE, CandidateNumber: '7' }],
    ['/skills/0/Skill', { ...ZOE, skills: [{ Speciality: 'hard' }] }],
    ['/skills/0/Speciality', { ...ZOE, skills: [{ Skill: 'a', Speciality: 'x'.repeat(31) }] }],
    ['/skills/1/Level', { ...ZOE, skills: [{ Skill: 'a' }, { Skill: 'b', Level: 1 }] }],
    ['/education/0/StartDate', { ...ZOE, education: [{ StartDate: '2023-02-30' }] }],
    ['/experience', { ...ZOE, experience: {} }],
    ['/attachments/0/FileContents', { ...ZOE, attachments: [{ FileContents: 'JVBERi0' }] }],
    ['/attachments/0/FileContents', { ...ZOE, attachments: [{ FileContents: 'JVBE Ri0=' }] }],
    ['/attachments/0/DatatypeCode', { ...ZOE, attachments: [{ DatatypeCode: 'PAPER' }] }],
    ['/attachments/0/AttachedDocumentId', { ...ZOE, attachments: [{ AttachedDocumentId: 0 }] }],
  ])('is refused at %s', async (path, body) => {
    const response = await create(body);
    expect(response.status).toBe(400);
    expect(response.headers.get('content-type')).toBe('application/vnd.oracle.adf.error+json');
    const details = [{ detail: expect.any(String), 'o:errorCode': expect.any(String), 'o:errorPath': path }];
    expect(await response.json()).toEqual({ title: 'Bad Request', status: '400', 'o:errorDetails': details });
    expect(get().oracleORC.candidates).toHaveLength(0);
  });

  test('is counted in code points', async () => {
    expect((await create({ ...ZOE, FirstName: '😀'.repeat(150) })).status).toBe(201);
  });

  test('is taken or refused as the switches say', async () => {
    const { oracleORC } = get();
    oracleORC.switches.refuseReadOnly = false;
    oracleORC.switches.lastNameRequired = false;
    expect((await create({ CreatedBy: 'me' })).status).toBe(201);
    oracleORC.switches.emailRequired = true;
    expect((await create({ LastName: 'x' })).status).toBe(400);
    oracleORC.switches.longTexts = 'base64';
    expect((await create({ ...ZOE, experience: [{ AdditionalInformation: 'é' }] })).status).toBe(400);
  });

  test('may be the second of its e-mail address, unless that is refused', async () => {
    expect((await create(ZOE)).status).toBe(201);
    expect((await create(ZOE)).status).toBe(201);
    get().oracleORC.switches.duplicateEmail = 'reject';
    const response = await create({ ...ZOE, Email: 'ZOE@example.test' });
    expect(response.status).toBe(400);
    expect(dig(await response.json(), 'o:errorDetails', 0, 'detail')).toMatch(/duplicate/);
    expect(get().oracleORC.candidates).toHaveLength(2);
  });
});

describe('every call', () => {
  test('needs Basic authentication, and is refused with a page or nothing', async () => {
    const headers = { ...ORACLE_HEADERS, Authorization: 'Basic d3Jvbmc6d3Jvbmc=' };
    const page = await create(ZOE, headers);
    expect([page.status, page.headers.get('content-type')]).toEqual([401, 'text/html; charset=utf-8']);
    get().oracleORC.switches.unauthorizedBody = 'empty';
    const empty = await create(ZOE, headers);
    expect([empty.status, await empty.text()]).toEqual([401, '']);
  });

  test('is refused as text below framework version 4', async () => {
    for (const version of ['', '1', '3']) {
      const { 'REST-Framework-Version': _default, ...rest } = ORACLE_HEADERS;
      const response = await create({}, version === '' ? rest : { ...rest, 'REST-Framework-Version': version });
      expect(response.headers.get('content-type')).toBe('text/plain');
      expect(await response.text()).toMatch(/LastName/);
    }
  });

  test('may name the status of an error as a number', async () => {
    get().oracleORC.switches.statusType = 'number';
    expect(await (await create({})).json()).toMatchObject({ status: 400 });
  });

  test('is refused for media types and versions that do not exist', async () => {
    expect((await create(ZOE, { ...ORACLE_HEADERS, 'Content-Type': 'text/plain' })).status).toBe(415);
    expect((await create(ZOE, { ...ORACLE_HEADERS, 'Content-Type': ITEM })).status).toBe(201);
    expect((await create(ZOE, { ...ORACLE_HEADERS, Accept: 'text/html' })).status).toBe(406);
    expect((await create(ZOE, { ...ORACLE_HEADERS, 'REST-Framework-Version': '9' })).status).toBe(400);
  });

  test('exists only below the known versions of the API', async () => {
    const response = await fetch(address('', '1.0'), { headers: ORACLE_HEADERS });
    expect(response.status).toBe(404);
  });
});

describe('the collection', () => {
  function fill(count: number): void {
    for (let index = 0; index < count; index += 1) {
      const LastName = `Nom${String(index).padStart(4, '0')}`;
      get().oracleORC.addCandidate({ LastName, Email: `${index}@example.test` }, clock.time - index * 1000);
    }
  }

  test('pages by 25, at most by 500, and says whether there is more', async () => {
    fill(510);
    expect(await (await list({})).json()).toMatchObject({ count: 25, hasMore: true, limit: 25, offset: 0 });
    const large = await (await list({ limit: '1000', totalResults: 'true' })).json();
    expect(large).toMatchObject({ count: 500, hasMore: true, limit: 500, totalResults: 510 });
    const rest = await (await list({ limit: '500', offset: '500' })).json();
    expect(rest).toMatchObject({ count: 10, hasMore: false, offset: 500 });
    expect(dig(rest, 'totalResults')).toBeUndefined();
  });

  test('ends early at the deepest offset', async () => {
    fill(30);
    get().oracleORC.switches.deepestOffset = 20;
    expect(await (await list({ limit: '20' })).json()).toMatchObject({ count: 20, hasMore: false });
  });

  test('is ordered, cut to fields and freed of links as asked', async () => {
    fill(3);
    const query = { orderBy: 'CandLastModifiedDate:asc', fields: 'LastName,Email', onlyData: 'true' };
    const body = await (await list(query)).json();
    expect(dig(body, 'items')).toEqual([
      { LastName: 'Nom0002', Email: '2@example.test' },
      { LastName: 'Nom0001', Email: '1@example.test' },
      { LastName: 'Nom0000', Email: '0@example.test' },
    ]);
    expect(dig(body, 'links')).toBeUndefined();
    expect(dig(await (await list({ limit: '1' })).json(), 'items', 0, 'links')).toHaveLength(2);
  });

  test('finds by last name and date of change', async () => {
    fill(3);
    const q = `LastName = 'Nom0001' and CandLastModifiedDate > '${new Date(clock.time - 2000).toISOString()}'`;
    const body = await (await list({ q })).json();
    expect(dig(body, 'items')).toMatchObject([{ LastName: 'Nom0001', Email: '1@example.test' }]);
  });

  test('refuses the e-mail address and unknown words', async () => {
    const queries: Record<string, string>[] = [
      { q: "Email = '1@example.test'" },
      { fields: 'Nickname' },
      { orderBy: 'Nickname:asc' },
      { limit: 'x' },
      { finder: 'byEmail;e=1' },
    ];
    for (const query of queries) expect((await list(query)).status).toBe(400);
  });

  test('has finders', async () => {
    fill(3);
    const found = await (await list({ finder: 'search;keywords="1@example.test"' })).json();
    expect(dig(found, 'items')).toMatchObject([{ LastName: 'Nom0001' }]);
    expect(await (await list({ finder: 'PrimaryKey;CandidateNumber=100002' })).json()).toMatchObject({ count: 1 });
  });

  test('shows a new candidate only after a while, if told so', async () => {
    get().oracleORC.visibleAfterMs = 500;
    await create(ZOE);
    expect(await (await list({})).json()).toMatchObject({ count: 0 });
    clock.advance(500);
    expect(await (await list({})).json()).toMatchObject({ count: 1 });
  });
});
