import { createHash } from 'node:crypto';
import { equalIgnoringCase, type JsonObject } from '../json';
import type { CheckedApplicant, FlatchrFile } from './payload';
import type { FlatchrSwitches } from './switches';

/** A customer of Flatchr. */
export interface Company {
  /** The encoded id that paths hold. */
  key: string;
  /** Whether the customer has the option that allows enrichment. */
  premium: boolean;
}

/** A vacancy with its three identifiers (facts 2.1). */
export interface Vacancy {
  companyKey: string;
  /** Encoded. */
  id: string;
  vacancy_id: number;
  slug: string;
  title: string;
}

/** One application of a person to a vacancy. */
export interface StoredApplicant {
  applicantId: string;
  candidateId: string;
  companyKey: string;
  vacancySlug: string;
  vacancyId: number;
  /** First label of the address that the create went to. */
  subdomain: string;
  firstname: string;
  lastname: string;
  email: string | null;
  phone: string | null;
  /** Time of the commit, epoch milliseconds. */
  at: number;
  /** When searches and enrichments start to see it, epoch milliseconds. */
  visibleAt: number;
  archived: boolean;
  /** The body of the create as it came. */
  document: JsonObject;
  file: FlatchrFile | null;
}

/** One accepted enrichment. */
export interface StoredEnrichment {
  companyId: string;
  /** The `reference` of the request. */
  email: string;
  /** Time of the commit, epoch milliseconds. */
  at: number;
  document: JsonObject;
  /** Tells whether someone with that e-mail address was there at that moment. */
  candidateFound: boolean;
  /** The people whom it was attached to. */
  candidateIds: string[];
}

/** Invented customer with three vacancies. */
export const FLATCHR_COMPANY: Company = { key: 'Zq4RtYp7Lm2XcV9b', premium: true };

const SEEDED = ['Développeur H/F', 'Chargée de recrutement', 'Comptable'];

/** Companies, vacancies, applicants and enrichments. */
export class FlatchrStore {
  readonly companies = new Map<string, Company>();
  readonly vacancies: Vacancy[] = [];
  readonly applicants: StoredApplicant[] = [];
  readonly enrichments: StoredEnrichment[] = [];
  private lastId = 0;

  constructor() {
    this.seed();
  }

  /** Back to the invented customer and nobody who applied. */
  clear(): void {
    this.companies.clear();
    for (const list of [this.vacancies, this.applicants, this.enrichments]) list.length = 0;
    this.seed();
  }

  /** Adds a vacancy; what is left out is made up. */
  addVacancy(given: Partial<Vacancy> & { title: string }): Vacancy {
    const number = this.vacancies.length + 1;
    const companyKey = given.companyKey ?? FLATCHR_COMPANY.key;
    if (!this.companies.has(companyKey)) this.companies.set(companyKey, { key: companyKey, premium: true });
    const prefix = encodedId(`slug ${number}`).slice(0, 10).toLowerCase();
    const readable = given.title
      .normalize('NFD')
      .replaceAll(/\p{M}/gu, '')
      .toLowerCase()
      .replaceAll(/[^a-z]+/g, '-');
    const vacancy = {
      companyKey,
      id: encodedId(`vacancy ${number}`),
      vacancy_id: 7100 + number,
      slug: `${prefix}-${readable}`,
      ...given,
    };
    this.vacancies.push(vacancy);
    return vacancy;
  }

  /** Stores an application; the person is joined or new as the switch says. */
  addApplicant(
    checked: CheckedApplicant,
    vacancy: Vacancy,
    rest: { subdomain: string; at: number; visibleAt: number; candidates: FlatchrSwitches['candidates'] },
  ): StoredApplicant {
    const { candidates, ...where } = rest;
    const known = this.applicants.find((one) => {
      return one.companyKey === vacancy.companyKey && equalIgnoringCase(one.email, checked.email);
    });
    const candidateId = candidates === 'mergeByEmail' ? known?.candidateId : undefined;
    const stored: StoredApplicant = {
      applicantId: this.nextId('applicant'),
      candidateId: candidateId ?? this.nextId('candidate'),
      companyKey: vacancy.companyKey,
      vacancyId: vacancy.vacancy_id,
      archived: false,
      ...checked,
      ...where,
    };
    this.applicants.push(stored);
    return stored;
  }

  private seed(): void {
    this.companies.set(FLATCHR_COMPANY.key, FLATCHR_COMPANY);
    for (const title of SEEDED) this.addVacancy({ title });
  }

  private nextId(kind: string): string {
    this.lastId += 1;
    return encodedId(`${kind} ${this.lastId}`);
  }
}

// The system's ids look random and say nothing; these are the same in every run.
function encodedId(seed: string): string {
  return createHash('sha256').update(seed).digest('base64').replaceAll(/[+/=]/g, '').slice(0, 16);
}
