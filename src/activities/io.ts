import type { z } from 'zod';
import type { ConnectorIo, ConnectorSettings, TokenCache } from '../connectors/connector';
import { StepFailure } from '../failure';
import { classify, type Classification, type Expectation } from '../http/classify';
import { type CallLimits, type HttpCall } from '../http/client';
import { stepFailure } from '../http/failure';
import { jsonOf, type HttpOutcome } from '../http/outcome';
import { rememberSecret } from '../security/known-secrets';
import { SecretUnresolved } from '../security/secrets';
import { settingsOf } from '../settings';
import type { Dependencies } from './dependencies';

/** For whom calls are made. */
export interface Caller {
  /** Name in the settings: a connector's or the origin's. */
  readonly system: string;
  /** As people write it. */
  readonly title: string;
  readonly account: string;
  readonly signal?: AbortSignal;
}

/** What came of a call, and what it means. */
export interface Sent {
  readonly outcome: HttpOutcome;
  readonly found: Classification;
}

/** A connector's way out, and the raw call of `pushApplicant` beside it. */
export interface WorkerIo extends ConnectorIo {
  /**
   * Sends one call within the account's rate and says what it means; never throws for what the other side does.
   *
   * @throws StepFailure `unavailable` when the account's turn comes later: nothing was sent
   */
  send(call: HttpCall, expected: Omit<Expectation, 'kind'>, limits?: Partial<CallLimits>): Promise<Sent>;
}

/** Builds the way out of one activity for one account. */
export function createIo(dependencies: Dependencies, caller: Caller): WorkerIo {
  const settings = settingsOf(dependencies.settings, caller.system);

  async function send(
    call: HttpCall,
    expected: Omit<Expectation, 'kind'>,
    limits: Partial<CallLimits> = {},
  ): Promise<Sent> {
    const place = await admit(dependencies, caller, settings);
    rememberCredentials(call);
    try {
      const outcome = await dependencies.http.send(call, { ...timeouts(settings), ...signalOf(caller), ...limits });
      const found = classify(outcome, { ...expected, kind: call.kind }, Date.now());
      if (outcome.arrived === 'answer' && outcome.status === 429) slowDown(dependencies, caller, found);
      return { outcome, found };
    } finally {
      place.release();
    }
  }

  async function succeed(call: HttpCall, documented: readonly number[], json: boolean) {
    const { outcome, found } = await send(call, { documented, json });
    if (found.verdict === 'ok' && outcome.arrived === 'answer') return outcome;
    caller.signal?.throwIfAborted();
    throw stepFailure(caller.title, call, outcome, found);
  }

  return {
    settings,
    baseUrls: dependencies.baseUrls,
    tokens: remembered(independent(dependencies.tokens)),
    now: Date.now,
    send,
    secret: async (secret) => {
      try {
        const value = await dependencies.secrets.resolve(secret);
        rememberSecret(value);
        return value;
      } catch (error) {
        throw error instanceof SecretUnresolved ? unresolved(error) : error;
      }
    },
    async json<T>(call: HttpCall, schema: z.ZodType<T>, documented: readonly number[] = [200]) {
      const checked = schema.safeParse(jsonOf(await succeed(call, documented, true)));
      if (checked.success) return checked.data;
      throw unexpectedShape(caller.title, call);
    },
    async bytes(call, documented = [200]) {
      return (await succeed(call, documented, false)).body;
    },
  };
}

/** A header may hold what was made of a secret: user and password in base64, for example. */
function rememberCredentials({ headers = {} }: HttpCall): void {
  const value = headers['Authorization'] ?? '';
  rememberSecret(value.slice(value.indexOf(' ') + 1));
}

function remembered(tokens: TokenCache): TokenCache {
  return {
    async get(identifies, fetch) {
      const token = await tokens.get(identifies, fetch);
      rememberSecret(token.value);
      return token;
    },
    drop: (identifies) => tokens.drop(identifies),
  };
}

/**
 * Whoever fetches a token fetches it for all who wait. Where the fetch ended because that one was stopped, the others fetch
 * for themselves: only what a fetch found out (a {@link StepFailure}) counts for all.
 */
function independent(tokens: TokenCache): TokenCache {
  return {
    async get(identifies, fetch) {
      for (;;) {
        const turn: { own: boolean } = { own: false };
        const fetchOwn = () => {
          turn.own = true;
          return fetch();
        };
        try {
          return await tokens.get(identifies, fetchOwn);
        } catch (error) {
          if (turn.own || error instanceof StepFailure) throw error;
        }
      }
    },
    drop: (identifies) => tokens.drop(identifies),
  };
}

function timeouts({ connectTimeoutMs, responseTimeoutMs }: ConnectorSettings) {
  return { connectTimeoutMs, responseTimeoutMs };
}

function signalOf({ signal }: Caller) {
  return signal ? { signal } : {};
}

async function admit(dependencies: Dependencies, caller: Caller, settings: ConnectorSettings) {
  const admission = await dependencies.limiter.admit(accountKey(caller), settings);
  if (admission.admitted) return admission;
  throw new StepFailure({
    type: 'unavailable',
    message: `${caller.title}: this worker sends no more than ${settings.ratePerSecond} calls a second to one account.`,
    whoMustAct: 'operator',
    nextStep: 'Nothing to do: the call is made when its turn comes.',
    retryable: true,
    benign: true,
    nothingHappened: true,
    delayMs: admission.waitMs,
  });
}

function slowDown(dependencies: Dependencies, caller: Caller, found: Classification): void {
  dependencies.limiter.slowDown(accountKey(caller), found.delayMs);
}

function accountKey({ system, account }: Caller): string {
  return `${system}/${account}`;
}

function unresolved(error: SecretUnresolved): StepFailure {
  return new StepFailure({
    type: 'auth',
    message: error.message,
    whoMustAct: 'operator',
    nextStep: 'Give the worker the secret that the reference names, then retry.',
    retryable: false,
  });
}

function unexpectedShape(title: string, call: HttpCall): StepFailure {
  return new StepFailure({
    type: 'unavailable',
    message: `${title} answered ${call.method} ${call.pathTemplate} in a shape that is not the documented one.`,
    whoMustAct: 'vendor',
    nextStep: 'Ask the vendor if it continues.',
    retryable: true,
    // A lookup proves nothing by it, and is repeated; what is read will hardly change its shape by itself.
    doubtful: call.kind === 'read',
  });
}
