import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { createScope } from '../../../src/push/scope';
import { bindTarget, withFreshTokens } from '../../../src/push/target';
import { CONNECTORS, failureOf, run, startBench, type Bench, type ConnectorName } from '../activities/support';
import { dig } from '../simulators/support';
import { create, documentFor, withSettings } from './support';

const EMAIL = 'zoe@example.test';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

function received(on: Bench, connector: ConnectorName, operation: string) {
  return on.simulators[connector].requests.filter((request) => request.operation === operation);
}

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64');
}

describe('a number as the vacancy of Flatchr', () => {
  it('arrives as its text', async () => {
    bench.simulators.flatchr.addVacancy({ title: 'Testeur', slug: '7101' });
    const target = bench.target('flatchr', 'pushProfile', { vacancy: 7101 });
    const { document } = await bench.documents(target);
    await create(bench, 'flatchr', { ...document });
    expect(received(bench, 'flatchr', 'create')[0]?.json).toMatchObject({ vacancy: '7101' });
  });
});

describe('what a lookup in Flatchr looks for', () => {
  const keysOf = (document: object) =>
    bindTarget(bench.dependencies, bench.target('flatchr'), createScope()).action.create?.lookupKeys({
      email: EMAIL,
      ...document,
    });

  it('is the vacancy of the document that is sent, and that of the parameters where it has none', () => {
    const own = bench.simulators.flatchr.vacancies[0]?.slug;
    expect(keysOf({ vacancy: 'another' })).toEqual({ email: EMAIL, vacancy: 'another' });
    expect(keysOf({})).toEqual({ email: EMAIL, vacancy: own });
    expect(keysOf({ vacancy: ' ' })).toEqual({ email: EMAIL, vacancy: own });
    expect(keysOf({ email: ' ' })).toBeNull();
  });
});

describe('an empty offer of TalentSoft', () => {
  it('is an application without one', async () => {
    const target = bench.target('talentSoft', 'pushProfile', { job_reference: '' });
    const { document } = await bench.documents(target);
    await create(bench, 'talentSoft', { ...document });
    expect(received(bench, 'talentSoft', 'create')[0]?.headers).not.toHaveProperty('jobadreference');
    expect(bench.simulators.talentSoft.applications).toMatchObject([{ offerReference: null }]);
  });
});

describe('a create that is answered "applicant created" as text/html', () => {
  it('is a success at Flatchr, which answers no JSON for certain', async () => {
    const headers = { 'Content-Type': 'text/html; charset=utf-8' };
    const fault = { kind: 'status', status: 201, headers, body: 'applicant created', commit: 'before' } as const;
    bench.simulators.flatchr.faults.add({ operation: 'create', fault });
    expect(await create(bench, 'flatchr', await documentFor(bench, 'flatchr'))).toEqual({ atsId: null });
  });
});

describe.each(CONNECTORS)('a second application at %s', (connector) => {
  it('that is refused with a 400 that says so is a duplicate, in whatever words', async () => {
    const { flatchr, talentSoft, oracleORC } = bench.simulators;
    flatchr.switches.duplicate = '400';
    talentSoft.switches.duplicate = '400';
    oracleORC.switches.duplicateEmail = 'reject';
    const document = await documentFor(bench, connector);
    await create(bench, connector, document);
    const { end, problem } = await failureOf(create(bench, connector, document));
    expect(end.verdict).toBe('duplicate');
    expect(problem).toMatchObject({ type: 'refused', stage: 'pushApplicant' });
    expect(received(bench, connector, 'create').map(({ status }) => status)).toEqual([201, 400]);
  });

  it('that is refused with a 400 for another reason is refused', async () => {
    const fault = { kind: 'status', status: 400, body: { message: 'This vacancy is closed.' } } as const;
    bench.simulators[connector].faults.add({ operation: 'create', fault });
    const { end } = await failureOf(create(bench, connector, await documentFor(bench, connector)));
    expect(end.verdict).toBe('refused');
  });
});

describe('a lookup in the back office that a push began with', () => {
  it('fetches a new token of that office when its own is refused', async () => {
    const { backUrl } = bench.simulators.talentSoft;
    bench.simulators.talentSoft.addCandidate({ email: EMAIL, offerReferences: ['1'], createdAt: Date.now() });
    const corrected = bench.target('talentSoft', 'pushProfile', { client_url_back: 'http://127.0.0.1:9' });
    const lookupKeys = { email: EMAIL, offer: '1', backOffice: backUrl };
    const find = () => {
      const target = bindTarget(bench.dependencies, corrected, createScope());
      const { lookup } = target.action;
      if ('unavailable' in lookup) throw new Error(lookup.unavailable);
      return withFreshTokens(target, () => lookup.find(target.ctx, { lookupKeys, firstAttemptAt: null }));
    };
    await run(find);
    bench.simulators.talentSoft.revokeTokens();
    expect(await run(find)).toMatchObject({ answer: 'found' });
    expect(received(bench, 'talentSoft', 'token').map(({ site }) => site)).toEqual(['back', 'back']);
  });
});

