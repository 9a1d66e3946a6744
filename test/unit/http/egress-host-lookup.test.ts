import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { createHostLookup } from '../../../src/http/egress/host-lookup';

/** A resolver whose answers are given by hand. */
function resolver() {
  const asked: string[] = [];
  const answers = new Map<string, { resolve: (addresses: string[]) => void; reject: (error: Error) => void }>();
  const ask = (host: string) => {
    asked.push(host);
    return new Promise<string[]>((resolve, reject) => answers.set(host, { resolve, reject }));
  };
  return {
    asked,
    lookup: createHostLookup(ask),
    async answer(host: string, addresses: string[] | Error) {
      const waiting = answers.get(host);
      answers.delete(host);
      if (addresses instanceof Error) waiting?.reject(addresses);
      else waiting?.resolve(addresses);
      await nextTurn();
    },
  };
}

describe('the lookup of hosts', () => {
  it('asks once for a name, however many ask at the same time, and again later', async () => {
    const { asked, lookup, answer } = resolver();
    const both = [lookup('a.zone.test'), lookup('a.zone.test')];
    await nextTurn();
    await answer('a.zone.test', ['192.0.2.1']);
    expect(await Promise.all(both)).toEqual([['192.0.2.1'], ['192.0.2.1']]);
    const later = lookup('a.zone.test');
    await nextTurn();
    await answer('a.zone.test', ['192.0.2.2']);
    expect(await later).toEqual(['192.0.2.2']);
    expect(asked).toEqual(['a.zone.test', 'a.zone.test']);
  });

  it('asks for one name of a zone at a time, so that a dead one keeps no more than one thread', async () => {
    const { asked, lookup, answer } = resolver();
    const dead = ['a', 'b', 'c'].map((name) => lookup(`${name}.x.dead.test`));
    const alive = lookup('api.alive.example');
    await nextTurn();
    expect(asked).toEqual(['a.x.dead.test', 'api.alive.example']);
    await answer('api.alive.example', ['192.0.2.1']);
    expect(await alive).toEqual(['192.0.2.1']);
    await answer('a.x.dead.test', new Error('no answer'));
    await expect(dead[0]).rejects.toThrow('no answer');
    expect(asked.slice(2)).toEqual(['b.x.dead.test']);
    await answer('b.x.dead.test', ['192.0.2.2']);
    await answer('c.x.dead.test', ['192.0.2.3']);
    expect(await Promise.all(dead.slice(1))).toEqual([['192.0.2.2'], ['192.0.2.3']]);
  });

  it('does not ask any more for a name that everybody has given up, and does for one that somebody waits for', async () => {
    const { asked, lookup, answer } = resolver();
    const controllers = [new AbortController(), new AbortController()] as const;
    const first = lookup('a.dead.test');
    const given = lookup('b.dead.test', controllers[0].signal);
    const kept = [lookup('c.dead.test', controllers[1].signal), lookup('c.dead.test')] as const;
    controllers.forEach((controller) => controller.abort());
    const ends = Promise.allSettled([given]);
    await nextTurn();
    await answer('a.dead.test', ['192.0.2.1']);
    expect(await first).toEqual(['192.0.2.1']);
    expect(await ends).toMatchObject([{ status: 'rejected' }]);
    await nextTurn();
    await answer('c.dead.test', ['192.0.2.3']);
    expect(await Promise.all(kept)).toEqual([['192.0.2.3'], ['192.0.2.3']]);
    expect(asked).toEqual(['a.dead.test', 'c.dead.test']);
  });

  it('knows the hosts file of the system', async () => {
    expect(await createHostLookup()('localhost')).toContain('127.0.0.1');
  });
});
