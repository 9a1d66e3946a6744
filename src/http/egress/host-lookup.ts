import { lookup as lookupOfSystem } from 'node:dns/promises';
import { isIP } from 'node:net';

/**
 * Gives all addresses of a host, IPv4 and IPv6, in the order in which they are to be tried. A lookup that waits for its turn when
 * the signal is aborted is not made.
 */
export type HostLookup = (host: string, signal?: AbortSignal) => Promise<readonly string[]>;

/** One lookup, and who waits for it. */
interface Job {
  readonly answer: Promise<readonly string[]>;
  readonly signals: (AbortSignal | undefined)[];
}

/**
 * Makes a lookup that asks the operating system, so that `/etc/hosts`, search domains and the resolvers of containers count as for
 * every other program. Such a question cannot be ended, and libuv asks no more than two at the same time (half of its threads). So
 * the names of one zone (the last two labels) are asked one after the other, and one name once however many ask: a zone whose
 * servers are dead keeps one thread busy, and everybody else's names have the other. Not `dns.resolve`, which can be ended, but
 * knows nothing of hosts files and search domains.
 *
 * @param ask how one name is looked up
 */
export function createHostLookup(ask: (host: string) => Promise<readonly string[]> = askSystem): HostLookup {
  const jobs = new Map<string, Job>();
  const lastOfZone = new Map<string, Promise<unknown>>();

  function start(host: string): Job {
    const zone = zoneOf(host);
    const signals: (AbortSignal | undefined)[] = [];
    const before = lastOfZone.get(zone) ?? Promise.resolve();
    const answer = before.then(() =>
      isWanted(signals) ? ask(host) : Promise.reject(new Error('nobody waits any more')),
    );
    const end = answer.then(
      () => undefined,
      () => undefined,
    );
    const cleared = end.then(() => {
      jobs.delete(host);
      if (lastOfZone.get(zone) === cleared) lastOfZone.delete(zone);
    });
    lastOfZone.set(zone, cleared);
    return { answer, signals };
  }

  return (host, signal) => {
    const job = jobs.get(host) ?? start(host);
    job.signals.push(signal);
    jobs.set(host, job);
    return job.answer;
  };
}

function isWanted(signals: readonly (AbortSignal | undefined)[]): boolean {
  return signals.some((signal) => !signal?.aborted);
}

function zoneOf(host: string): string {
  return isIP(host) === 0 ? host.split('.').slice(-2).join('.') : host;
}

async function askSystem(host: string): Promise<readonly string[]> {
  const answers = await lookupOfSystem(host, { all: true });
  return answers.map(({ address }) => address);
}
