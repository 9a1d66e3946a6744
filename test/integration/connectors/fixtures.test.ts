import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { FLATCHR_KEY, HRFLOW_ACCOUNT } from '../../simulators';
import { failed } from '../../support/failures';
import { startHarness, type Groups, type Harness } from '../../support/harness';
import { ACTIONS, readFixtures, type Action, type Fixture } from '../../unit/connectors/format/support';
import { pushWith, received } from './support';

const ORIGIN_OF_FILES = 'https://files.example.test';

interface Case {
  readonly name: string;
  readonly action: Action;
  readonly fixture: Fixture;
}

const fixtures = readFixtures();
const casesOf = (action: Action, isDocument: boolean): Case[] =>
  fixtures
    .filter(({ expected }) => (expected[action].payload !== null) === isDocument)
    .map((fixture) => ({ name: fixture.name, action, fixture }));

let harness: Harness;
let urls: ReadonlyMap<string, Buffer>;

beforeAll(async () => {
  harness = await startHarness();
  await harness.startWorker();
});
beforeEach(() => {
  harness.simulators.reset();
  urls = serveFiles();
  harness.simulators.oracleORC.switches.lastNameRequired = false;
});
afterAll(() => harness.close());

/** Serves a different file at every address of the fixtures. */
function serveFiles(): ReadonlyMap<string, Buffer> {
  const found = JSON.stringify(fixtures).match(/https:\/\/files\.example\.test[^"]*/g) ?? [];
  const served = [...new Set(found)].map((url) => {
    const path = url.slice(ORIGIN_OF_FILES.length + 1);
    const bytes = Buffer.concat([Buffer.from(`%PDF of ${path}\n`), Buffer.from([0, 255, 13, 10, 0x80])]);
    return [harness.simulators.files.put(path, bytes), bytes] as const;
  });
  return new Map(served);
}

/** Returns the value with its addresses replaced by those of the file server. */
function onFileServer<T extends object>(value: T): T {
  return JSON.parse(JSON.stringify(value).replaceAll(ORIGIN_OF_FILES, harness.simulators.files.url));
}

/** Returns the expected document on the wire, with base64 in place of file references. */
function withBytes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withBytes);
  if (typeof value !== 'object' || value === null) return value;
  if ('$file' in value) return bytesAt(value.$file).toString('base64');
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withBytes(member)]));
}

function bytesAt(url: unknown): Buffer {
  const bytes = urls.get(String(url));
  if (!bytes) throw new Error(`there is no file at ${String(url)}`);
  return bytes;
}

function requestOf({ fixture, action }: Case): Groups {
  const { hrflow, flatchr } = harness.simulators;
  const profile = { ...onFileServer(fixture.profile), key: String(fixture.profile['key']) };
  hrflow.putProfile(HRFLOW_ACCOUNT.source_key, profile);
  const { vacancy } = fixture.targetParameters.flatchr;
  const connector = action.startsWith('talentSoft')
    ? 'talentSoft'
    : action.startsWith('oracleORC')
      ? 'oracleORC'
      : 'flatchr';
  const groups = harness.request(connector);
  const originParameters = { ...groups.originParameters, profile_key: profile.key };
  const { enrich, ...rest } = groups.targetParameters;
  if (connector !== 'flatchr') {
    const { job_reference: _none, ...others } = groups.targetParameters;
    const own = connector === 'talentSoft' ? { ...others, ...fixture.targetParameters.talentSoft } : others;
    return { originParameters, targetParameters: own };
  }
  if (!flatchr.vacancies.some(({ slug }) => slug === vacancy)) flatchr.addVacancy({ title: 'Testeur', slug: vacancy });
  flatchr.switches.enrichUnknown = 'accept';
  const company = typeof enrich === 'object' ? enrich : {};
  const own = action === 'flatchr.enrichProfile' ? { ...rest, ...company } : rest;
  return { originParameters, targetParameters: { ...own, vacancy } };
}

const push = (one: Case) => {
  const [connector = '', action = ''] = one.action.split('.');
  return pushWith(harness, connector, requestOf(one), action === 'enrichProfile' ? action : 'pushProfile');
};

const payloadOf = ({ fixture, action }: Case) => onFileServer(fixture.expected[action].payload ?? {});

describe('TalentSoft receives', () => {
  it.each(casesOf('talentSoft.pushProfile', true))('the whole document and the file of $name', async (one) => {
    const result = await push(one);
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    // A reset revokes the tokens, so a create may first be refused with a 401.
    const [create, ...more] = received(harness, 'talentSoft', 'create').filter(({ status }) => status !== 401);
    expect(more).toHaveLength(0);
    const payload = payloadOf(one);
    const [document, ...files] = create?.parts ?? [];
    expect(JSON.parse(String(document?.body))).toStrictEqual(payload['applicantApplication']);
    expect(files.map(readable)).toEqual(fileOf(payload['file']));
    for (const [name, value] of Object.entries(Object(payload['headers']))) {
      expect(utf8(create?.headers[name.toLowerCase()])).toBe(value);
    }
  });

  function readable({
    name,
    fileName,
    contentType,
    body,
  }: {
    name: string;
    fileName: string | null;
    contentType: string;
    body: Buffer;
  }) {
    return { part: name, fileName, contentType, body: body.toString('hex') };
  }

  function fileOf(file: unknown): unknown[] {
    if (typeof file !== 'object' || file === null || !('content' in file)) return [];
    const { content, ...rest } = file;
    return [{ ...rest, body: bytesAt(Object(content).$file).toString('hex') }];
  }

  /** Header values arrive as Latin-1. */
  function utf8(value: string | string[] | undefined): string {
    return Buffer.from(String(value), 'latin1').toString('utf8');
  }
});

describe('Oracle receives', () => {
  it.each(casesOf('oracleORC.pushProfile', true))('the whole document of $name, its files in base64', async (one) => {
    const result = await push(one);
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    const creates = received(harness, 'oracleORC', 'create');
    expect(creates.map(({ json }) => json)).toStrictEqual([withBytes(payloadOf(one))]);
  });
});

describe('Flatchr receives', () => {
  it.each(casesOf('flatchr.pushProfile', true))('the whole document of $name, its CV in base64', async (one) => {
    const result = await push(one);
    expect(result.items[0]).toMatchObject({ outcome: 'created' });
    const creates = received(harness, 'flatchr', 'create');
    expect(creates.map(({ json }) => json)).toStrictEqual([
      { ...Object(withBytes(payloadOf(one))), token: FLATCHR_KEY },
    ]);
  });

  it.each(casesOf('flatchr.enrichProfile', true))('the whole enrichment of $name', async (one) => {
    const result = await push(one);
    expect(result.items[0]).toMatchObject({ outcome: 'enriched', enriched: true });
    const enrichments = received(harness, 'flatchr', 'enrich');
    expect(enrichments.map(({ json }) => json)).toStrictEqual([payloadOf(one)]);
  });
});

describe('a profile that cannot be turned into a document', () => {
  it.each(ACTIONS.flatMap((action) => casesOf(action, false)))(
    'fails $action and names the field: $name',
    async (one) => {
      const error = await failed(push(one));
      expect(error).toMatchObject({ type: 'format', reason: 'format_failure', stage: 'format' });
      expect(error.message).toContain(one.fixture.expected[one.action].failure?.field);
      expect(error.result?.events).toMatchObject({ read_success: 1, format_failure: 1, write_failure: 0 });
      expect(harness.simulators.flatchr.requests).toEqual([]);
    },
  );
});
