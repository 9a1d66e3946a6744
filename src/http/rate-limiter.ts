/** A turn, to be given back, or how long to stay away (milliseconds). */
export type Admission =
  { readonly admitted: true; readonly release: () => void } | { readonly admitted: false; readonly waitMs: number };

export interface RateLimit {
  /** Calls per second, in the long run; a short burst of as many is let through. */
  readonly ratePerSecond: number;
  /** Calls in flight at once. */
  readonly maxInFlight: number;
}

/** Who asks for a turn, and how. */
export interface PermitRequest {
  /**
   * Names the permit in the queue. It is kept for an asker that is told to come back. Null goes before the queue: for further
   * calls of a step that has had its turn.
   */
  readonly permit: string | null;
  /** Whether it counts as one of `maxInFlight`. False for what a step that is counted does, and for what many steps wait for. Default true. */
  readonly counts?: boolean;
  /** How long the asker waits for its turn. If that is not enough, it is told when to come back. In milliseconds, default 1,000. */
  readonly patienceMs?: number;
  /** Ends the wait; the permit is kept. */
  readonly signal?: AbortSignal | undefined;
}

/** Gives turns to the calls of one process, by account. Accounts do not know of each other. */
export interface RateLimiter {
  /**
   * First come, first served: waits for the turn, or returns at once when it comes and keeps the permit.
   *
   * @throws the reason of the signal
   */
  admit(account: string, limit: RateLimit, ask: PermitRequest): Promise<Admission>;
  /**
   * The system asked for patience (429): nothing goes to that account for so long, and less for a while after.
   *
   * @param waitMs as the system says; null if it does not
   * @param atMostMs the account is not closed for longer, whatever the system says
   */
  slowDown(account: string, waitMs: number | null, atMostMs: number): void;
}

const DEFAULT_PATIENCE_MS = 1_000;
const DEFAULT_PENALTY_MS = 1_000;
/** How long after a 429 an account runs at half its rate. */
const SLOW_FOR_MS = 60_000;
/** Nobody is told to come back sooner: coming back costs an attempt. */
const MIN_ABSENCE_MS = 1_000;
/** Whoever has not come back so long after its moment is overtaken: it may have gone to another worker. */
const LATE_AFTER_MS = 500;
/** And loses its permit after this: a run may have to read its profile again before it comes back. */
const KEEP_PLACE_MS = 300_000;
/** Accounts that nothing was sent to for so long are forgotten. */
const FORGET_AFTER_MS = 3_600_000;
const LOOK_FOR_IDLE_EVERY_MS = 60_000;
/** Node's timers take no more. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** Creates the limiter of a worker process. It goes by the monotonic clock: a step of the wall clock changes nothing. */
export function createRateLimiter(): RateLimiter {
  const accounts = new Map<string, Account>();
  let lookedForIdleAt = performance.now();

  function forgetIdle(now: number): void {
    if (now - lookedForIdleAt < LOOK_FOR_IDLE_EVERY_MS) return;
    lookedForIdleAt = now;
    for (const [name, account] of accounts) if (account.isIdle(now)) accounts.delete(name);
  }

  return {
    admit(name, limit, ask) {
      forgetIdle(performance.now());
      const account = accounts.get(name) ?? new Account(limit);
      accounts.set(name, account);
      return account.admit(ask);
    },
    slowDown(name, waitMs, atMostMs) {
      accounts.get(name)?.slowDown(Math.min(waitMs ?? DEFAULT_PENALTY_MS, atMostMs));
    },
  };
}

/** Somebody who waits in the process for its turn. */
interface Waiter {
  readonly counts: boolean;
  readonly start: () => void;
}

interface Permit {
  /** Null while its asker is away. */
  waiter: Waiter | null;
  /** When its asker was told to come back. */
  comesAt: number;
}

