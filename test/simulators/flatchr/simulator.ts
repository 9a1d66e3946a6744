import { jsonAnswer, type Answer, type Reply } from '../answers';
import { HttpSimulator, type Clock, type RecordedRequest, type Route } from '../http-server';
import { equalIgnoringCase, isObject, textOrNull, type JsonObject } from '../json';
import { withRespelled } from '../spelling';
import { readApplicant, type CheckedApplicant } from './payload';
import { readFilters, rowOf } from './search';
import { FlatchrStore, type Company, type StoredApplicant, type StoredEnrichment, type Vacancy } from './store';
import { FLATCHR_DEFAULTS, type FlatchrSwitches } from './switches';

/** The invented API key. */
export const FLATCHR_KEY = 'invented-flatchr-key-0123456789';

/** Words for the statuses that the simulator answers by itself. */
const ERRORS: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  409: 'Conflict',
  429: 'Too Many Requests',
};

/** An application that exists before the test begins. */
export interface EarlierApplicant {
  email: string;
  vacancySlug: string;
  firstname?: string;
  lastname?: string;
  archived?: boolean;
  /** Epoch milliseconds. */
  createdAt: number;
}

/** Flatchr (facts 2); the first segment of a path is the subdomain: `/careers/…` for `careers.flatchr.io/…`. */
export class FlatchrSimulator extends HttpSimulator<FlatchrSwitches> {
  /** Origin, without subdomain and trailing slash. */
  url = '';
  private readonly store = new FlatchrStore();

  constructor(switches: Partial<FlatchrSwitches> = {}, now?: Clock) {
    super({ ...FLATCHR_DEFAULTS, ...switches }, now);
  }

  protected readonly routes: Route[] = [
    this.route('create', 'POST', String.raw`vacancy\/candidate\/json`, (request, params) =>
      this.create(request, params.subdomain ?? ''),
    ),
    this.companyRoute('enrich', 'POST', String.raw`search\/candidate`, (request, company) =>
      this.enrich(request, company),
    ),
    this.companyRoute('search', 'POST', String.raw`search\/applicants`, (request, company) =>
      this.search(request, company),
    ),
    this.companyRoute('vacancies', 'GET', 'vacancies', (_request, company) => this.listVacancies(company)),
  ];

  /** Opens the port. */
  async start(): Promise<this> {
    this.url = await this.listen();
    return this;
  }

  /** Every stored application, in commit order. */
  get applicants(): readonly StoredApplicant[] {
    return this.store.applicants;
  }

  /** Every accepted enrichment, in commit order. */
  get enrichments(): readonly StoredEnrichment[] {
    return this.store.enrichments;
  }

  /** Every vacancy of every company. */
  get vacancies(): readonly Vacancy[] {
    return this.store.vacancies;
  }

  /** Adds a company or replaces the one of that key. */
  addCompany(company: Company): void {
    this.store.companies.set(company.key, company);
  }

  /** Adds a vacancy. Generates missing identifiers and an unknown company. */
  addVacancy(vacancy: Partial<Vacancy> & { title: string }): Vacancy {
    return this.store.addVacancy(vacancy);
  }

  /** Adds an application as if it had been made earlier. */
  addApplicant({ email, vacancySlug, firstname, lastname, archived, createdAt }: EarlierApplicant): StoredApplicant {
    const vacancy = this.vacancies.find(({ slug }) => slug === vacancySlug);
    if (vacancy === undefined) throw new Error(`There is no vacancy ${vacancySlug}.`);
    const names = { firstname: firstname ?? 'Invented', lastname: lastname ?? 'Earlier' };
    const checked = { vacancySlug, ...names, email, phone: null, document: {}, file: null };
    const { candidates } = this.switches;
    const when = { at: createdAt, visibleAt: createdAt };
    const stored = this.store.addApplicant(checked, vacancy, { subdomain: 'careers', candidates, ...when });
    stored.archived = archived ?? false;
    return stored;
  }

  override reset(): void {
    super.reset();
    this.store.clear();
  }

  protected errorAnswer(_request: RecordedRequest, status: number, message: string): Answer {
    return jsonAnswer(status, { statusCode: status, error: ERRORS[status] ?? 'Error', message });
  }

  private route(operation: string, method: string, path: string, handle: Route['handle']): Route {
    const guarded: Route['handle'] = (request, params) => {
      return this.isAuthorized(request) ? handle(request, params) : this.unauthorizedAnswer(request);
    };
    return { operation, method, path: new RegExp(String.raw`^\/(?<subdomain>[\w.-]+)\/${path}$`), handle: guarded };
  }

  private companyRoute(
    operation: string,
    method: string,
    path: string,
    handle: (request: RecordedRequest, company: Company) => Reply,
  ): Route {
    return this.route(operation, method, String.raw`company\/(?<company>[^/]+)\/${path}`, (request, params) => {
      const company = this.store.companies.get(params.company ?? '');
      return company === undefined ? this.errorAnswer(request, 404, 'Company not found.') : handle(request, company);
    });
  }

