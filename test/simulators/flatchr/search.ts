import { equalIgnoringCase, scalarText, type JsonObject } from '../json';
import { Refusal } from '../refusal';
import type { StoredApplicant, Vacancy } from './store';
import type { FlatchrSwitches } from './switches';

interface Row {
  applicant: StoredApplicant;
  vacancy: Vacancy;
}

type Filter = (row: Row) => boolean;

const COLUMN = 'Candidatures';

/**
 * Reads the filters of `search/applicants` (facts 2.5); those that are missing or not known let everybody through.
 *
 * @throws Refusal naming the invalid filter
 */
export function readFilters(body: JsonObject, { emailFilter }: FlatchrSwitches): Filter {
  const filters: Record<string, (wanted: string) => Filter> = {
    firstname: (wanted) => (row) => equalIgnoringCase(row.applicant.firstname, wanted),
    lastname: (wanted) => (row) => equalIgnoringCase(row.applicant.lastname, wanted),
    phone: (wanted) => (row) => row.applicant.phone === wanted,
    email: (wanted) => (row) => emailMatches(row.applicant.email, wanted, emailFilter),
    vacancy: (wanted) => (row) => row.vacancy.id === wanted,
    company: (wanted) => (row) => row.vacancy.companyKey === wanted,
    column: (wanted) => () => wanted === COLUMN,
    hired: (wanted) => () => wanted === 'false',
    status: (wanted) => (row) => String(statusOf(row.applicant)) === wanted,
    start: (wanted) => (row) => row.applicant.at >= monthFirst(wanted),
    end: (wanted) => (row) => row.applicant.at < monthFirst(wanted) + DAY_MS,
    start_update: (wanted) => (row) => row.applicant.at >= monthFirst(wanted),
    end_update: (wanted) => (row) => row.applicant.at < monthFirst(wanted) + DAY_MS,
  };
  const active = Object.entries(filters).flatMap(([name, make]) => {
    const wanted = body[name];
    if (wanted === undefined || wanted === null || wanted === '') return [];
    const text = scalarText(wanted);
    if (text === null) throw new Refusal(`${name} has to be a text.`);
    if (/^(start|end)/.test(name)) monthFirst(text);
    return [make(text)];
  });
  return (row) => active.every((filter) => filter(row));
}

/** One row of the answer; its dates are day first, while those of the request are month first (facts 2.5). */
export function rowOf({ applicant, vacancy }: Row, { vacancyIdInSearch, emailInSearch }: FlatchrSwitches): JsonObject {
  const day = dayFirst(applicant.at);
  return {
    applicant: applicant.applicantId,
    vacancy: vacancy.title,
    column: COLUMN,
    ...(vacancyIdInSearch && { vacancy_id: vacancy.vacancy_id }),
    external_id: null,
    status: statusOf(applicant),
    score: 0,
    hired: false,
    firstname: applicant.firstname,
    lastname: applicant.lastname,
    ...(emailInSearch && { email: applicant.email }),
    phone: applicant.phone,
    created_at: day,
    updated_at: day,
    source: 'API',
  };
}

const DAY_MS = 86_400_000;

function statusOf({ archived }: StoredApplicant): 0 | 1 {
  return archived ? 0 : 1;
}

function emailMatches(email: string | null, wanted: string, mode: FlatchrSwitches['emailFilter']): boolean {
  if (mode === 'contains') return email?.toLowerCase().includes(wanted.toLowerCase()) ?? false;
  return mode === 'exact' ? email === wanted : equalIgnoringCase(email, wanted);
}

function monthFirst(text: string): number {
  const [, month, day, year] = /^(\d{2})\/(\d{2})\/(\d{2})$/.exec(text) ?? [];
  const date = new Date(`20${year}-${month}-${day}T00:00:00Z`);
  if (Number.isNaN(date.getTime())) throw new Refusal(`${text} is no date of the form MM/DD/YY.`);
  return date.getTime();
}

function dayFirst(at: number): string {
  const [year = '', month, day] = new Date(at).toISOString().slice(0, 10).split('-');
  return `${day}/${month}/${year.slice(2)}`;
}
