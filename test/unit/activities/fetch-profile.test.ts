import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ApplicationFailureCategory } from '@temporalio/common';
import { z } from 'zod';
import type { JsonObject } from '../../../src/connectors/connector';
import type { Logic } from '../../../src/push/functions';
import type { FetchAnswer } from '../../../src/protocol/messages';
import { HRFLOW_ACCOUNT, type Fault } from '../../simulators';
import { readCase } from '../../support/cases';
import { failureOf, run, startBench, type Bench, type ConnectorName } from './support';

let bench: Bench;

beforeAll(async () => {
  const logics: Record<string, Logic> = {
    keep: () => null,
    same: (profile) => profile,
    shorten: (profile) => ({ ...profile, text: 'short', experiences: [] }),
    throws: () => {
      throw new Error('no');
    },
  };
  const functions = { logics, formats: { own: () => ({}) } };
  bench = await startBench({ functions });
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

const ASKED = {
  logics: [],
  read_mode: 'sync',
  onFailure: 'fail',
  holdFor: '7 days',
  lookupFirst: false,
} as const;

interface Changes {
  readonly connector?: ConnectorName;
  readonly origin?: JsonObject;
  readonly target?: JsonObject;
  readonly asked?: object;
}

function fetch(changes: Changes = {}, info: { readonly attempt?: number } = {}): Promise<FetchAnswer> {
  const target = bench.target(changes.connector ?? 'flatchr', 'pushProfile', changes.target);
  const originParameters = { ...bench.origin(), ...changes.origin };
  const actionParameters = { ...ASKED, ...changes.asked };
  return run(() => bench.activities.fetchProfile({ ...target, originParameters, actionParameters }), info);
}

function play(fault: Fault): void {
  bench.simulators.hrflow.faults.add({ fault });
}

describe('the profile', () => {
  it('is read with both headers, source and key', async () => {
    const { profile } = await fetch();
    expect(profile).toEqual(bench.profiles[0]);
    const [request] = bench.simulators.hrflow.requests;
    expect(request).toMatchObject({
      method: 'GET',
      path: '/v1/profile/indexing',
      query: { source_key: HRFLOW_ACCOUNT.source_key, key: bench.profiles[0]?.key },
      headers: { 'x-api-key': HRFLOW_ACCOUNT.keys.all, 'x-user-email': HRFLOW_ACCOUNT.api_user },
    });
  });

  it('is read whatever the charset says', async () => {
    bench.simulators.hrflow.switches.contentType = 'application/json; charset=utf-8';
    expect((await fetch({ origin: { profile_key: bench.profiles[2]?.key } })).profile).toEqual(bench.profiles[2]);
  });

  it('that HrFlow does not have is no failure', async () => {
    expect((await fetch({ origin: { profile_key: 'f'.repeat(40) } })).profile).toBeNull();
  });

  it('comes with the timing of the worker', async () => {
    expect(await fetch()).toMatchObject({ networkAuth: false, timing: bench.timing('flatchr') });
    expect((await fetch({ connector: 'talentSoft' })).networkAuth).toBe(true);
  });

  it.each([
    ['a phrase in other letters', { code: 400, message: 'UNABLE TO FIND OBJECT: profile' }],
    ['a bare phrase', { code: 400, message: 'Invalid parameters. Unable to find object' }],
    ['a 404', { code: 404, message: 'Unable to find object: profile' }],
  ])('that is not found in %s is no failure', async (_name, body) => {
    play({ kind: 'status', status: body.code, body });
    expect((await fetch()).profile).toBeNull();
  });
});

/** An answer with that body, whatever it says of itself. */
const told = (body: Record<string, unknown>, status = 200): Fault => ({ kind: 'status', status, body });

describe('an answer that says nothing of its code', () => {
  it.each([undefined, null, '200', 2.5])('but holds data is the profile: code %j', async (code) => {
    const [profile] = bench.profiles;
    play(told({ code, message: 'Profile details', data: profile }));
    expect((await fetch()).profile).toEqual(profile);
  });

  it.each([{}, { data: null }])(
    'and holds nothing but a message is refused at once, in its words: %j',
    async (rest) => {
      play(told({ message: 'Workspace\nsuspended', ...rest }));
      const { failure, problem } = await failureOf(fetch());
      expect(problem).toMatchObject({ type: 'refused', reason: 'read_failure', whoMustAct: 'operator' });
      expect(problem.message).toContain('Workspace suspended');
      expect(failure.nonRetryable).toBe(true);
    },
  );

  it.each(['{}', '{"message":" "}', '{"message":5}', '[]', '"text"', 'null', '5'])(
    'and is %s is of another server, in whatever status, and final',
    async (body) => {
      for (const status of [200, 400, 404]) {
        play({ kind: 'status', status, body });
        const { failure, problem } = await failureOf(fetch());
        expect(problem).toMatchObject({ type: 'refused', reason: 'read_failure', whoMustAct: 'operator' });
        expect(problem.nextStep).toContain('HRFLOW_API_URL');
        expect(failure.nonRetryable).toBe(true);
      }
    },
  );
});

describe('a 404', () => {
  it.each<[string, Fault]>([
    ['a page', { kind: 'html', status: 404 }],
    ['a text', { kind: 'status', status: 404, body: 'Not Found', contentType: 'text/plain' }],
    ['nothing', { kind: 'status', status: 404, body: '' }],
    ['another API', { kind: 'status', status: 404, body: { detail: 'Not Found' } }],
    ['a gateway', { kind: 'status', status: 404, body: { message: 'no Route matched with those values' } }],
    ['an envelope without a message', { kind: 'status', status: 404, body: { code: 404 } }],
    ['an envelope about the path', { kind: 'status', status: 404, body: { code: 404, message: 'Nothing here.' } }],
  ])('that is %s is not taken for "profile not found", and names HRFLOW_API_URL', async (_name, fault) => {
    play(fault);
    const { failure, problem } = await failureOf(fetch());
    expect(problem).toMatchObject({ type: 'refused', reason: 'read_failure', whoMustAct: 'operator' });
    expect(problem.nextStep).toContain('HRFLOW_API_URL');
    expect(failure.nonRetryable).toBe(true);
  });

  it('without a code that says that the object is not found is one', async () => {
    play({ kind: 'status', status: 404, body: { message: 'Unable to find object: profile' } });
    expect((await fetch()).profile).toBeNull();
  });
});

describe('an answer that is not the profile asked for', () => {
  const answers = z.array(z.record(z.string(), z.unknown())).parse(readCase('hrflow-answers.json'));
  const parsing = z.record(z.string(), z.unknown()).parse(readCase('p-parsing-answer.json'));

  it.each([
    ['an empty object', answers[0], /not a profile: it has no "info"/],
    ['another person', answers[1], /another profile than that of originParameters\.profile_key/],
    ['the answer of a parsing', parsing, /not a profile: the profile is at data\.profile/],
    ['a profile without a key', { code: 200, data: { info: {} } }, /another profile/],
    ['a profile with a number for a key', { code: 200, data: { key: 5, info: {} } }, /another profile/],
    ['a list', { code: 200, data: [] }, /not a profile/],
    ['a text', { code: 200, data: 'text' }, /not a profile/],
    ['no data', { code: 200, message: 'Profile details' }, /not a profile/],
    ['a list without a code', { data: [] }, /not a profile/],
  ])('fails the read at once: %s', async (_name, body, words) => {
    play({ kind: 'status', status: 200, body: { ...body } });
    const { failure, problem } = await failureOf(fetch());
    expect(problem).toMatchObject({ type: 'refused', reason: 'read_failure', whoMustAct: 'operator' });
    expect(problem.message).toMatch(words);
    expect(problem.message).not.toContain('Another');
    expect(problem.nextStep).toContain('HRFLOW_API_URL');
    expect(failure.nonRetryable).toBe(true);
  });

  it('is none where the same key is written in capitals, or where info is empty', async () => {
    const key = String(bench.profiles[0]?.key);
    for (const data of [
      { key: key.toUpperCase(), info: null },
      { key, info: [] },
      { key, info: {} },
    ]) {
      play({ kind: 'status', status: 200, body: { code: 200, message: '', data } });
      expect((await fetch()).profile).toMatchObject({ key: data.key });
    }
  });
});

describe('the code of an answer', () => {
  it.each([
    [401, { type: 'auth', whoMustAct: 'user' }, true],
    [403, { type: 'auth', whoMustAct: 'user' }, true],
    [402, { type: 'quota', whoMustAct: 'user' }, true],
    [400, { type: 'refused', whoMustAct: 'user' }, true],
    [422, { type: 'refused', whoMustAct: 'user' }, true],
    [429, { type: 'unavailable', whoMustAct: 'vendor' }, false],
    [500, { type: 'unavailable', whoMustAct: 'vendor' }, false],
    [503, { type: 'unavailable', whoMustAct: 'vendor' }, false],
  ])('%d counts under HTTP 200, 400 and 404', async (code, expected, nonRetryable) => {
    for (const status of [200, 400, 404]) {
      play(told({ code, message: 'the words of HrFlow', data: {} }, status));
      const { failure, problem } = await failureOf(fetch());
      expect(problem).toMatchObject({ ...expected, reason: 'read_failure', stage: 'fetchProfile' });
      expect(problem.message).toContain('the words of HrFlow');
      expect(failure.nonRetryable).toBe(nonRetryable);
      expect(failure.category).toBe(code === 429 ? ApplicationFailureCategory.BENIGN : undefined);
    }
  });

  it('says more than words about what is not found', async () => {
    const message = 'Unable to find object: profile';
    play(told({ code: 404, message }));
    expect((await fetch()).profile).toBeNull();
    play(told({ code: 401, message }));
    expect((await failureOf(fetch())).problem.type).toBe('auth');
    play(told({ code: 500, message }));
    expect((await failureOf(fetch())).problem.type).toBe('unavailable');
  });
});

describe('a read that fails', () => {
  it('for its source names the parameter', async () => {
    const { failure, problem } = await failureOf(fetch({ origin: { source_key: 'e'.repeat(40) } }));
    expect(problem).toMatchObject({ type: 'refused', reason: 'read_failure', stage: 'fetchProfile' });
    expect(problem.message).toContain('originParameters.source_key');
    expect(failure.nonRetryable).toBe(true);
  });

  it.each<[string, Fault, { type: string; nonRetryable: boolean; whoMustAct: string }]>([
    ['401', { kind: 'status', status: 401 }, { type: 'auth', nonRetryable: true, whoMustAct: 'user' }],
    ['403', { kind: 'status', status: 403 }, { type: 'auth', nonRetryable: true, whoMustAct: 'user' }],
    ['402', { kind: 'status', status: 402 }, { type: 'quota', nonRetryable: true, whoMustAct: 'user' }],
    ['another 400', { kind: 'status', status: 400 }, { type: 'refused', nonRetryable: true, whoMustAct: 'user' }],
    ['422', { kind: 'status', status: 422 }, { type: 'refused', nonRetryable: true, whoMustAct: 'user' }],
    ['429', { kind: 'status', status: 429 }, { type: 'unavailable', nonRetryable: false, whoMustAct: 'vendor' }],
    ['500', { kind: 'status', status: 500 }, { type: 'unavailable', nonRetryable: false, whoMustAct: 'vendor' }],
    [
      '502 with HTML',
      { kind: 'html', status: 502 },
      { type: 'unavailable', nonRetryable: false, whoMustAct: 'vendor' },
    ],
    [
      '200 with HTML',
      { kind: 'html', status: 200 },
      { type: 'unavailable', nonRetryable: false, whoMustAct: 'operator' },
    ],
    [
      'the empty list of a profile that is being parsed',
      { kind: 'status', status: 200, body: { code: 202, message: '', data: [] } },
      { type: 'unavailable', nonRetryable: false, whoMustAct: 'vendor' },
    ],
    [
      'half a body',
      { kind: 'truncateAfterCommit' },
      { type: 'unavailable', nonRetryable: false, whoMustAct: 'vendor' },
    ],
    ['a reset', { kind: 'resetAfterCommit' }, { type: 'unavailable', nonRetryable: false, whoMustAct: 'vendor' }],
    ['silence', { kind: 'delay', ms: 5_000 }, { type: 'unavailable', nonRetryable: false, whoMustAct: 'vendor' }],
  ])('with %s says what it was, and whether it is repeated', async (_name, fault, expected) => {
    play(fault);
    const { failure, problem } = await failureOf(fetch());
    const { nonRetryable, ...rest } = expected;
    expect(problem).toMatchObject({ reason: 'read_failure', stage: 'fetchProfile', ...rest });
    expect(failure.nonRetryable).toBe(nonRetryable);
    expect(problem.message).not.toContain('@example.test');
  });

  it.each<[string, Fault, string]>([
    ['a page under a 200', { kind: 'html', status: 200 }, 'HRFLOW_API_URL'],
    ['a text under a 200', { kind: 'status', status: 200, body: 'it works' }, 'HRFLOW_API_URL'],
  ])('with %s is repeated four times and not for a day', async (_name, fault, words) => {
    for (const attempt of [4, 5]) {
      play(fault);
      const { failure, problem } = await failureOf(fetch({}, { attempt }));
      expect(failure.nonRetryable).toBe(attempt === 5);
      expect(problem.nextStep).toContain(words);
    }
  });

  it.each<[string, Fault]>([
    ['a page under a 404', { kind: 'html', status: 404 }],
    ['nothing under a 404', { kind: 'status', status: 404, body: '' }],
    ['the words of another service under a 404', told({ detail: 'Not Found' }, 404)],
    ['JSON of another service', told({ status: 'ok' })],
    ['JSON of another shape', { kind: 'status', status: 200, body: '[]' }],
  ])('with %s is refused at once, and names the variable of the address', async (_name, fault) => {
    play(fault);
    const { failure, problem } = await failureOf(fetch());
    expect(problem.nextStep).toContain('HRFLOW_API_URL');
    expect(failure.nonRetryable).toBe(true);
  });

  it('with a refusal quotes what is keyed by a field', async () => {
    play(told({ code: 400, message: 'Invalid', errors: { source_key: ['is not valid'] } }));
    expect((await failureOf(fetch())).problem.message).toContain('Invalid; source_key: is not valid');
  });

  it('with a 429 is repeated when HrFlow says so', async () => {
    play({ kind: 'rateLimit', form: 'seconds', seconds: 12 });
    expect((await failureOf(fetch())).failure.nextRetryDelay).toBe(12_000);
  });

  it('gives up when the wait would end after the time for it', async () => {
    play({ kind: 'rateLimit', form: 'seconds', seconds: 3_600 });
    expect((await failureOf(fetch())).failure.nonRetryable).toBe(true);
  });

  it('with a long text quotes no more than 500 characters of it', async () => {
    play({ kind: 'status', status: 400, body: { code: 400, message: 'x'.repeat(3_000_000) } });
    expect((await failureOf(fetch())).problem.message.length).toBeLessThan(700);
  });
});

/** A profile of HrFlow with so many bytes of text, and of experiences. */
function large({ text = 0, experience = 0 }: { readonly text?: number; readonly experience?: number }): void {
  const experiences = [{ company: 'x'.repeat(experience), title: 'Engineer' }];
  const data = { ...bench.profiles[0], text: 'x'.repeat(text), experiences };
  play({ kind: 'status', status: 200, body: { code: 200, message: '', data } });
}

describe('a profile that is too large to travel', () => {
  it('loses the text of the CV, which no format of a connector reads, and says so with its size', async () => {
    large({ text: 2_000_000 });
    const { profile, note, filtered } = await fetch();
    expect(profile).toMatchObject({ key: bench.profiles[0]?.key, text: null });
    expect(note).toMatch(/text of the CV \(2000002 bytes\) was left out.+at most 1900000/);
    expect(filtered).toBe(false);
  });

  it.each([
    ['for what a format reads', { experience: 2_000_000 }, {}, /^The profile .*"experiences"/],
    ['for more than its text', { text: 2_000_000, experience: 1_950_000 }, {}, /without its text.+"experiences"/],
    ["for its text, if a user's format may read it", { text: 2_000_000 }, { format: 'own' }, /"text"/],
  ])('%s is refused at once, with the size, the part and what helps', async (_name, sizes, asked, words) => {
    large(sizes);
    const { failure, problem } = await failureOf(fetch({ asked }));
    expect(problem).toMatchObject({ type: 'refused', stage: 'fetchProfile', whoMustAct: 'user' });
    expect(problem.message).toMatch(words);
    expect(problem.message).toMatch(/ (19|20|39)\d{5} .+at most 1900000/);
    expect(problem.nextStep).toMatch(/logic/);
    expect(failure.nonRetryable).toBe(true);
  });

  it('meets its logics where it is read, before its size counts', async () => {
    large({ text: 9_000_000, experience: 2_000_000 });
    const { profile, filtered, note } = await fetch({ asked: { logics: ['shorten'], format: 'own' } });
    expect(profile).toMatchObject({ text: 'short', experiences: [] });
    expect({ filtered, note }).toEqual({ filtered: true, note: null });
  });

  it('may be dropped by them', async () => {
    large({ text: 2_000_000 });
    expect(await fetch({ asked: { logics: ['keep'] } })).toMatchObject({ profile: null, filtered: true });
  });

  it('fails with them as in the step of their own', async () => {
    large({ text: 2_000_000 });
    const { failure, problem } = await failureOf(fetch({ asked: { logics: ['throws'] } }));
    expect(problem).toMatchObject({ type: 'logics', stage: 'applyLogics', reason: 'logics_failure' });
    expect(failure.nonRetryable).toBe(true);
  });

  it('is refused where they leave too much', async () => {
    large({ experience: 2_000_000 });
    const { problem } = await failureOf(fetch({ asked: { logics: ['same'] } }));
    expect(problem).toMatchObject({ type: 'refused', message: expect.stringContaining('"experiences"') });
  });

  it('is no concern of one that fits: its logics have a step of their own', async () => {
    expect(await fetch({ asked: { logics: ['keep'] } })).toMatchObject({ profile: bench.profiles[0], filtered: false });
  });

  it('is final where it is more than is read at all, since asking again has the same answer', async () => {
    large({ text: 17_000_000 });
    const { failure, problem } = await failureOf(fetch());
    expect(problem).toMatchObject({ type: 'refused', whoMustAct: 'user', stage: 'fetchProfile' });
    expect(problem.message).toMatch(/more than 16777216 bytes/);
    expect(problem.nextStep).toMatch(/^Shorten what is read/);
    expect(failure.nonRetryable).toBe(true);
  });

  it('is not what a long error page is', async () => {
    play({ kind: 'status', status: 500, body: { code: 500, message: 'x'.repeat(17_000_000) } });
    expect((await failureOf(fetch())).failure.nonRetryable).toBe(false);
  });
});

describe('input', () => {
  it.each([
    ['an unknown logic', { asked: { logics: ['keep', 'lost'] } }, 'bad_action_parameters', /"lost".+"keep"/],
    ['an unknown format', { asked: { format: 'lost' } }, 'bad_action_parameters', /"lost".+"own"/],
    [
      'incremental reading',
      { asked: { read_mode: 'incremental' } },
      'origin_does_not_support_incremental',
      /read_mode/,
    ],
    ['a wrong origin', { origin: { source_key: '' } }, 'bad_origin_parameters', /originParameters\.source_key/],
    ['a wrong target', { target: { subdomain: '//' } }, 'bad_target_parameters', /targetParameters\.subdomain/],
  ] as const)('with %s is refused before anything is read', async (_name, changes, reason, words) => {
    const { failure, problem } = await failureOf(fetch(changes));
    expect(problem).toMatchObject({ type: 'input', reason, stage: 'fetchProfile' });
    expect(problem.message).toMatch(words);
    expect(failure.nonRetryable).toBe(true);
    expect(bench.simulators.hrflow.requests).toEqual([]);
  });

  it.each([
    ['oracleORC', { hostAndPort: { host: 'http://10.1.2.3', port: 80 } }, 'targetParameters.hostAndPort.host'],
    ['talentSoft', { client_url_front: 'http://[::1]' }, 'targetParameters.client_url_front'],
    ['talentSoft', { client_url_back: 'https://169.254.169.254' }, 'targetParameters.client_url_back'],
  ] as const)('of %s with an address that may not be reached is refused: %j', async (connector, target, path) => {
    const { problem } = await failureOf(fetch({ connector, target }));
    expect(problem).toMatchObject({ type: 'input', reason: 'bad_target_parameters', whoMustAct: 'operator' });
    expect(problem.message).toContain(path);
    expect(bench.simulators.hrflow.requests).toEqual([]);
  });

  it('with a secret that resolves nowhere is for the operator', async () => {
    const { failure, problem } = await failureOf(fetch({ origin: { api_secret: { secret: 'hrflow/prod' } } }));
    expect(problem).toMatchObject({ type: 'auth', whoMustAct: 'operator' });
    expect(problem.message).toContain('hrflow/prod');
    expect(failure.nonRetryable).toBe(true);
  });

  it('with literal secrets is refused where payloads are not encrypted', async () => {
    const open = await startBench({ encrypted: false });
    try {
      const originParameters = open.origin();
      const target = open.target('flatchr');
      const fetching = run(() =>
        open.activities.fetchProfile({ ...target, originParameters, actionParameters: ASKED }),
      );
      const { problem } = await failureOf(fetching);
      expect(problem).toMatchObject({ type: 'input', reason: 'bad_origin_parameters' });
      expect(problem.message).toContain('originParameters.api_secret');
      expect(problem.message).not.toContain(HRFLOW_ACCOUNT.keys.all);
    } finally {
      await open.close();
    }
  });
});
