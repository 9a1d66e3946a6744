import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import type { Format, FormatContext, Logic } from '../../../src/push/functions';
import { asRecord, failureOf, run, startBench, type Bench } from './support';

/** What users write though the types forbid it. */
const anyLogic = z.custom<Logic>(() => true);
const anyFormat = z.custom<Format>(() => true);

const contexts: FormatContext[] = [];

const logics: Record<string, Logic> = {
  keep: (profile) => profile,
  later: async (profile) => ({ ...profile, reference: 'later' }),
  tag: (profile) => ({ ...profile, reference: `${profile.reference ?? ''}+` }),
  drop: () => null,
  dropLater: async () => null,
  nothing: anyLogic.parse(() => undefined),
  yes: anyLogic.parse(() => true),
  list: anyLogic.parse(() => []),
  text: anyLogic.parse(() => 'profile'),
  throws: () => {
    throw new Error('text of the user: secret@example.test');
  },
  rejects: () => Promise.reject(new TypeError('no')),
  huge: (profile) => ({ ...profile, text: 'x'.repeat(3_000_000) }),
};

const formats: Record<string, Format> = {
  own: (profile, context) => {
    contexts.push(context);
    return { vacancy: 'v', firstname: 'A', lastname: 'B', type: 'link', email: profile.info && 'a@b', extra: [1] };
  },
  later: async () => ({ vacancy: 'v', firstname: 'A', lastname: 'B', type: 'link' }),
  several: () => ({ vacancy: 'v', firstname: 'A', lastname: 'B', type: 'link', email: 'a@x.test, b@y.test' }),
  bad: () => ({ vacancy: 5, firstname: 'secret@example.test' }),
  manyFaults: () => ({
    resume: null,
    ...Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`f${n}`, n])),
    type: 1,
  }),
  nothing: anyFormat.parse(() => undefined),
  throws: () => {
    throw new Error('text of the user: secret@example.test');
  },
  cyclic: () => {
    const document: Record<string, unknown> = { vacancy: 'v', firstname: 'A', lastname: 'B', type: 'link' };
    document['self'] = document;
    return document;
  },
  bigint: () => ({ vacancy: 'v', firstname: 'A', lastname: 'B', type: 'link', comment: 5n }),
  function: anyFormat.parse(() => () => 'a function'),
  big: () => ({ vacancy: 'v', firstname: 'A', lastname: 'B', type: 'link', comment: 'x'.repeat(3_000_000) }),
};

const manyLists: Format = () => ({ skills: Array.from({ length: 100_000 }, () => ({ Skill: '' })) });

let bench: Bench;

beforeAll(async () => {
  bench = await startBench({ functions: { logics, formats: { ...formats, manyLists } } });
});
beforeEach(() => {
  contexts.length = 0;
});
afterAll(() => bench.close());

const apply = (...names: string[]) =>
  run(() => bench.activities.applyLogics({ logics: names, profile: asRecord(bench.profiles[0]) }));

describe('logics', () => {
  it('change the profile, one after the other, async or not', async () => {
    expect(await apply('keep')).toEqual(bench.profiles[0]);
    expect(await apply('later', 'tag', 'tag')).toMatchObject({ reference: 'later++' });
  });

  it.each([['drop'], ['dropLater'], ['tag', 'drop', 'throws']])('drop the profile with null: %s', async (...names) => {
    expect(await apply(...names)).toBeNull();
  });

  it.each([
    ['nothing', 'undefined'],
    ['yes', 'a boolean'],
    ['list', 'a list'],
    ['text', 'a string'],
    ['throws', 'threw Error'],
    ['rejects', 'threw TypeError'],
  ])('that fail are named: %s', async (name, words) => {
    const { problem, failure } = await failureOf(apply('keep', name));
    expect(problem).toMatchObject({
      type: 'logics',
      reason: 'logics_failure',
      stage: 'applyLogics',
      whoMustAct: 'user',
    });
    expect(problem.message).toContain(`"${name}"`);
    expect(problem.message).toContain(words);
    expect(problem.message).not.toContain('secret@');
    expect(failure.nonRetryable).toBe(true);
  });

  it('that are not registered are refused with the list of those that are', async () => {
    const { problem } = await failureOf(apply('lost'));
    expect(problem).toMatchObject({ type: 'input', reason: 'bad_action_parameters' });
    expect(problem.message).toContain('"keep", "later"');
  });

  it('are not found among what every object has', async () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect((await failureOf(apply(name))).problem.type).toBe('input');
    }
  });

  it('that make the profile too large for Temporal fail at once', async () => {
    expect((await failureOf(apply('huge'))).problem).toMatchObject({ type: 'refused', stage: 'applyLogics' });
  });
});

