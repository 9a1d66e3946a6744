import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { knowledgeSchema, resolveArgsSchema, runResultSchema } from '../../../src/history/stored-shapes';
import { stateSchema } from '../../../src/client/runs/show';
import { apply, decide, type Event } from '../../../src/protocol/delivery';
import { type Timing } from '../../../src/protocol/timing';
import { knowledgeOf, resultOf } from '../../../src/protocol/result';
import { openSession, type Session } from '../../../src/workflows/session';
import type { RunInput } from '../../../src/protocol/messages';
import { abandonUpdate, resolveUpdate, retryUpdate, type Update } from '../../../src/workflows/updates';
import { stateOf } from '../../../src/workflows/visibility';
import { anyUpdateArgument } from '../../support/odd-values';
import { problem } from '../protocol/model/world';

const NOW = Date.parse('2026-01-01T12:00:00Z');
const TIMING: Timing = {
  connectTimeoutMs: 1_000,
  responseTimeoutMs: 2_000,
  sendWindowMs: 5_000,
  settleMs: 1_000,
  retryInitialMs: 100,
  retryMaximumMs: 1_000,
  giveUpAfterMs: 60_000,
  repeatEnrichment: true,
};
const INPUT: RunInput = {
  connector: 'flatchr',
  title: 'Flatchr',
  profileKey: 'f'.repeat(40),
  identity: 'hash',
  enrich: true,
  identityParameters: ['subdomain', 'vacancy'],
  searchAttributes: [],
  holdForMs: 600_000,
  actionParameters: { logics: [], read_mode: 'sync', onFailure: 'hold', holdFor: '10 minutes', lookupFirst: false },
  originParameters: { api_secret: 'k', api_user: 'u', source_key: 's', profile_key: 'f'.repeat(40) },
  targetParameters: { auth: 'a', subdomain: 'careers', vacancy: 'v' },
  previousRun: null,
  again: false,
};

const PREPARED: Event = { type: 'prepareFinished', timing: TIMING, lookupKeys: { email: 'a@example.test' }, now: NOW };
const BEGAN: Event = { type: 'stepStarted', step: 'push', now: NOW };
const REFUSED: Event = {
  type: 'attemptFinished',
  verdict: { verdict: 'refused', sent: true, problem: problem('refused') },
  now: NOW,
  jitter: 0,
};
const WAITS: Event = {
  type: 'attemptFinished',
  verdict: { verdict: 'not_sent', delayMs: 5_000, problem: problem('unavailable') },
  now: NOW,
  jitter: 0,
};
const CANNOT: Event = {
  type: 'lookupFinished',
  purpose: 'settle',
  afterSettle: false,
  answer: { answer: 'unavailable', problem: problem('auth') },
  now: NOW,
};
const LOST: Event = { type: 'attemptLost', problem: problem('unavailable'), now: NOW - 60_000 };
const HELD: Event = { type: 'holdStarted', now: NOW };

const RUNS: Record<string, readonly Event[]> = {
  'that is new': [],
  'that prepares': [{ type: 'stepStarted', step: 'prepare', now: NOW }],
  'that sends': [PREPARED, BEGAN],
  'that waits': [PREPARED, BEGAN, WAITS],
  'that is held': [PREPARED, BEGAN, REFUSED, HELD],
  'that is held before its first read': [{ type: 'stepFailed', problem: problem('auth') }, HELD],
  'whose outcome is unknown': [PREPARED, BEGAN, LOST, CANNOT, HELD],
};

function sessionOf(events: readonly Event[]): Session {
  const session = openSession('pushProfile', INPUT);
  session.run = events.reduce(apply, session.run);
  return session;
}

function anyOf<Args>(update: Update<Args>, session: Session, args: unknown): string | null {
  const why = update.refusal(session, args, NOW);
  // The handler receives whatever the validator accepted, regardless of its type.
  if (why === null) update.take(session, args as Args);
  return why;
}

const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
const UPDATES = { retry: retryUpdate, resolve: resolveUpdate, abandon: abandonUpdate } as const;