  private isAuthorized({ headers, query }: RecordedRequest): boolean {
    const { acceptRawKey, acceptQueryToken } = this.switches;
    const header = headers.authorization;
    if (header === undefined) return acceptQueryToken && query.token === FLATCHR_KEY;
    return /^Bearer (.+)$/i.exec(header)?.[1] === FLATCHR_KEY || (acceptRawKey && header === FLATCHR_KEY);
  }

  private create(request: RecordedRequest, subdomain: string): Reply {
    const token = isObject(request.json) ? request.json.token : undefined;
    if (token === undefined ? this.switches.tokenInBody === 'required' : token !== FLATCHR_KEY) {
      return this.errorAnswer(request, 401, 'The token of the body is missing or wrong.');
    }
    return this.accept(request, subdomain, readApplicant(request.json, this.switches));
  }

  private accept(request: RecordedRequest, subdomain: string, checked: CheckedApplicant): Reply {
    const vacancy = this.vacancies.find(({ slug }) => slug === checked.vacancySlug);
    if (vacancy === undefined) return this.errorAnswer(request, 404, 'Vacancy not found.');
    const { candidates, createStatus, duplicate } = this.switches;
    const isKnown = this.applicants.some((one) => {
      return one.vacancyId === vacancy.vacancy_id && equalIgnoringCase(one.email, checked.email);
    });
    if (isKnown && duplicate === '409') return this.errorAnswer(request, 409, 'The candidate has applied already.');
    if (isKnown && duplicate === '400') {
      return this.errorAnswer(request, 400, 'Ce candidat a déjà postulé à cette annonce.');
    }
    const response = textOrNull(checked.document.response_text) ?? 'applicant created';
    return {
      commit: () => {
        const at = this.now();
        const visibleAt = at + this.visibleAfterMs;
        const stored = { ...checked, ...respelledPerson(checked, this.switches) };
        this.store.addApplicant(stored, vacancy, { subdomain, at, visibleAt, candidates });
        return jsonAnswer(createStatus, { statusCode: createStatus, response });
      },
    };
  }

  private enrich(request: RecordedRequest, company: Company): Reply {
    if (!company.premium) return this.errorAnswer(request, 403, 'The CV library option is required.');
    const document = request.json;
    const email = isObject(document) ? textOrNull(document.reference) : null;
    if (!isObject(document) || email === null || !isObject(document.value)) {
      return this.errorAnswer(request, 400, 'reference and value are required.');
    }
    const found = this.visible(company).filter((one) => equalIgnoringCase(one.email, email));
    const candidateIds = [...new Set(found.map(({ candidateId }) => candidateId))];
    const candidateFound = candidateIds.length > 0;
    const { enrichUnknown } = this.switches;
    if (!candidateFound && enrichUnknown !== 'accept') {
      return this.errorAnswer(request, Number(enrichUnknown), 'Candidate not found.');
    }
    const stored = { companyId: company.key, email, document, candidateFound, candidateIds };
    return {
      commit: () => {
        this.store.enrichments.push({ ...stored, at: this.now() });
        return jsonAnswer(200, { statusCode: 200, message: { resource_type: 'attribute', action: 'created' } });
      },
    };
  }

  private search(request: RecordedRequest, company: Company): Reply {
    if (!isObject(request.json)) return this.errorAnswer(request, 400, 'The body is no JSON object.');
    const isWanted = readFilters(request.json, this.switches);
    const rows = this.visible(company).flatMap((applicant) => {
      const vacancy = this.vacancies.find(({ vacancy_id: id }) => id === applicant.vacancyId);
      return vacancy === undefined ? [] : [{ applicant, vacancy }];
    });
    return jsonAnswer(
      200,
      rows.filter(isWanted).map((row) => rowOf(row, this.switches)),
    );
  }

  private listVacancies(company: Company): Reply {
    const own = this.vacancies.filter(({ companyKey }) => companyKey === company.key);
    return jsonAnswer(200, own.map(vacancyOf));
  }

  private visible(company: Company): StoredApplicant[] {
    return this.store.applicants.filter((one) => one.companyKey === company.key && one.visibleAt <= this.now());
  }
}

function respelledPerson(
  { firstname, lastname, email }: CheckedApplicant,
  { storedSpelling }: FlatchrSwitches,
): Pick<CheckedApplicant, 'firstname' | 'lastname' | 'email'> {
  return withRespelled({ firstname, lastname, email }, ['firstname', 'lastname', 'email'], storedSpelling);
}

function vacancyOf({ companyKey, id, vacancy_id, slug, title }: Vacancy): JsonObject {
  return {
    id,
    vacancy_id,
    slug,
    title,
    reference: null,
    company_id: companyKey,
    status: 1,
    language: 'fr_FR',
    description: '',
    mission: '',
    profile: '',
    currency: 'EUR',
    skills: '',
  };
}
