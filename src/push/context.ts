import type { z } from 'zod';
import type { ConnectorContext, ConnectorSettings } from '../connectors/connector';
import { StepError } from '../protocol/errors';
import { classify, type Classification, type Expectation } from '../http/classify';
import type { CallLimits, HttpCall } from '../http/client';
import { callError } from '../http/failure';
import { jsonOf, type HttpOutcome } from '../http/outcome';
import type { SecretScrubber } from '../security/secrets/secret-scrubber';
import { SecretUnresolvedError } from '../security/secrets/references';
import type { Token, WorkerTokenCache } from '../security/secrets/token-cache';
import { settingsOf } from '../config/settings';
import type { Dependencies } from './dependencies';
import type { StepScope } from './scope';
import { createTurns, type CallTarget, type Turns } from './turns';

/** What came of a call, and what it means. */
export interface Sent {
  readonly outcome: HttpOutcome;
  readonly found: Classification;
}

/** A connector's way out, and the raw call of `pushApplicant` beside it. */
export interface WorkerContext extends ConnectorContext {
  /**
   * Waits for the account's turn, for a step that has much to do before its call. The first call that is then sent is the one that
   * waited, and the step counts as one call in progress until it gives the turn back.
   *
   * @throws StepError `unavailable` if the turn comes later: the place is kept
   */
  takeTurn(): Promise<() => void>;
  /** Forgets the tokens that were used so far: the system has refused them. */
  dropTokens(): void;
  /**
   * Sends one call within the account's rate and says what it means; never throws for what the other side does.
   *
   * @throws StepError `unavailable` if the account's turn comes later: nothing was sent
   */
  send(call: HttpCall, expected: Omit<Expectation, 'kind'>, limits?: Partial<CallLimits>): Promise<Sent>;
}

/** Builds the way out of one activity for one account. */
export function createContext(dependencies: Dependencies, caller: CallTarget, scope: StepScope): WorkerContext {
  const settings = settingsOf(dependencies.settings, caller.system);

  const { scrubber, signal, now } = scope;
  const turns = createTurns(dependencies, caller, scope, settings);
  const tokens = tokensOf(dependencies.tokens, turns, scrubber);

  async function send(
    call: HttpCall,
    expected: Omit<Expectation, 'kind'>,
    limits: Partial<CallLimits> = {},
  ): Promise<Sent> {
    const release = await turns.forCall();
    registerCredentials(call, scrubber);
    try {
      const outcome = await dependencies.http.send(call, { ...timeouts(settings), signal, ...limits });
      const found = classify(outcome, { ...expected, kind: call.kind }, now());
      if (outcome.arrived === 'answer' && outcome.status === 429) turns.slowDown(found.delayMs);
      return { outcome, found };
    } finally {
      release();
    }
  }

  async function succeed(call: HttpCall, successStatuses: readonly number[], json: boolean) {
    const { outcome, found } = await send(call, { successStatuses, json });
    if (found.verdict === 'ok' && outcome.arrived === 'answer') return outcome;
    signal.throwIfAborted();
    throw callError(caller.title, call, outcome, found, scrubber.scrub);
  }

  return {
    settings,
    baseUrl: dependencies.baseUrls[caller.system] ?? '',
    tokens,
    dropTokens: () => tokens.dropUsed(),
    scrub: (text) => scrubber.scrub(text),
    now,
    takeTurn: () => turns.take(),
    send,
    secret: async (secret) => {
      try {
        const value = await dependencies.secrets.resolve(secret);
        scrubber.register(value);
        return value;
      } catch (error) {
        throw error instanceof SecretUnresolvedError ? unresolved(error) : error;
      }
    },
    async json<T>(call: HttpCall, schema: z.ZodType<T>, successStatuses: readonly number[] = [200]) {
      const checked = schema.safeParse(jsonOf(await succeed(call, successStatuses, true)));
      if (checked.success) return checked.data;
      throw unexpectedShape(caller.title, call);
    },
    async bytes(call, successStatuses = [200]) {
      return (await succeed(call, successStatuses, false)).body;
    },
  };
}

/** A header may hold what was made of a secret: user and password in base64, for example. */
function registerCredentials({ headers = {} }: HttpCall, scrubber: SecretScrubber): void {
  const value = headers['Authorization'] ?? '';
  scrubber.register(value.slice(value.indexOf(' ') + 1));
}

/**
 * The tokens of the worker, for one step. A fetch goes before the queue, since many may wait for it. Where a fetch ended because
 * another step was stopped, this one fetches for itself: only what a fetch found out (a {@link StepError}) counts for all.
 */
function tokensOf(cache: WorkerTokenCache, turns: Turns, scrubber: SecretScrubber) {
  const used = new Map<string, readonly string[]>();

  async function fetchOnce(identifies: readonly string[], fetch: () => Promise<Token>): Promise<Token> {
    for (;;) {
      const turn: { own: boolean } = { own: false };
      const fetchOwn = () => {
        turn.own = true;
        return turns.urgently(fetch);
      };
      try {
        return await cache.get(identifies, fetchOwn);
      } catch (error) {
        if (turn.own || error instanceof StepError) throw error;
      }
    }
  }

  return {
    async get(identifies: readonly string[], fetch: () => Promise<Token>) {
      const token = await fetchOnce(identifies, fetch);
      scrubber.register(token.value);
      used.set(token.value, identifies);
      return token;
    },
    /** Forgets the tokens that this step was given, and no others. */
    dropUsed() {
      for (const [value, identifies] of used) cache.drop(identifies, value);
      used.clear();
    },
  };
}

function timeouts({ connectTimeoutMs, responseTimeoutMs }: ConnectorSettings) {
  return { connectTimeoutMs, responseTimeoutMs };
}

function unresolved(error: SecretUnresolvedError): StepError {
  return new StepError({
    type: 'auth',
    message: error.message,
    whoMustAct: 'operator',
    nextStep: 'Give the worker the secret that the reference names, then retry.',
  });
}

function unexpectedShape(title: string, call: HttpCall): StepError {
  return new StepError({
    type: 'unavailable',
    message: `${title} answered ${call.method} ${call.pathTemplate} in an undocumented shape.`,
    nextStep: 'If this persists, ask the vendor.',
    // A lookup proves nothing by it, and is repeated; what is read will hardly change its shape by itself.
    doubtful: call.kind === 'read',
  });
}
