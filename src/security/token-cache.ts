import { createHash } from 'node:crypto';
import type { Token, TokenCache } from '../connectors/connector';

/** A token is fetched anew when less than this is left of it, or a tenth of its life if that is shorter. In milliseconds. */
const MARGIN_MS = 60_000;

interface Entry {
  readonly token: Promise<Token>;
  /** Epoch ms from which it is not handed out any more; set when the token has arrived. */
  freshUntil: number;
}

/**
 * Tokens in the memory of this worker, under a hash of what identifies them. However many ask at the same time, one fetch is made; a
 * fetch that fails is forgotten.
 */
export function createTokenCache(now: () => number = Date.now): TokenCache {
  const entries = new Map<string, Entry>();

  function fetchOnce(key: string, fetch: () => Promise<Token>): Promise<Token> {
    const entry: Entry = { token: fetch(), freshUntil: Infinity };
    entries.set(key, entry);
    entry.token.then(
      ({ expiresAt }) => {
        entry.freshUntil = expiresAt - Math.min(MARGIN_MS, (expiresAt - now()) / 10);
      },
      () => {
        if (entries.get(key) === entry) entries.delete(key);
      },
    );
    return entry.token;
  }

  return {
    get(identifies, fetch) {
      const key = keyOf(identifies);
      const entry = entries.get(key);
      return entry && now() < entry.freshUntil ? entry.token : fetchOnce(key, fetch);
    },
    drop(identifies) {
      entries.delete(keyOf(identifies));
    },
  };
}

function keyOf(identifies: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(identifies), 'utf8').digest('hex');
}
