import { settingsOf } from '../config/settings';
import type { EnrichInput } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { enrich as setAttributes } from '../push/enrich';
import { runStep } from './step';

/** The activity `enrich`. */
export function enrich(dependencies: Dependencies, input: EnrichInput): Promise<void> {
  const { retry } = settingsOf(dependencies.settings, input.connector);
  const reason = input.action === 'pushProfile' ? 'callback_failure' : 'write_failure';
  return runStep({ stage: 'enrich', reason, retry }, (scope) => setAttributes(dependencies, input, scope));
}
