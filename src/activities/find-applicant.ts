import { settingsOf } from '../config/settings';
import type { LookupAnswer } from '../protocol/delivery';
import type { FindInput } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { findApplicant as find } from '../push/find';
import { LABELS, runStep } from './step';

/** The activity `findApplicant`. */
export function findApplicant(dependencies: Dependencies, input: FindInput): Promise<LookupAnswer> {
  const { retry } = settingsOf(dependencies.settings, input.connector);
  return runStep({ ...LABELS.findApplicant, retry }, (scope) => find(dependencies, input, scope));
}
