import { settingsOf } from '../config/settings';
import type { Action } from '../protocol/names';
import type { JsonObject } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { runStep } from './step';
import { bindTarget, withFreshTokens } from '../push/target';

export interface AuthenticateInput {
  readonly connector: string;
  readonly action: Action;
  readonly targetParameters: JsonObject;
}

/**
 * Proves the credentials, as far as that is possible without writing, and warms the token cache of this worker. Answers when they
 * expire (ISO time), never what they are.
 */
export function authenticate(
  dependencies: Dependencies,
  input: AuthenticateInput,
): Promise<{ readonly expiresAt: string | null }> {
  const { retry } = settingsOf(dependencies.settings, input.connector);
  return runStep({ stage: 'authenticate', reason: 'write_failure', retry }, async (signal) => {
    const target = bindTarget(dependencies, input, signal);
    const expiresAt = await withFreshTokens(target, () => target.action.authenticate(target.ctx));
    return { expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() };
  });
}
