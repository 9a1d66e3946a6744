import { makeProfile, samplePdf, HRFLOW_ACCOUNT } from '../simulators';
import type { Groups, Harness } from './harness';

let made = 0;

/** A push of a profile that no other test uses, with a CV on the file server. */
export function uniqueRequest(harness: Harness, connector: 'talentSoft' | 'oracleORC' | 'flatchr'): Groups {
  made += 1;
  const { simulators } = harness;
  const number = Date.now() * 100 + made;
  const cvUrl = simulators.files.put(`/cv-${number}.pdf`, samplePdf(`CV ${number}`), 'application/pdf');
  const profile = makeProfile(number, { cvUrl });
  simulators.hrflow.putProfile(HRFLOW_ACCOUNT.source_key, profile);
  const groups = harness.request(connector);
  return { ...groups, originParameters: { ...groups.originParameters, profile_key: profile.key } };
}