describe.each(Object.entries(RUNS))('a run %s, given arbitrary updates', (_, events) => {
  it.each(Object.entries(UPDATES))('%s gives a reason or leaves a readable run', (name, update) => {
    fc.assert(
      fc.property(anyUpdateArgument, (argument) => {
        const args = argument === undefined ? undefined : asJson(argument);
        const session = sessionOf(events);
        const why = anyOf<never>(update, session, args);
        const { run } = session;
        expect(why ?? 'taken').toMatch(/^.{5,}$/s);
        expect((why ?? '').length).toBeLessThan(2_000);
        stateSchema.parse(asJson(stateOf(session)));
        runResultSchema.parse(asJson(resultOf(run, INPUT.profileKey, run.blockedBy)));
        knowledgeSchema.parse(asJson(knowledgeOf(run)));
        expect(JSON.stringify([run, session.input]).length).toBeLessThan(250_000);
        expect(() => decide(run, NOW)).not.toThrow();
        if (why === null && name === 'resolve') resolveArgsSchema.parse(args);
      }),
      { numRuns: 500 },
    );
  });
});

describe('resolve', () => {
  const resolved = (args: unknown) => {
    const session = sessionOf(RUNS['whose outcome is unknown'] ?? []);
    return anyOf(resolveUpdate, session, args) ?? session.run.delivery.atsId;
  };

  it.each([
    ['a text', { delivered: true, atsId: '77' }, '77'],
    ['a number, as in some ATSs', { delivered: true, atsId: 300_000_123 }, '300000123'],
    ['nothing', { delivered: true }, null],
    ['null', { delivered: true, atsId: null }, null],
  ])('accepts %s as the id', (_, args, id) => {
    expect(resolved(args)).toBe(id);
  });

  it.each([
    ['an object', { delivered: true, atsId: {} }],
    ['an empty text', { delivered: true, atsId: '' }],
    ['a fraction', { delivered: true, atsId: 1.5 }],
    ['a number that has lost digits', { delivered: true, atsId: 300_000_123_456_789_012 }],
    ['one of an applicant that was not delivered', { delivered: false, atsId: '77' }],
  ])('refuses %s as the id', (_, args) => {
    expect(resolved(args)).toMatch(/atsId/);
  });

  it.each([undefined, null, 'yes', [], {}, { delivered: 'true' }, { delivered: true, ats_id: '7' }])(
    'refuses %j',
    (args) => {
      expect(resolved(args)).toMatch(/resolve takes an object|expected \{ "delivered"|does not know/);
    },
  );
});

describe('abandon', () => {
  const abandoned = (args: unknown) => {
    const session = sessionOf(RUNS['that is held'] ?? []);
    return anyOf(abandonUpdate, session, args) ?? session.run.blockedBy?.message;
  };

  it('accepts a reason, or none', () => {
    expect(abandoned({ reason: 'the position is filled' })).toContain('abandoned: the position is filled.');
    expect([undefined, null, {}, { reason: null }].map(abandoned)).toEqual(
      Array.from({ length: 4 }, () => expect.stringContaining('The run was abandoned.')),
    );
  });

  it.each([{ toString: 'x' }, 5, [], 'x'.repeat(1_001)])('refuses an invalid reason', (reason) => {
    expect(abandoned({ reason })).toBe('reason: expected a text of at most 1000 characters');
  });
});

describe('retry', () => {
  const retried = (args: unknown) => anyOf(retryUpdate, sessionOf(RUNS['that is held'] ?? []), args);

  it('accepts corrections that keep the identity of the push', () => {
    expect(
      retried({ targetParameters: { auth: 'new', vacancy: 'v' }, actionParameters: { logics: ['x'] } }),
    ).toBeNull();
    expect(retried({ targetParameters: { vacancy: 'another' } })).toMatch(/targetParameters\.vacancy.+another push/);
    expect(retried({ actionParameters: { onFailure: 'fail' } })).toBe(
      'retry cannot correct actionParameters.onFailure',
    );
  });

  it('refuses corrections that are too large, in one update or accumulated', () => {
    expect(retried({ targetParameters: { auth: 'x'.repeat(300_000) } })).toMatch(/at most 200000/);
    const session = sessionOf(RUNS['that is held'] ?? []);
    const each = (name: number) => ({ targetParameters: { [`more${name}`]: 'x'.repeat(50_000) } });
    const answers = [1, 2, 3, 4].map((name) => {
      const why = retryUpdate.refusal(session, each(name), NOW);
      if (why === null)
        session.input = {
          ...session.input,
          targetParameters: { ...session.input.targetParameters, ...each(name).targetParameters },
        };
      return why === null;
    });
    expect(answers).toEqual([true, true, true, false]);
  });
});
