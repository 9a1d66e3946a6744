import { settingsOf } from '../config/settings';
import { profileSource } from '../connectors/registry';
import type { FetchAnswer, FetchInput } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { fetchProfile as fetch } from '../push/fetch';
import { LABELS, runStep } from './step';

/** The activity `fetchProfile`. */
export function fetchProfile(dependencies: Dependencies, input: FetchInput): Promise<FetchAnswer> {
  const { retry } = settingsOf(dependencies.settings, profileSource.name);
  return runStep({ ...LABELS.fetchProfile, retry }, (scope) => fetch(dependencies, input, scope));
}
