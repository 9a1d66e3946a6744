import type { Profile } from '../connectors/connector';
import { profileSource } from '../connectors/registry';
import { StepError, InputError } from '../protocol/errors';
import { functionsNamed } from './functions';
import { EgressError } from '../http/egress/guard';
import { checkRequest, type CheckedRequest } from './check';
import type { FetchAnswer, FetchInput } from '../protocol/messages';
import { applyLogics } from './logics';
import type { StepScope } from './scope';
import { timingOf, type Dependencies } from './dependencies';
import { createContext } from './context';
import { fitForFormat, fitsBeforeLogics } from './payload-size';

/**
 * Checks the whole input before anything is read (parameters, names of functions, addresses), then reads the profile, and
 * hands the workflow the worker's timing.
 */
export async function fetchProfile(
  dependencies: Dependencies,
  input: FetchInput,
  scope: StepScope,
): Promise<FetchAnswer> {
  const { source, definition, actionParameters } = checkInput(dependencies, input);
  const { name: system, title } = profileSource;
  const ctx = createContext(dependencies, { system, title, account: source.account }, scope);
  const read = await source.read(ctx).catch(permanentAuth);
  const made = await madeToTravel(dependencies, read, actionParameters);
  return { ...made, timing: timingOf(dependencies, input.connector), networkAuth: definition.networkAuth };
}

/** A profile that is too large for the way meets its logics here, and leaves behind what nobody reads. */
async function madeToTravel(
  dependencies: Dependencies,
  read: Profile | null,
  { logics, format }: CheckedRequest['actionParameters'],
): Promise<Pick<FetchAnswer, 'profile' | 'filtered' | 'note'>> {
  const filtered = read !== null && logics.length > 0 && !fitsBeforeLogics(read);
  const kept = filtered ? await applyLogics(dependencies, { logics, profile: read }).catch(asLogics) : read;
  return kept ? { filtered, ...fitForFormat(kept, format) } : { filtered, profile: null, note: null };
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
  if (!(error instanceof StepError) || error.facts.type !== 'auth') throw error;
  throw new StepError({ ...error.facts, retryable: false });
}

/** The logics are the step that failed, although they ran where the profile was read. */
function asLogics(error: unknown): never {
  if (!(error instanceof StepError)) throw error;
  const reason = error instanceof InputError ? error.reason : 'logics_failure';
  throw new StepError({ ...error.facts, label: { stage: 'applyLogics', reason } });
}
