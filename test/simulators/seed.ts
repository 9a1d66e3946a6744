import type { Simulators } from './index';
import { HRFLOW_ACCOUNT } from './hrflow/simulator';
import { SAMPLE_CV_NAMES, sampleProfiles, type SampleProfile } from './sample-data';
import { samplePdf } from './sample-pdf';

/** Puts the invented profiles into the HrFlow simulator and their CVs on the file server. */
export function seedSampleData({ files, hrflow }: Pick<Simulators, 'files' | 'hrflow'>): SampleProfile[] {
  const urls = new Map<string, string>(
    SAMPLE_CV_NAMES.map((name) => [name, files.put(`cv/${name}`, samplePdf(`CV ${name}`), 'application/pdf')]),
  );
  const profiles = sampleProfiles({ fileUrl: (name) => urls.get(name) ?? '' });
  for (const profile of profiles) hrflow.putProfile(HRFLOW_ACCOUNT.source_key, profile);
  return profiles;
}
