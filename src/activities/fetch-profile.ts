import { origin } from '../connectors/registry';
import { StepFailure } from '../failure';
import { functionsNamed } from '../functions';
import { EgressError } from '../http/egress/guard';
import { checkRequest, InputError, type CheckedRequest } from '../parameters';
import { settingsOf } from '../settings';
import type { FetchAnswer, FetchInput } from '../workflows/types';
import { numbersOf, type Dependencies } from './dependencies';
import { createIo } from './io';
import { assertFits } from './payload-size';
import { runStep } from './step';

/**
 * Checks the whole input before anything is read (parameters, names of functions, addresses), then reads the profile, and
 * hands the workflow the worker's numbers.
 */
export function fetchProfile(dependencies: Dependencies, input: FetchInput): Promise<FetchAnswer> {
  const { retry } = settingsOf(dependencies.settings, origin.name);
  return runStep({ stage: 'fetchProfile', reason: 'read_failure', retry }, async (signal) => {
    const { source, definition } = checkInput(dependencies, input);
    const io = createIo(dependencies, { system: origin.name, title: origin.title, account: source.account, signal });
    const profile = await source.read(io).catch(permanentAuth);
    if (profile) assertFits('profile', profile);
    return { profile, numbers: numbersOf(dependencies, input.connector), networkAuth: definition.networkAuth };
  });
}

function checkInput(dependencies: Dependencies, input: FetchInput): CheckedRequest {
  const checked = checkRequest(input.connector, input.action, input, dependencies.literalSecrets);
  const { logics, format } = checked.actionParameters;
  functionsNamed('logics', dependencies.functions.logics, logics);
  functionsNamed('format', dependencies.functions.formats, format === undefined ? [] : [format]);
  for (const { path, url } of checked.target.tenantUrls) checkUrl(dependencies, path, url);
  return checked;
}

function checkUrl(dependencies: Dependencies, path: string, url: string): void {
  try {
    dependencies.checkTenantUrl(url);
  } catch (error) {
    if (!(error instanceof EgressError)) throw error;
    throw new InputError('bad_target_parameters', `targetParameters.${path}: ${error.message}`, 'operator');
  }
}

/** HrFlow has keys and no tokens: a 401 does not get better by trying again. */
function permanentAuth(error: unknown): never {
  if (!(error instanceof StepFailure) || error.facts.type !== 'auth') throw error;
  throw new StepFailure({ ...error.facts, retryable: false });
}