const format = (name?: string, connector: 'flatchr' | 'oracleORC' = 'flatchr') => {
  const target = bench.target(connector);
  const own = name === undefined ? {} : { format: name };
  return run(() => bench.activities.format({ ...target, ...own, profile: asRecord(bench.profiles[0]) }));
};

describe('a format', () => {
  it('of the connector makes document, enrichment and keys', async () => {
    const { document, enrichment, lookupKeys } = await format();
    expect(document).toMatchObject({ type: 'document', email: 'zoe.exemple@example.test' });
    expect(enrichment).toMatchObject({ reference: 'zoe.exemple@example.test' });
    expect(lookupKeys).toEqual({
      email: 'zoe.exemple@example.test',
      vacancy: bench.simulators.flatchr.vacancies[0]?.slug,
    });
  });

  it('of the user makes the document of the push, and the default one that of the enrichment', async () => {
    const { document, enrichment, lookupKeys } = await format('own');
    expect(document).toEqual({ vacancy: 'v', firstname: 'A', lastname: 'B', type: 'link', email: 'a@b', extra: [1] });
    expect(enrichment).toMatchObject({ reference: 'zoe.exemple@example.test' });
    expect(lookupKeys).toMatchObject({ email: 'a@b' });
  });

  it('of the user is told what for, without secrets', async () => {
    await format('own');
    expect(contexts[0]).toMatchObject({ connector: 'flatchr', action: 'pushProfile' });
    expect(contexts[0]?.targetParameters).toMatchObject({ subdomain: 'careers' });
    expect(contexts[0]?.targetParameters).not.toHaveProperty('auth');
  });

  it('may be async, and a document without e-mail has no keys', async () => {
    expect(await format('later')).toMatchObject({ lookupKeys: null, document: { firstname: 'A' } });
  });

  it.each([
    ['bad', /vacancy.+lastname/],
    ['manyFaults', /resume/],
    ['nothing', /whole|expected/],
    ['throws', /threw Error/],
  ])('that fails is named, with the places that are wrong and no value: %s', async (name, words) => {
    const { problem, failure } = await failureOf(format(name));
    expect(problem).toMatchObject({ type: 'format', reason: 'format_failure', stage: 'format', whoMustAct: 'user' });
    expect(problem.message).toContain(`"${name}"`);
    expect(problem.message).toMatch(words);
    expect(problem.message).not.toContain('secret@');
    expect(failure.nonRetryable).toBe(true);
  });

  it('that gives several e-mails for one fails at once, and names the member', async () => {
    const { problem, failure } = await failureOf(format('several'));
    expect(problem).toMatchObject({ type: 'format', reason: 'format_failure', whoMustAct: 'user' });
    expect(problem.message).toMatch(/^email: is more than one e-mail address/);
    expect(failure.nonRetryable).toBe(true);
  });

  it('that is wrong in a hundred thousand places gives a message that a person can read', async () => {
    const { problem } = await failureOf(format('manyLists', 'oracleORC'));
    expect(problem.type).toBe('format');
    expect(problem.message).toContain('skills.0.Skill');
    expect(problem.message).toContain('and 99980 more');
    expect(problem.message.length).toBeLessThan(5_000);
  });

  it('that gives what JSON cannot hold fails and does not block the run', async () => {
    for (const name of ['cyclic', 'bigint', 'function']) {
      const { problem, failure } = await failureOf(format(name));
      expect(problem).toMatchObject({ type: 'format', whoMustAct: 'user' });
      expect(problem.message).toContain(`"${name}" returned what JSON cannot hold`);
      expect(failure.nonRetryable).toBe(true);
    }
  });

  it('that gives too much for Temporal fails at once', async () => {
    expect((await failureOf(format('big'))).problem).toMatchObject({ type: 'refused', stage: 'format' });
  });

  it('of the connector names the field that is missing', async () => {
    const target = bench.target('flatchr');
    const { problem } = await failureOf(run(() => bench.activities.format({ ...target, profile: { info: null } })));
    expect(problem).toMatchObject({ type: 'format', reason: 'format_failure' });
    expect(problem.message).toContain('info.email');
  });
});
