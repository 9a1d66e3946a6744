import type { Dependencies } from './dependencies';
import { readEnvironment, type Env } from '../config/environment';
import type { UserFunctions } from './functions';
import { createHttpClient } from '../http/client';
import { parseEgressAllowList } from '../http/egress/allow-list';
import { createEgressGuard } from '../http/egress/guard';
import { createRateLimiter } from '../http/rate-limiter';
import { createSecretResolver, type SecretProvider } from '../security/secrets/references';
import { createTokenCache } from '../security/secrets/token-cache';
import { loadSettings } from '../config/settings';

/** What a worker brings along beside its environment. */
export interface WorkerParts {
  readonly functions?: UserFunctions | undefined;
  /** Asked for secret references that environment, directory and file do not have. */
  readonly secretProvider?: SecretProvider | undefined;
  /** Whether payloads are encrypted, so that secrets may stand in the parameters themselves. */
  readonly encrypted: boolean;
}

/**
 * Builds what the activities need from the environment of the worker.
 *
 * @throws ConfigurationError, EgressAllowListInvalidError naming the variable that cannot be used
 */
export function workerDependencies(env: Env, parts: WorkerParts): Dependencies {
  const environment = readEnvironment(env);
  const allow = parseEgressAllowList(environment.egressAllow ?? '');
  const { proxy, trustedOrigins: trusted } = environment;
  const tenant = createEgressGuard({ allow, proxy });
  const operator = createEgressGuard({ allow, proxy, trusted });
  return {
    settings: loadSettings(environment.settingsFile),
    baseUrls: environment.baseUrls,
    http: createHttpClient({ tenant, operator }),
    limiter: createRateLimiter(),
    tokens: createTokenCache(),
    secrets: createSecretResolver({
      env,
      ...(environment.secretsDir !== undefined && { dir: environment.secretsDir }),
      ...(environment.secretsFile !== undefined && { file: environment.secretsFile }),
      ...(parts.secretProvider && { provider: parts.secretProvider }),
    }),
    functions: parts.functions ?? {},
    literalSecrets: parts.encrypted,
    checkTenantUrl: (url) => tenant.checkUrl(url),
  };
}
