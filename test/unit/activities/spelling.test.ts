import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { JsonObject } from '../../../src/connectors/connector';
import { SPELLING_NAMES, type Spelling } from '../../simulators/spelling';
import { readCase } from '../../support/cases';
import { CONNECTORS, failureOf, run, startBench, type Bench, type ConnectorName } from './support';

const EMAIL = 'zoe@example.test';
const LAST_NAME = 'Exemple';

const pairs = z.array(z.tuple([z.string(), z.string()]));
const spellings = z.object({ lastName: pairs, email: pairs }).parse(readCase('spellings.json'));
const surrogate = z
  .object({ info: z.object({ last_name: z.string(), email: z.string() }) })
  .parse(readCase('oracle-lone-surrogate.json'));

interface Person {
  readonly last_name: string;
  readonly email: string;
}

interface Case {
  readonly name: string;
  readonly person: Person;
  readonly kept: readonly Spelling[];
}

/** Code points, since the spellings look the same on a screen. */
function points(text: string): string {
  return text.replace(/[^\x21-\x7e]/gu, (character) => `<${character.codePointAt(0)?.toString(16)}>`);
}

const lastNames = [
  ...spellings.lastName.map(([sent]) => sent),
  surrogate.info.last_name,
  'Fran\u00adçois\u200b',
  ' van  der\u00a0Berg ',
  '\u00c9l\u00e9onore',
  'M\u1d9cDonald \ufb01',
];
const emails = [
  ...spellings.email.map(([sent]) => sent),
  'zo\u00e9@ex\u00e4mple.test',
  'Zoe@Ex\u00c4mple.TEST',
  'zoe\u200b@example.test\ufeff',
  'o\u2019neil@example.test',
  '\uff5a\uff4f\uff45@example.test',
  'zoe@xn--exmple-cua.test',
  'zo\ud83d@example.test',
];
const habits: readonly (readonly Spelling[])[] = [
  [],
  ...SPELLING_NAMES.filter((name) => name !== 'noAccents').map((name) => [name]),
  ['noInvisible', 'nfkc', 'collapsedBlanks', 'plainApostrophes', 'asciiDomain', 'lowerCase'],
];
const cases: Case[] = [
  ...lastNames.map((last_name) => ({ last_name, email: EMAIL })),
  ...emails.map((email) => ({ last_name: LAST_NAME, email })),
  { last_name: lastNames[0] ?? '', email: emails[0] ?? '' },
].flatMap((person) =>
  habits.map((kept) => ({
    name: `${points(person.last_name)}, ${points(person.email)}: ${kept.join(' ')}`,
    person,
    kept,
  })),
);

let bench: Bench;

beforeAll(async () => {
  bench = await startBench();
});
beforeEach(() => {
  bench.reset();
  bench.simulators.flatchr.switches.emailFilter = 'exact';
  bench.simulators.talentSoft.switches.emailFilter = 'exact';
});
afterAll(() => bench.close());

async function documentsOf(connector: ConnectorName, person: Person) {
  const [sample] = bench.profiles;
  const profile: JsonObject = { ...sample, info: { ...sample?.info, ...person }, attachments: [] };
  const { document, lookupKeys } = await bench.documents(bench.target(connector), profile);
  if (!document || !lookupKeys) throw new Error('there is nothing to send, or to look for');
  return { document, lookupKeys };
}

/** A create whose answer is lost, at a system that keeps names and e-mails in its own spelling; then the lookups of it. */
async function lostCreate(connector: ConnectorName, { person, kept }: Omit<Case, 'name'>) {
  const { document, lookupKeys } = await documentsOf(connector, person);
  const target = bench.target(connector);
  const firstAttemptAt = Date.now();
  bench.simulators[connector].switches.storedSpelling = kept;
  bench.simulators[connector].faults.add({ operation: 'create', fault: { kind: 'resetAfterCommit' } });
  const timing = bench.timing(connector);
  const { end } = await failureOf(run(() => bench.activities.pushApplicant({ ...target, document, timing })));
  expect(end.verdict).toBe('unknown');
  const find = (purpose: 'settle' | 'first') =>
    run(() => bench.activities.findApplicant({ ...target, lookupKeys, firstAttemptAt, purpose, afterSettle: true }));
  return { settled: (await find('settle')).answer, first: (await find('first')).answer };
}

describe.each(CONNECTORS)('an applicant whom %s keeps in another spelling', (connector) => {
  it.each(cases)('is found after the answer was lost: $name', async (one) => {
    expect(await lostCreate(connector, one)).toEqual({ settled: 'found', first: 'found' });
  });

  it.each([...spellings.email, ['zo\u00e9@example.test', '']])(
    'without the accents of its e-mail is never taken for absent (%#)',
    async (email) => {
      const lost = { person: { last_name: LAST_NAME, email }, kept: ['noAccents'] as const };
      expect(await lostCreate(connector, lost)).toEqual({ settled: 'inconclusive', first: 'inconclusive' });
    },
  );
});

describe.each(CONNECTORS)('what %s receives', (connector) => {
  it('is well-formed Unicode, and so is what is looked for', async () => {
    const person = { last_name: surrogate.info.last_name, email: 'zo\udc00@example.test' };
    const { document, lookupKeys } = await documentsOf(connector, person);
    expect(JSON.stringify([document, lookupKeys])).not.toMatch(/\\ud[89a-f]/i);
    expect(JSON.stringify(document)).toContain('Exemple\ufffd');
    expect(lookupKeys).toMatchObject({ email: 'zo\ufffd@example.test' });
    const timing = bench.timing(connector);
    await run(() => bench.activities.pushApplicant({ ...bench.target(connector), document, timing }));
    const bodies = bench.simulators[connector].requests.map(({ body }) => body.toString('utf8'));
    expect(bodies.join('')).toContain('Exemple\ufffd');
    expect(bodies.join('')).not.toMatch(/\\ud[89a-f]/i);
  });
});
