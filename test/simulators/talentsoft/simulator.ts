import { answer, htmlAnswer, jsonAnswer, withHeaders, type Answer, type Reply } from '../answers';
import { HttpSimulator, type Clock, type RecordedRequest, type Route } from '../http-server';
import { readApplication, type CheckedApplication } from './application';
import { CandidateStore, type StoredApplication, type StoredCandidate } from './candidates';
import { exportPage, parseFilter } from './exports';
import { TALENTSOFT_DEFAULTS, type TalentSoftSwitches } from './switches';
import { EXPORT_SCOPE, TokenOffice } from './tokens';

const DEFAULT_EXPORT_LIMIT = 10;

/** A candidate who exists before the test begins. */
export interface EarlierCandidate {
  email: string;
  firstName?: string;
  lastName?: string;
  /** One application per offer; null stands for one without an offer. */
  offerReferences: (string | null)[];
  /** Epoch milliseconds. */
  createdAt: number;
}

/** Cegid TalentSoft: front office and back office, each on its own port (facts 3). */
export class TalentSoftSimulator extends HttpSimulator<TalentSoftSwitches> {
  /** Origin of the front office; the same as {@link frontUrl}. */
  url = '';
  /** Origin that takes applications. */
  frontUrl = '';
  /** Origin that exports candidates. */
  backUrl = '';
  private readonly store = new CandidateStore();
  private readonly tokens = new TokenOffice();

  constructor(switches: Partial<TalentSoftSwitches> = {}, now?: Clock) {
    super({ ...TALENTSOFT_DEFAULTS, ...switches }, now);
  }

  protected readonly routes: Route[] = [
    {
      operation: 'token',
      method: 'POST',
      site: 'front',
      path: /^\/api\/token$/,
      handle: (request) => this.tokens.issue(request, 'front', this.switches, this.now()),
    },
    {
      operation: 'token',
      method: 'POST',
      site: 'back',
      path: /^\/api\/token$/,
      handle: (request) => this.tokens.issue(request, 'back', this.switches, this.now()),
    },
    {
      operation: 'create',
      method: 'POST',
      site: 'front',
      path: /^\/api\/v2\/applicants\/applicationswithoutaccount$/,
      handle: (request) => this.create(request),
    },
    {
      operation: 'search',
      method: 'GET',
      site: 'back',
      path: /^\/api\/exports\/v1\/candidates$/,
      handle: (request) => this.exportCandidates(request),
    },
  ];

  /** Opens both ports. */
  async start(): Promise<this> {
    this.frontUrl = await this.listen('front');
    this.backUrl = await this.listen('back');
    this.url = this.frontUrl;
    return this;
  }

  /** Every stored application, in commit order. */
  get applications(): readonly StoredApplication[] {
    return this.store.applications;
  }

  /** Every candidate, oldest first. */
  get candidates(): readonly StoredCandidate[] {
    return this.store.candidates;
  }

  /** Adds a candidate as if they had applied earlier. */
  addCandidate({ email, firstName, lastName, offerReferences, createdAt }: EarlierCandidate): void {
    const personal = { email, firstName: firstName ?? 'Invented', lastName: lastName ?? 'Earlier' };
    const applicant = { personalInformation: personal };
    for (const offerReference of offerReferences) {
      const checked = { document: { applicant }, applicant, personal, offerReference, files: [] };
      this.store.add(checked, this.switches, { at: createdAt, visibleAt: createdAt });
    }
  }

  /** Invalidates every issued token, as if it had expired. */
  revokeTokens(): void {
    this.tokens.revokeAll();
  }

  override reset(): void {
    super.reset();
    this.store.clear();
    this.tokens.revokeAll();
  }

  protected errorAnswer(request: RecordedRequest, status: number, message: string): Answer {
    if (request.site === 'front' && this.switches.errorBody === 'html') return htmlAnswer(status);
    return jsonAnswer(status, { message });
  }

  protected override unauthorizedAnswer(request: RecordedRequest): Answer {
    const refusal = this.errorAnswer(request, 401, 'The access token is missing, unknown or expired.');
    return withHeaders(refusal, { 'WWW-Authenticate': 'Bearer' });
  }

  private create(request: RecordedRequest): Reply {
    if (this.tokens.judge(request, 'front', null, this.now()) !== 'granted') return this.unauthorizedAnswer(request);
    if (!/^multipart\/form-data\b/i.test(request.headers['content-type'] ?? '')) {
      return this.errorAnswer(request, 415, 'The body has to be multipart/form-data.');
    }
    const checked = readApplication(request, this.switches);
    if (this.switches.duplicate === '400' && this.store.hasApplied(checked)) {
      return this.errorAnswer(request, 400, 'An application of this person to this offer already exists.');
    }
    return { commit: () => this.commit(checked) };
  }

  private commit(checked: CheckedApplication): Answer {
    const at = this.now();
    const stored = this.store.add(checked, this.switches, { at, visibleAt: at + this.visibleAfterMs });
    const applicant = { id: stored.candidateId, ...checked.applicant };
    const application = {
      id: stored.applicationId,
      offerReference: stored.offerReference,
      offerTitle: null,
      isOfferPublished: stored.offerReference !== null,
      date: new Date(at).toISOString(),
      status: 'received',
      files: stored.files.map(({ name, description }) => ({ key: name, description })),
    };
    const flat = this.switches.answer === 'flat';
    return jsonAnswer(201, flat ? { ...applicant, application } : { applicant, application });
  }

  private exportCandidates(request: RecordedRequest): Reply {
    const standing = this.tokens.judge(request, 'back', EXPORT_SCOPE, this.now());
    if (standing === 'unauthorized') return this.unauthorizedAnswer(request);
    if (standing === 'forbidden') return this.errorAnswer(request, 403, `The scope ${EXPORT_SCOPE} is required.`);
    const { offset = '0', limit = String(DEFAULT_EXPORT_LIMIT), filter } = request.query;
    const wanted = filter === undefined ? () => true : parseFilter(filter, this.switches);
    const isPage = /^\d+$/.test(offset) && /^[1-9]\d*$/.test(limit) && Number(limit) <= this.switches.exportLimit;
    if (wanted === null || !isPage) return this.errorAnswer(request, 400, 'offset, limit or filter is wrong.');
    const found = this.candidates.filter((one) => this.isVisible(one) && wanted(one));
    const page = found.slice(Number(offset), Number(offset) + Number(limit));
    return answer(200, 'application/octet-stream', exportPage(page, this.store, this.switches, this.now()));
  }

  private isVisible(candidate: StoredCandidate): boolean {
    return this.store.visibleApplications(candidate, this.now()).length > 0;
  }
}
