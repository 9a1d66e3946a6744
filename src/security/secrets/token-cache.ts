import { createHash } from 'node:crypto';

/** An access token. */
export interface Token {
  readonly value: string;
  /** Epoch milliseconds. */
  readonly expiresAt: number;
}

/** Tokens of this worker process. They never leave it. */
export interface TokenCache {
  /** Returns the token of what `identifies` it (hashed). Concurrent callers share one fetch. */
  get(identifies: readonly string[], fetch: () => Promise<Token>): Promise<Token>;
}

/** A token is refreshed if less than this is left of it, or a tenth of its life if that is shorter. In milliseconds. */
const MARGIN_MS = 60_000;
/** Node's timers take no more, in milliseconds. */
const MAX_TIMER_MS = 2 ** 31 - 1;

interface Entry {
  readonly token: Promise<Token>;
  /** Set when the token has arrived. */
  value?: string;
  /** Epoch ms from which it is not handed out any more; set when the token has arrived. */
  freshUntil: number;
  /** Forgets the token then. */
  timer?: NodeJS.Timeout;
}

/** The token cache of a worker. */
export interface WorkerTokenCache extends TokenCache {
  /** Forgets a token that was refused. A token that has taken its place, or is in progress, is not the one that was refused: it stays. */
  drop(identifies: readonly string[], refused: string): void;
  /** How many tokens are kept or in progress. */
  readonly size: number;
}

/**
 * Tokens in the memory of this worker, under a hash of what identifies them. However many ask at the same time, one fetch is made; a
 * fetch that fails is forgotten, and so is a token when it is not fresh any more.
 */
export function createTokenCache(now: () => number = Date.now): WorkerTokenCache {
  const entries = new Map<string, Entry>();

  function fetchOnce(key: string, fetch: () => Promise<Token>): Promise<Token> {
    const entry: Entry = { token: fetch(), freshUntil: Infinity };
    entries.set(key, entry);
    const forget = (): void => {
      if (entries.get(key) === entry) entries.delete(key);
    };
    entry.token.then(({ value, expiresAt }) => {
      entry.value = value;
      entry.freshUntil = expiresAt - Math.min(MARGIN_MS, (expiresAt - now()) / 10);
      entry.timer = setTimeout(forget, Math.min(entry.freshUntil - now(), MAX_TIMER_MS)).unref();
    }, forget);
    return entry.token;
  }

  return {
    get size() {
      return entries.size;
    },
    get(identifies, fetch) {
      const key = keyOf(identifies);
      const entry = entries.get(key);
      return entry && now() < entry.freshUntil ? entry.token : fetchOnce(key, fetch);
    },
    drop(identifies, refused) {
      const key = keyOf(identifies);
      const entry = entries.get(key);
      if (entry?.value !== refused) return;
      clearTimeout(entry.timer);
      entries.delete(key);
    },
  };
}

function keyOf(identifies: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(identifies), 'utf8').digest('hex');
}
