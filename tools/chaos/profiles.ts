import { HRFLOW_ACCOUNT, makeProfile, samplePdf, type Simulators } from '../../test/simulators';
import { slug } from './kinds';
import type { Profile } from './life';
import type { PushPlan } from './plan';

const A_DAY_MS = 86_400_000;

/** Puts the profile of a push and its CV into HrFlow, and the candidate into Flatchr if the push only enriches. */
export function putProfile(simulators: Simulators, { number, kind, variant }: PushPlan): Profile {
  const { files, hrflow, flatchr } = simulators;
  const cv = samplePdf(`CV ${String(number)}`);
  const cvUrl = files.put(`/cv-${String(number)}.pdf`, cv, 'application/pdf');
  const profile = makeProfile(number, { cvUrl, cvSize: cv.length });
  const { email } = profile.info;
  hrflow.putProfile(HRFLOW_ACCOUNT.source_key, profile);
  if (kind === 'Flatchr enrichment alone') {
    const vacancySlug = slug(variant, simulators.addresses());
    flatchr.addApplicant({ email, vacancySlug, createdAt: Date.now() - A_DAY_MS });
  }
  return { profileKey: profile.key, email };
}
