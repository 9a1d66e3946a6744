import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { type Token, createTokenCache } from '../../../src/security/secrets/token-cache';
const KEY = ['https://client.test', 'id', 'secret'];

class Fixture {
  time = 1_000_000;
  fetches = 0;
  readonly cache = createTokenCache(() => this.time);

  readonly get = (lifeMs = 1_200_000, key: readonly string[] = KEY): Promise<Token> =>
    this.cache.get(key, () => {
      this.fetches += 1;
      return Promise.resolve({ value: `token ${this.fetches}`, expiresAt: this.time + lifeMs });
    });
}

describe('the token cache', () => {
  it('fetches once, however many ask at the same time and later', async () => {
    const fixture = new Fixture();
    const tokens = await Promise.all([fixture.get(), fixture.get(), fixture.get()]);
    tokens.push(await fixture.get());
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['token 1']));
    expect(fixture.fetches).toBe(1);
  });

  it('fetches again a minute before the end', async () => {
    const fixture = new Fixture();
    await fixture.get(1_200_000);
    fixture.time += 1_139_000;
    expect((await fixture.get()).value).toBe('token 1');
    fixture.time += 1_001;
    expect((await fixture.get()).value).toBe('token 2');
  });

  it('keeps a token of a short life for nine tenths of it', async () => {
    const fixture = new Fixture();
    await fixture.get(1_000);
    fixture.time += 899;
    expect((await fixture.get(1_000)).value).toBe('token 1');
    fixture.time += 1;
    expect((await fixture.get(1_000)).value).toBe('token 2');
  });

  it('fetches again what was dropped', async () => {
    const fixture = new Fixture();
    await fixture.get();
    fixture.cache.drop(['another'], 'token 1');
    expect((await fixture.get()).value).toBe('token 1');
    fixture.cache.drop(KEY, 'token 1');
    expect((await fixture.get()).value).toBe('token 2');
  });

  it('keeps tokens of others apart, where one list reads like another, too', async () => {
    const fixture = new Fixture();
    const keys = [['a', 'b'], ['ab'], ['a,b'], ['a', 'b', ''], ['b', 'a']];
    const tokens = await Promise.all(keys.map((key) => fixture.get(1_200_000, key)));
    expect(new Set(tokens.map(({ value }) => value)).size).toBe(keys.length);
  });

  it('forgets a fetch that failed, and tells all who waited', async () => {
    const cache = createTokenCache();
    const failing = () => Promise.reject(new Error('no'));
    const ends = await Promise.allSettled([cache.get(KEY, failing), cache.get(KEY, failing)]);
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    const token = { value: 'good', expiresAt: Date.now() + 60_000 };
    expect(await cache.get(KEY, () => Promise.resolve(token))).toEqual(token);
  });

  it('fetches once for two who are refused at the same time, since what is under way is not what was refused', async () => {
    const fixture = new Fixture();
    await fixture.get();
    fixture.cache.drop(KEY, 'token 1');
    const first = fixture.get();
    fixture.cache.drop(KEY, 'token 1');
    const tokens = await Promise.all([first, fixture.get()]);
    expect(tokens.map(({ value }) => value)).toEqual(['token 2', 'token 2']);
  });
});

it('keeps the good token where a second refusal of the old one comes late', async () => {
  const fixture = new Fixture();
  const old = await fixture.get();
  fixture.cache.drop(KEY, old.value);
  await fixture.get();
  fixture.cache.drop(KEY, old.value);
  expect((await fixture.get()).value).toBe('token 2');
});

describe('the memory of the token cache', () => {
  afterEach(() => void jest.useRealTimers());

  const token = (lifeMs: number) => () => Promise.resolve({ value: 'token', expiresAt: Date.now() + lifeMs });

  it('holds no token that is not fresh any more, though nobody asks', async () => {
    jest.useFakeTimers();
    const cache = createTokenCache();
    await cache.get(KEY, token(1_200_000));
    await cache.get(['another'], token(60_000_000_000));
    await jest.advanceTimersByTimeAsync(1_139_999);
    expect(cache.size).toBe(2);
    await jest.advanceTimersByTimeAsync(1);
    expect(cache.size).toBe(1);
  });

  it('keeps a token that took the place of a dropped one', async () => {
    jest.useFakeTimers();
    const cache = createTokenCache();
    await cache.get(KEY, token(100_000));
    cache.drop(KEY, 'token');
    expect(cache.size).toBe(0);
    await cache.get(KEY, token(1_200_000));
    await jest.advanceTimersByTimeAsync(100_000);
    expect(cache.size).toBe(1);
  });

  it('keeps no process alive', async () => {
    jest.useFakeTimers();
    const cache = createTokenCache();
    const set = jest.spyOn(globalThis, 'setTimeout');
    await cache.get(KEY, token(1_000));
    const timer: unknown = set.mock.results[0]?.value;
    expect((timer as NodeJS.Timeout).hasRef()).toBe(false);
  });
});
