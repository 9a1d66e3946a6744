import { afterAll, afterEach, beforeAll } from '@jest/globals';
import {
  FLATCHR_COMPANY,
  FLATCHR_KEY,
  HRFLOW_ACCOUNT,
  ORACLE_ACCOUNT,
  startSimulators,
  TALENTSOFT_ACCOUNT,
  type Simulators,
} from '../../simulators';

/** A clock that only a test moves. */
class TestClock {
  /** Epoch milliseconds. */
  time = Date.parse('2024-02-01T08:00:00.250Z');

  /** The moment that the clock shows. */
  readonly now = (): number => this.time;

  /** Moves on by milliseconds. */
  advance(milliseconds: number): void {
    this.time += milliseconds;
  }
}

/** Returns a value inside a JSON document; undefined if the path does not exist. */
export function dig(document: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>((value, step) => {
    if (typeof value !== 'object' || value === null) return undefined;
    return Object.entries(value).find(([name]) => name === String(step))?.[1];
  }, document);
}

/** Starts the simulators of one test file before the first test and resets them after each. */
export function useSimulators(): { clock: TestClock; get: () => Simulators } {
  const clock = new TestClock();
  let simulators: Simulators | undefined;
  const get = (): Simulators => {
    if (simulators === undefined) throw new Error('The simulators are not started yet.');
    return simulators;
  };
  beforeAll(async () => {
    simulators = await startSimulators({ now: clock.now });
  });
  afterEach(() => get().reset());
  afterAll(() => get().close());
  return { clock, get };
}

/** Headers of a good HrFlow call. */
export const HRFLOW_HEADERS = { 'X-API-KEY': HRFLOW_ACCOUNT.keys.all, 'X-USER-EMAIL': HRFLOW_ACCOUNT.api_user };

/** Headers of a good Oracle call; errors come as JSON. */
export const ORACLE_HEADERS = {
  Authorization: `Basic ${Buffer.from(`${ORACLE_ACCOUNT.username}:${ORACLE_ACCOUNT.password}`).toString('base64')}`,
  'REST-Framework-Version': '4',
  'Content-Type': 'application/json',
};

/** Headers of a good Flatchr call. */
export const FLATCHR_HEADERS = { Authorization: `Bearer ${FLATCHR_KEY}`, 'Content-Type': 'application/json' };

/** Asks TalentSoft for a token; the back office for exports. */
export async function requestToken(
  { talentSoft }: Simulators,
  office: 'front' | 'back',
  changes: Record<string, string> = office === 'back' ? { scope: 'MatchingIndexation' } : {},
): Promise<Response> {
  const { id, secret } = TALENTSOFT_ACCOUNT[office];
  const form = { grant_type: 'client_credentials', client_id: id, client_secret: secret, ...changes };
  const url = office === 'front' ? talentSoft.frontUrl : talentSoft.backUrl;
  return fetch(`${url}/api/token`, { method: 'POST', body: new URLSearchParams(form) });
}

/** The `Authorization` header of a fresh TalentSoft token. */
export async function bearer(simulators: Simulators, office: 'front' | 'back'): Promise<{ Authorization: string }> {
  const token = await (await requestToken(simulators, office)).json();
  return { Authorization: `Bearer ${String(dig(token, 'access_token'))}` };
}

/** Creates a valid applicant in Flatchr, with the given changes. */
export function createApplicant(
  { flatchr }: Simulators,
  changes: Record<string, unknown> = {},
  headers: Record<string, string> = FLATCHR_HEADERS,
  signal?: AbortSignal,
): Promise<Response> {
  const body = {
    vacancy: flatchr.vacancies[0]?.slug,
    firstname: 'Zoé',
    lastname: 'Exemple',
    type: 'document',
    email: 'zoe@example.test',
    resume: { data: 'JVBERi0xLjQK', fileName: 'cv.pdf', contentType: 'application/pdf' },
    ...changes,
  };
  const url = `${flatchr.url}/careers/vacancy/candidate/json`;
  return fetch(url, { method: 'POST', headers, body: JSON.stringify(body), signal });
}

/** Posts JSON to a company of Flatchr. */
export function postToCompany(
  { flatchr }: Simulators,
  path: string,
  body: unknown,
  company: string = FLATCHR_COMPANY.key,
): Promise<Response> {
  const url = `${flatchr.url}/api/company/${company}/${path}`;
  return fetch(url, { method: 'POST', headers: FLATCHR_HEADERS, body: JSON.stringify(body) });
}
