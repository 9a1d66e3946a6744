import { settingsOf } from '../config/settings';
import type { AuthenticateInput } from '../protocol/messages';
import { authenticate as prove } from '../push/authenticate';
import type { Dependencies } from '../push/dependencies';
import { LABELS, runStep } from './step';

/** The activity `authenticate`. */
export function authenticate(
  dependencies: Dependencies,
  input: AuthenticateInput,
): Promise<{ readonly expiresAt: string | null }> {
  const { retry } = settingsOf(dependencies.settings, input.connector);
  return runStep({ ...LABELS.authenticate, retry }, (scope) => prove(dependencies, input, scope));
}