/** A token bucket, a count of calls in progress, and a queue. */
class Account {
  private tokens: number;
  private filledAt = performance.now();
  /** When each call in progress began. */
  private readonly underWay = new Set<{ readonly since: number }>();
  /** What a call takes, smoothed. */
  private usualCallMs = 0;
  private closedUntil = 0;
  private slowUntil = 0;
  /** Steps that have had their turn, first come first. */
  private readonly ahead = new Set<Waiter>();
  /** Everybody else, first come first. */
  private readonly queue = new Map<string, Permit>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly limit: RateLimit) {
    this.tokens = this.burst();
  }

  async admit({ permit, counts = true, patienceMs = DEFAULT_PATIENCE_MS, signal }: PermitRequest): Promise<Admission> {
    signal?.throwIfAborted();
    const waitMs = this.expectedWaitMs(permit);
    if (waitMs > 0 && waitMs >= patienceMs) return this.turnAway(permit, waitMs);
    return new Promise((resolve, reject) => {
      const leave = (): void => {
        clearTimeout(patience);
        signal?.removeEventListener('abort', onAbort);
        this.stopWaiting(permit, waiter);
      };
      const waiter: Waiter = {
        counts,
        start: () => {
          leave();
          if (permit !== null) this.queue.delete(permit);
          resolve({ admitted: true, release: this.take(counts) });
        },
      };
      const onAbort = (): void => {
        leave();
        const reason: unknown = signal?.reason;
        reject(reason instanceof Error ? reason : new Error('stopped while waiting for a turn'));
      };
      const patience = setTimeout(() => {
        leave();
        resolve(this.turnAway(permit, this.expectedWaitMs(permit)));
      }, patienceMs);
      signal?.addEventListener('abort', onAbort, { once: true });
      if (permit === null) this.ahead.add(waiter);
      else this.permitOf(permit).waiter = waiter;
      this.startWhoMay();
    });
  }

  slowDown(waitMs: number): void {
    this.closedUntil = Math.max(this.closedUntil, performance.now() + waitMs);
    this.slowUntil = this.closedUntil + SLOW_FOR_MS;
  }

  isIdle(now: number): boolean {
    this.forgetAbsent(now);
    const nobody = this.underWay.size === 0 && this.ahead.size === 0 && this.queue.size === 0;
    return nobody && now - this.filledAt > FORGET_AFTER_MS && this.slowUntil < now;
  }

  private burst(): number {
    return Math.max(this.limit.ratePerSecond, 1);
  }

  private permitOf(name: string): Permit {
    const permit = this.queue.get(name) ?? { waiter: null, comesAt: performance.now() };
    this.queue.set(name, permit);
    return permit;
  }

  private stopWaiting(permit: string | null, waiter: Waiter): void {
    this.ahead.delete(waiter);
    const kept = permit === null ? undefined : this.queue.get(permit);
    if (kept) Object.assign(kept, { waiter: null, comesAt: performance.now() });
  }

  private turnAway(permit: string | null, expectedMs: number): Admission {
    const waitMs = Math.ceil(Math.max(expectedMs, MIN_ABSENCE_MS));
    if (permit !== null) this.permitOf(permit).comesAt = performance.now() + waitMs;
    return { admitted: false, waitMs };
  }

  /** Takes a token and, for what counts, one of the calls in progress. */
  private take(counts: boolean): () => void {
    this.tokens -= 1;
    const call = { since: performance.now() };
    if (counts) this.underWay.add(call);
    return () => {
      if (!this.underWay.delete(call)) return;
      this.usualCallMs += (performance.now() - call.since - this.usualCallMs) / 5;
      this.startWhoMay();
    };
  }

  private startWhoMay(): void {
    for (let next = this.next(); next; next = this.next()) next.start();
    clearTimeout(this.timer);
    const isWaitedFor = this.ahead.size > 0 || [...this.queue.values()].some(({ waiter }) => waiter !== null);
    const waitMs = Math.min(this.untilTokenMs(performance.now()), MAX_TIMER_MS);
    // Whoever waits for a call to end is started when it ends.
    if (isWaitedFor && waitMs > 0) this.timer = setTimeout(() => this.startWhoMay(), Math.ceil(waitMs));
  }

  private next(): Waiter | undefined {
    if (this.untilTokenMs(performance.now()) > 0) return undefined;
    const hasRoom = this.room() > 0;
    for (const waiter of this.ahead) if (hasRoom || !waiter.counts) return waiter;
    for (const { waiter } of this.queue.values()) if (waiter && (hasRoom || !waiter.counts)) return waiter;
    return undefined;
  }

  /** How many more calls may be in progress. */
  private room(): number {
    return this.limit.maxInFlight - this.underWay.size;
  }

  private perMs(now: number): number {
    return (this.limit.ratePerSecond * (this.slowUntil > now ? 0.5 : 1)) / 1_000;
  }

  /** 0 if a call may go now, as far as the rate is concerned. */
  private untilTokenMs(now: number): number {
    this.tokens = Math.min(this.burst(), this.tokens + (now - this.filledAt) * this.perMs(now));
    this.filledAt = now;
    const forToken = this.tokens >= 1 ? 0 : (1 - this.tokens) / this.perMs(now);
    return Math.max(forToken, this.closedUntil - now, 0);
  }

  /** When the turn comes, given who is ahead: by the rate, and by how long the calls in progress take. */
  private expectedWaitMs(permit: string | null): number {
    const now = performance.now();
    this.forgetAbsent(now);
    const untilOpenMs = Math.max(this.closedUntil - now, 0);
    this.untilTokenMs(now);
    // What those who come later will take has not been filled yet: what is there now is for those who are there now.
    const present = this.countBefore(permit, now, now);
    const isFree = untilOpenMs === 0 && present < Math.min(Math.floor(this.tokens), this.room());
    const before = isFree ? present : this.countBefore(permit, now, Infinity);
    const byRate = Math.max(before + 1 - this.tokens, 0) / this.perMs(now);
    return untilOpenMs + Math.max(byRate, this.untilRoomMs(before, now));
  }

  /** Until so many calls in progress have ended that it is the turn of who has `before` others before it. */
  private untilRoomMs(before: number, now: number): number {
    const callsToEnd = before + 1 - this.room();
    if (callsToEnd < 1) return 0;
    const oldestMs = Math.max(0, ...[...this.underWay].map(({ since }) => now - since));
    const callMs = Math.max(this.usualCallMs, oldestMs);
    return callMs / 2 + ((callsToEnd - 1) * callMs) / this.limit.maxInFlight;
  }

  /** Those before a permit that wait, or have been told to come until then. Who is late goes first when it comes, and is not waited for. */
  private countBefore(permit: string | null, now: number, until: number): number {
    let before = this.ahead.size;
    if (permit === null) return before;
    for (const [name, { waiter, comesAt }] of this.queue) {
      if (name === permit) break;
      if (waiter || (comesAt > now - LATE_AFTER_MS && comesAt <= until)) before += 1;
    }
    return before;
  }

  private forgetAbsent(now: number): void {
    for (const [name, { waiter, comesAt }] of this.queue) {
      if (!waiter && comesAt + KEEP_PLACE_MS < now) this.queue.delete(name);
    }
  }
}
