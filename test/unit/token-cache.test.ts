import { describe, expect, it } from '@jest/globals';
import type { Token } from '../../src/connectors/connector';
import { createTokenCache } from '../../src/security/token-cache';

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

  it('fetches anew a minute before the end', async () => {
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

  it('fetches anew what was dropped', async () => {
    const fixture = new Fixture();
    await fixture.get();
    fixture.cache.drop(['another']);
    expect((await fixture.get()).value).toBe('token 1');
    fixture.cache.drop(KEY);
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

  it('does not let an old fetch that fails forget a newer token', async () => {
    const cache = createTokenCache();
    let fail: (error: Error) => void = () => undefined;
    const old = cache.get(KEY, () => new Promise<Token>((_, reject) => (fail = reject)));
    cache.drop(KEY);
    const token = { value: 'new', expiresAt: Date.now() + 600_000 };
    await cache.get(KEY, () => Promise.resolve(token));
    fail(new Error('late'));
    await expect(old).rejects.toThrow('late');
    expect(await cache.get(KEY, () => Promise.reject(new Error('fetched')))).toEqual(token);
  });
});
