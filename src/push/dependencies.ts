import { findConnector } from '../connectors/registry';
import type { BaseUrls } from '../config/environment';
import { settingsOf, type Settings } from '../config/settings';
import type { UserFunctions } from './functions';
import type { HttpClient } from '../http/client';
import type { RateLimiter } from '../http/rate-limiter';
import type { SecretResolver } from '../security/secrets/references';
import type { WorkerTokenCache } from '../security/secrets/token-cache';
import { sendWindowMs, type Timing } from '../protocol/timing';

/** What the activities need from the worker process. */
export interface Dependencies {
  readonly settings: Settings;
  readonly baseUrls: BaseUrls;
  readonly http: HttpClient;
  readonly limiter: RateLimiter;
  readonly tokens: WorkerTokenCache;
  readonly secrets: SecretResolver;
  readonly functions: UserFunctions;
  /** Whether secrets may stand in the parameters themselves: only if payloads are encrypted. */
  readonly literalSecrets: boolean;
  /**
   * Refuses a URL of a tenant by its looks, before anything is read.
   *
   * @throws EgressError `blocked`
   */
  readonly checkTenantUrl: (url: string) => void;
}

/** The timing of the worker's settings that a run of this connector goes by. */
export function timingOf(dependencies: Dependencies, connector: string): Timing {
  const settings = settingsOf(dependencies.settings, connector);
  return {
    connectTimeoutMs: settings.connectTimeoutMs,
    responseTimeoutMs: settings.responseTimeoutMs,
    sendWindowMs: sendWindowMs(settings),
    settleMs: settings.settleMs,
    retryInitialMs: settings.retry.initialMs,
    retryMaximumMs: settings.retry.maximumMs,
    giveUpAfterMs: settings.retry.giveUpAfterMs,
    repeatEnrichment: findConnector(connector)?.repeatsEnrichment?.(settings) ?? true,
  };
}
