import type { HrflowClient, PushNotices, RunResult } from '../../src/client';
import type { Action, Outcome } from '../../src/protocol/names';
import { makeProfile, samplePdf, seedSampleData, HRFLOW_ACCOUNT, type Simulators } from '../../test/simulators';

/** The three applicant tracking systems. */
export type Ats = 'talentSoft' | 'oracleORC' | 'flatchr';

/** An invented candidate. */
export interface Person {
  readonly key: string;
  readonly name: string;
  readonly email: string;
}

/** How a push ends if all is well, counted in the simulators. */
export interface Announced {
  readonly outcome: Outcome;
  /** Applicants with that e-mail address in all ATSs together, at the end. */
  readonly applicants: number;
  /** Enrichments that found their candidate. */
  readonly enrichments: number;
  /** Requests to create. */
  readonly creates: number;
}

/** One push of the demo. */
export interface DemoPush {
  readonly connector: Ats;
  readonly action: Action;
  /** What the push demonstrates. */
  readonly about: string;
  readonly person: Person;
  readonly announced: Announced;
  run(client: HrflowClient, notices: PushNotices): Promise<RunResult>;
}

/** Seconds that the failing ATS asks to wait. */
const RETRY_AFTER_SECONDS = 2;
const DAY_MS = 86_400_000;

const CREATED: Announced = { outcome: 'created', applicants: 1, enrichments: 0, creates: 1 };

/** Puts six people into the simulators, scripts the fault, and returns the pushes with their expected ends. */
export function prepareScenario(simulators: Simulators): DemoPush[] {
  const [zoe, bruno, elodie, nadia, ines] = seedSampleData(simulators).map(personOf);
  if (!zoe || !bruno || !elodie || !nadia || !ines) throw new Error('the sample data has fewer than five profiles');
  const camille = personOf(putBeginner(simulators));
  breakOracleOnceFor(ines, simulators);
  putIntoFlatchr(nadia, simulators);
  const { talentSoft, oracleORC, flatchr } = simulators.addresses();
  const { enrich, ...flatchrTarget } = flatchr;
  const from = originOf(simulators);
  return [
    {
      connector: 'talentSoft',
      action: 'pushProfile',
      about: 'an application with its CV',
      person: zoe,
      announced: CREATED,
      run: (client, notices) => client.talentSoft.pushProfile({ ...from(zoe), targetParameters: talentSoft }, notices),
    },
    {
      connector: 'oracleORC',
      action: 'pushProfile',
      about: 'a candidate with nested children',
      person: elodie,
      announced: CREATED,
      run: (client, notices) => client.oracleORC.pushProfile({ ...from(elodie), targetParameters: oracleORC }, notices),
    },
    {
      connector: 'flatchr',
      action: 'pushProfile',
      about: 'pushed, then enriched',
      person: bruno,
      announced: { ...CREATED, enrichments: 1 },
      run: (client, notices) => client.flatchr.pushProfile({ ...from(bruno), targetParameters: flatchr }, notices),
    },
    {
      connector: 'flatchr',
      action: 'enrichProfile',
      about: 'enriched only: the candidate exists',
      person: nadia,
      announced: { outcome: 'enriched', applicants: 1, enrichments: 1, creates: 0 },
      run: (client, notices) =>
        client.flatchr.enrichProfile({ ...from(nadia), targetParameters: { ...flatchrTarget, ...enrich } }, notices),
    },
    {
      connector: 'talentSoft',
      action: 'pushProfile',
      about: 'dropped by the logic atLeastTwoYears',
      person: camille,
      announced: { outcome: 'discarded', applicants: 0, enrichments: 0, creates: 0 },
      run: (client, notices) => {
        const actionParameters = { logics: ['atLeastTwoYears'] };
        return client.talentSoft.pushProfile(
          { ...from(camille), targetParameters: talentSoft, actionParameters },
          notices,
        );
      },
    },
    {
      connector: 'oracleORC',
      action: 'pushProfile',
      about: `503 first, with Retry-After: ${RETRY_AFTER_SECONDS}`,
      person: ines,
      announced: { ...CREATED, creates: 2 },
      run: (client, notices) => client.oracleORC.pushProfile({ ...from(ines), targetParameters: oracleORC }, notices),
    },
  ];
}

function originOf(simulators: Simulators) {
  const { originParameters } = simulators.addresses().hrflow;
  return ({ key }: Person) => ({ originParameters: { ...originParameters, profile_key: key } });
}

function personOf({ key, info }: { key: string; info: { full_name: string; email: string } }): Person {
  return { key, name: info.full_name, email: info.email };
}

/** Adds a profile with half a year of experience. */
function putBeginner({ files, hrflow }: Simulators) {
  const cv = samplePdf('CV Camille');
  const cvUrl = files.put('cv/cv-camille.pdf', cv, 'application/pdf');
  const profile = { ...makeProfile(6, { cvUrl, cvSize: cv.length }), experiences_duration: 0.5 };
  hrflow.putProfile(HRFLOW_ACCOUNT.source_key, profile);
  return profile;
}

function breakOracleOnceFor({ email }: Person, { oracleORC }: Simulators): void {
  oracleORC.faults.add({
    operation: 'create',
    match: ({ body }) => body.includes(email),
    fault: { kind: 'status', status: 503, headers: { 'Retry-After': String(RETRY_AFTER_SECONDS) } },
  });
}

function putIntoFlatchr({ email, name }: Person, { flatchr }: Simulators): void {
  const [firstname, lastname] = name.split(' ');
  flatchr.addApplicant({
    email,
    vacancySlug: flatchr.vacancies[0]?.slug ?? '',
    ...(firstname && lastname && { firstname, lastname }),
    createdAt: Date.now() - 30 * DAY_MS,
  });
}
