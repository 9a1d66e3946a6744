import { applyLogics } from './apply-logics';
import { authenticate } from './authenticate';
import type { Dependencies } from '../push/dependencies';
import { enrich } from './enrich';
import { fetchProfile } from './fetch-profile';
import { findApplicant } from './find-applicant';
import { format } from './format';
import { pushApplicant } from './push-applicant';
import { recall } from './recall';
import type { Activities } from '../protocol/messages';

export type { Dependencies } from '../push/dependencies';
export { workerDependencies, type WorkerParts } from '../push/worker-dependencies';
export type { Activities } from '../protocol/messages';

/** The activities under their wire names, bound to what this worker has. */
export function createActivities(dependencies: Dependencies): Activities {
  return {
    fetchProfile: (input) => fetchProfile(dependencies, input),
    applyLogics: (input) => applyLogics(dependencies, input),
    format: (input) => format(dependencies, input),
    authenticate: (input) => authenticate(dependencies, input),
    pushApplicant: (input) => pushApplicant(dependencies, input),
    enrich: (input) => enrich(dependencies, input),
    findApplicant: (input) => findApplicant(dependencies, input),
    recall: (input) => recall(dependencies, input),
  };
}