describe('the setting', () => {
  it('longTexts writes what Oracle types as bytes in base64, and nothing else', async () => {
    const experience = [
      { JobTitle: 'Développeuse', AdditionalInformation: 'Élodie', Achievements: '42 🚀', Responsibilities: 'Tests' },
    ];
    const education = [{ Title: 'Master', Description: 'Très bien', ActivitySummary: 'Chess' }];
    const encoded = [{ ...experience[0], AdditionalInformation: base64('Élodie'), Achievements: base64('42 🚀') }];
    const sent = async (on: Bench) => {
      await create(on, 'oracleORC', { ...(await documentFor(on, 'oracleORC')), experience, education });
      return received(on, 'oracleORC', 'create')[0]?.json;
    };
    await withSettings('oracleORC', { longTexts: 'base64' }, async (own) => {
      own.simulators.oracleORC.switches.longTexts = 'base64';
      expect(await sent(own)).toMatchObject({ experience: encoded, education });
    });
    expect(await sent(bench)).toMatchObject({ experience, education });
  });

  it('resumeCategory and coverCategory name the categories of Oracle’s attachments', async () => {
    const categories = { resumeCategory: 'IRC_CANDIDATE_RESUME', coverCategory: 'IRC_CANDIDATE_COVER' };
    await withSettings('oracleORC', categories, async (own) => {
      expect(await categoriesSent(own)).toEqual(['IRC_CANDIDATE_RESUME', 'IRC_CANDIDATE_COVER']);
    });
    expect(await categoriesSent(bench)).toEqual(['resume', 'cover']);
  });

  async function categoriesSent(on: Bench): Promise<unknown[]> {
    const public_url = on.simulators.files.put('cv.pdf', Buffer.from('%PDF-1.4'), 'application/pdf');
    const attachments = ['resume', 'cover'].map((type) => ({ type, public_url }));
    const profile = { ...on.profiles[0], attachments };
    const { document } = await on.documents(on.target('oracleORC'), profile);
    await create(on, 'oracleORC', { ...document });
    const sent = received(on, 'oracleORC', 'create')[0]?.json;
    return [0, 1].map((index) => dig(sent, 'attachments', index, 'CategoryName'));
  }

  it.each([
    ['talentSoft', 'firstName":"Maria da Silva"'],
    ['oracleORC', 'FirstName":"Maria da Silva"'],
    ['flatchr', 'firstname":"Maria da Silva"'],
  ] as const)('splitFullName of %s takes missing names from full_name, or leaves it alone', async (connector, name) => {
    const info = { full_name: 'Maria da Silva Exemple', email: EMAIL };
    const documents = async (on: Bench) => JSON.stringify(await on.documents(on.target(connector), { info }));
    expect(await documents(bench)).toContain(name);
    await withSettings(connector, { splitFullName: false }, async (own) => {
      expect(await documents(own)).not.toContain('Maria da Silva"');
    });
  });

  it('exportPageSize is the limit of TalentSoft’s exports', async () => {
    await withSettings('talentSoft', { exportPageSize: 250 }, async (own) => {
      own.simulators.talentSoft.switches.exportLimit = 1_000;
      expect(await limitsAsked(own)).toEqual(['250']);
    });
    expect(await limitsAsked(bench)).toEqual(['100']);
  });

  async function limitsAsked(on: Bench): Promise<unknown[]> {
    const lookupKeys = { email: EMAIL, offer: '1', backOffice: on.simulators.talentSoft.backUrl };
    const target = on.target('talentSoft');
    await run(() =>
      on.activities.findApplicant({
        ...target,
        lookupKeys,
        firstAttemptAt: null,
        purpose: 'first',
        afterSettle: false,
      }),
    );
    return received(on, 'talentSoft', 'search').map(({ query }) => query['limit']);
  }

  it('enrichNotFound makes an enrichment of a candidate that may appear yet wait for other statuses', async () => {
    await withSettings('flatchr', { enrichNotFound: [400, 410] }, async (own) => {
      own.simulators.flatchr.switches.enrichUnknown = '400';
      expect((await enrichment(own, Date.now() + 60_000)).failure.nonRetryable).toBe(false);
      expect((await enrichment(own, Date.now() - 1)).failure.nonRetryable).toBe(true);
      own.simulators.flatchr.switches.enrichUnknown = '404';
      expect((await enrichment(own, Date.now() + 60_000)).failure.nonRetryable).toBe(true);
      expect(received(own, 'flatchr', 'enrich').map(({ status }) => status)).toEqual([400, 400, 404]);
    });
  });

  async function enrichment(on: Bench, retryNotFoundUntil: number) {
    const target = on.target('flatchr');
    const { enrichment: document } = await on.documents(target);
    const timing = on.timing('flatchr');
    return failureOf(
      run(() => on.activities.enrich({ ...target, document: { ...document }, timing, retryNotFoundUntil })),
    );
  }
});
