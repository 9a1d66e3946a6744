import { randomBytes } from 'node:crypto';
import { makeProfile, samplePdf, HRFLOW_ACCOUNT } from '../simulators';
import type { Groups, Harness } from './harness';

let made = 0;

/** Returns a push of a profile that no other test uses, with a CV on the file server. `members` replace those of the profile. */
export function uniqueRequest(
  harness: Harness,
  connector: 'talentSoft' | 'oracleORC' | 'flatchr',
  members: Readonly<Record<string, unknown>> = {},
): Groups {
  made += 1;
  const { simulators } = harness;
  const number = Date.now() * 100 + made;
  const cv = samplePdf(`CV ${number}`);
  const cvUrl = simulators.files.put(`/cv-${number}.pdf`, cv, 'application/pdf');
  const profile = makeProfile(number, { cvUrl, cvSize: cv.length });
  simulators.hrflow.putProfile(HRFLOW_ACCOUNT.source_key, { ...profile, ...members });
  const groups = harness.request(connector);
  return { ...groups, originParameters: { ...groups.originParameters, profile_key: profile.key } };
}

/** Returns text of this many bytes that barely compresses: printable characters that JSON does not escape. */
export function noise(bytes: number): string {
  const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).filter(
    (character) => !'"\\'.includes(character),
  );
  return Array.from(randomBytes(bytes), (byte) => printable[byte % printable.length]).join('');
}
