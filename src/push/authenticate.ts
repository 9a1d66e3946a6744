import type { AuthenticateInput } from '../protocol/messages';
import type { Dependencies } from './dependencies';
import type { StepScope } from './scope';
import { bindTarget, withFreshTokens } from './target';

/**
 * Proves the credentials, as far as that is possible without writing, and warms the token cache of this worker. Returns when they
 * expire (ISO time), never what they are.
 */
export async function authenticate(
  dependencies: Dependencies,
  input: AuthenticateInput,
  scope: StepScope,
): Promise<{ readonly expiresAt: string | null }> {
  const target = bindTarget(dependencies, input, scope);
  const expiresAt = await withFreshTokens(target, () => target.action.authenticate(target.ctx));
  return { expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString() };
}
