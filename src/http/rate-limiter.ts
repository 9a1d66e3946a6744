/** What a limiter answers: a place, to be given back, or how long to stay away (milliseconds). */
export type Admission = { admitted: true; release: () => void } | { admitted: false; waitMs: number };

export interface RateLimit {
  /** Calls per second, in the long run; a short burst of as many is let through. */
  readonly ratePerSecond: number;
  /** Calls under way at once. */
  readonly maxInFlight: number;
}

export interface RateLimiter {
  /** Asks for a place; waits for it up to `patienceMs` (default 1,000), else says when to come back. */
  admit(account: string, limit: RateLimit, patienceMs?: number): Promise<Admission>;
  /** The system asked for patience (429): nothing goes to that account for so long, and less for a while after. */
  slowDown(account: string, waitMs: number | null): void;
}

/** How long after a 429 an account runs at half its rate, in milliseconds. */
const SLOW_FOR_MS = 60_000;
const DEFAULT_PENALTY_MS = 1_000;
const POLL_MS = 25;
const MINIMUM_ABSENCE_MS = 250;
/** Accounts that nothing was sent to for so long are forgotten. */
const FORGET_AFTER_MS = 3_600_000;
const LOOK_FOR_IDLE_EVERY_MS = 60_000;

interface Account {
  tokens: number;
  filledAt: number;
  inFlight: number;
  closedUntil: number;
  slowUntil: number;
}

/** One token bucket and one count of calls under way per account, for this process. */
export function createRateLimiter(now: () => number = Date.now): RateLimiter {
  const accounts = new Map<string, Account>();
  let lookedForIdleAt = now();

  function open(name: string, limit: RateLimit): Account {
    if (now() - lookedForIdleAt > LOOK_FOR_IDLE_EVERY_MS) {
      lookedForIdleAt = now();
      forgetIdle(accounts, lookedForIdleAt);
    }
    const known = accounts.get(name);
    if (known) return known;
    const account = { tokens: burst(limit), filledAt: now(), inFlight: 0, closedUntil: 0, slowUntil: 0 };
    accounts.set(name, account);
    return account;
  }

  return {
    async admit(name, limit, patienceMs = 1_000) {
      const account = open(name, limit);
      const deadline = now() + patienceMs;
      for (;;) {
        const waitMs = waitFor(account, limit, now());
        if (waitMs === 0) return take(account);
        if (now() + waitMs > deadline) return { admitted: false, waitMs: comeBackIn(waitMs) };
        await new Promise((resolve) => setTimeout(resolve, Math.min(waitMs, Math.max(deadline - now(), 1))));
      }
    },
    slowDown(name, waitMs) {
      const account = accounts.get(name);
      if (!account) return;
      account.closedUntil = Math.max(account.closedUntil, now() + (waitMs ?? DEFAULT_PENALTY_MS));
      account.slowUntil = account.closedUntil + SLOW_FOR_MS;
    },
  };
}

function burst(limit: RateLimit): number {
  return Math.max(limit.ratePerSecond, 1);
}

/** Milliseconds until the account takes a call; 0 when it does now. */
function waitFor(account: Account, limit: RateLimit, now: number): number {
  if (account.closedUntil > now) return account.closedUntil - now;
  const perMs = (limit.ratePerSecond * (account.slowUntil > now ? 0.5 : 1)) / 1_000;
  account.tokens = Math.min(burst(limit), account.tokens + (now - account.filledAt) * perMs);
  account.filledAt = now;
  if (account.tokens < 1) return Math.max((1 - account.tokens) / perMs, 1);
  return account.inFlight < limit.maxInFlight ? 0 : POLL_MS;
}

/** Spread, so that those who were turned away together do not come back together. */
function comeBackIn(waitMs: number): number {
  return Math.ceil(Math.max(waitMs, MINIMUM_ABSENCE_MS) * (1 + Math.random() / 2));
}

function take(account: Account): Admission {
  account.tokens -= 1;
  account.inFlight += 1;
  let released = false;
  return {
    admitted: true,
    release: () => {
      if (!released) account.inFlight -= 1;
      released = true;
    },
  };
}

function forgetIdle(accounts: Map<string, Account>, now: number): void {
  for (const [name, account] of accounts) {
    const idle = account.inFlight === 0 && now - account.filledAt > FORGET_AFTER_MS && account.slowUntil < now;
    if (idle) accounts.delete(name);
  }
}
