import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { CancelledFailure } from '@temporalio/common';
import { z } from 'zod';
import { createContext } from '../../../src/push/context';
import { createScope } from '../../../src/push/scope';
import type { Token } from '../../../src/security/secrets/token-cache';
import { StepError } from '../../../src/protocol/errors';
import { FLATCHR_KEY } from '../../simulators/index';
import { startBench, type Bench } from '../activities/support';

let bench: Bench;

beforeAll(async () => {
  bench = await startBench({
    env: { HRFLOW_SECRET_THERE: 'value' },
    settings: { retry: { initialMs: 20, maximumMs: 60_000, giveUpAfterMs: 60_000 } },
  });
});
beforeEach(() => bench.reset());
afterAll(() => bench.close());

const ioOf = (account = 'account') =>
  createContext(bench.dependencies, { system: 'flatchr', title: 'Flatchr', account }, createScope());

function vacancies() {
  const { flatchrUrl, flatchr } = bench.simulators.addresses();
  return {
    kind: 'lookup',
    method: 'GET',
    url: `${flatchrUrl}/api/company/${flatchr.enrich.compagny}/vacancies`,
    pathTemplate: '/company/{companyId}/vacancies',
    headers: { Authorization: `Bearer ${FLATCHR_KEY}` },
  } as const;
}

function refusal(type: 'auth' | 'unavailable'): StepError {
  return new StepError({ type, message: 'no', whoMustAct: 'user', nextStep: '', retryable: false });
}

/** A fetch that ends when the test says so. */
function fetching() {
  let end: { resolve: (token: Token) => void; reject: (error: unknown) => void } | undefined;
  const fetch = () => new Promise<Token>((resolve, reject) => (end = { resolve, reject }));
  return { fetch, reject: (error: unknown) => end?.reject(error), resolve: (token: Token) => end?.resolve(token) };
}

const token: Token = { value: 'token', expiresAt: Date.now() + 3_600_000 };

describe('a token that several activities wait for', () => {
  it('is fetched again by the others if the one that fetched was cancelled', async () => {
    const first = fetching();
    const cancelled = ioOf().tokens.get(['t'], first.fetch);
    let fetches = 0;
    const others = [1, 2, 3].map(() =>
      ioOf().tokens.get(['t'], () => {
        fetches += 1;
        return Promise.resolve(token);
      }),
    );
    first.reject(new CancelledFailure('cancelled'));
    await expect(cancelled).rejects.toBeInstanceOf(CancelledFailure);
    expect(await Promise.all(others)).toEqual([token, token, token]);
    expect(fetches).toBe(1);
  });

  it('is refused to all when the system refused it', async () => {
    const first = fetching();
    const own = ioOf().tokens.get(['t'], first.fetch);
    const other = ioOf().tokens.get(['t'], () => Promise.resolve(token));
    first.reject(refusal('auth'));
    await expect(own).rejects.toBeInstanceOf(StepError);
    await expect(other).rejects.toBeInstanceOf(StepError);
  });

  it('is not fetched endlessly if every fetch fails in an unknown way', async () => {
    const waiting = [1, 2, 3, 4].map(() => ioOf().tokens.get(['t'], () => Promise.reject(new Error('odd'))));
    const ends = await Promise.allSettled(waiting);
    expect(ends.map(({ status }) => status)).toEqual(Array(4).fill('rejected'));
  });
});

describe('a call that must succeed', () => {
  const anything = z.array(z.unknown());

  it('gives what the schema reads', async () => {
    expect(await ioOf().json(vacancies(), anything)).toHaveLength(3);
    expect((await ioOf().bytes(vacancies())).toString()).toMatch(/^\[/);
  });

  it('is unavailable, to be repeated, where the answer has another shape', async () => {
    const failure = await ioOf()
      .json(vacancies(), z.object({ a: z.string() }))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ facts: { type: 'unavailable', retryable: true, whoMustAct: 'vendor' } });
  });

  it('slows its account after a 429, and no other', async () => {
    bench.simulators.flatchr.faults.add({ fault: { kind: 'rateLimit', form: 'seconds', seconds: 30 } });
    await expect(ioOf('a').json(vacancies(), anything)).rejects.toMatchObject({ facts: { delayMs: 30_000 } });
    const turned = await ioOf('a')
      .json(vacancies(), anything)
      .catch((error: unknown) => error);
    expect(turned).toMatchObject({ facts: { type: 'unavailable', retryable: true, benign: true } });
    expect(bench.simulators.flatchr.requests).toHaveLength(1);
    expect(await ioOf('b').json(vacancies(), anything)).toHaveLength(3);
  });
});

describe('a secret', () => {
  it('is the literal, or what the reference names', async () => {
    expect(await ioOf().secret('literal')).toBe('literal');
    expect(await ioOf().secret({ secret: 'there' })).toBe('value');
  });

  it('that resolves nowhere is for the operator, and the message names the reference', async () => {
    const failure = await ioOf()
      .secret({ secret: 'flatchr/prod' })
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ facts: { type: 'auth', whoMustAct: 'operator', retryable: false } });
    expect(String(failure)).toContain('flatchr/prod');
  });
});
