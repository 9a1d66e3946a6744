import { answer, htmlAnswer, jsonAnswer, type Answer, type Reply } from '../answers';
import { HttpSimulator, type Clock, type RecordedRequest, type Route } from '../http-server';
import { isObject, type JsonObject } from '../json';
import { CHILDREN } from './attributes';
import { attributesOf, OracleCandidateStore, type StoredOracleCandidate } from './candidates';
import { itemLinks, readCollection } from './collection';
import { checkCandidate } from './payload';
import { ORACLE_DEFAULTS, type OracleSwitches } from './switches';

const ITEM = 'application/vnd.oracle.adf.resourceitem+json';
const COLLECTION = 'application/vnd.oracle.adf.resourcecollection+json';
const ERROR = 'application/vnd.oracle.adf.error+json';
const LATEST_VERSION = 8;
const BASE = String.raw`^\/hcmRestApi\/resources\/(?:11\.13\.18\.05|latest)\/recruitingCandidates`;

/** Title of the statuses that the facts list for Oracle (facts 4.5). */
const TITLES: Record<number, string> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  406: 'Not Acceptable',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Invented account for Basic authentication; the password holds a colon. */
export const ORACLE_ACCOUNT = { username: 'integration.user', password: 'invented:password' } as const;

/** Oracle Fusion Cloud Recruiting as far as candidates go (facts 4). */
export class OracleSimulator extends HttpSimulator<OracleSwitches> {
  /** Origin, without a trailing slash. */
  url = '';
  private readonly store = new OracleCandidateStore();

  constructor(switches: Partial<OracleSwitches> = {}, now?: Clock) {
    super({ ...ORACLE_DEFAULTS, ...switches }, now);
  }

  protected readonly routes: Route[] = [
    this.route('create', 'POST', '$', (request) => this.create(request)),
    this.route('search', 'GET', '$', (request) => this.list(request)),
    this.route('read', 'GET', String.raw`\/(?<number>[^/]+)$`, (request, params) => this.read(request, params)),
    this.route('readChildren', 'GET', String.raw`\/(?<number>[^/]+)\/child\/(?<child>\w+)$`, (request, params) =>
      this.readChildren(request, params),
    ),
  ];

  /** Opens the port. */
  async start(): Promise<this> {
    this.url = await this.listen();
    return this;
  }

  /** Every candidate, oldest first. */
  get candidates(): readonly StoredOracleCandidate[] {
    return this.store.candidates;
  }

  /**
   * Adds a candidate as if it had been created earlier.
   *
   * @param createdAt - epoch milliseconds
   */
  addCandidate(document: JsonObject, createdAt: number): StoredOracleCandidate {
    return this.store.add(document, { at: createdAt, visibleAt: createdAt });
  }

  override reset(): void {
    super.reset();
    this.store.clear();
  }

  protected errorAnswer(request: RecordedRequest, status: number, message: string, path = ''): Answer {
    if (versionOf(request) < 4) return answer(status, 'text/plain', message);
    const detail = { detail: message, 'o:errorCode': '27000', ...(path !== '' && { 'o:errorPath': path }) };
    const shown = this.switches.statusType === 'string' ? String(status) : status;
    const body = { title: TITLES[status] ?? 'Error', status: shown, 'o:errorDetails': [detail] };
    return jsonAnswer(status, body, ERROR);
  }

  protected override unauthorizedAnswer(): Answer {
    const plain = this.switches.unauthorizedBody === 'html' ? htmlAnswer(401) : answer(401, '', '');
    return { ...plain, headers: { ...plain.headers, 'WWW-Authenticate': 'Basic realm="hcmRestApi"' } };
  }

  private route(operation: string, method: string, path: string, handle: Route['handle']): Route {
    const guarded: Route['handle'] = (request, params) => this.refusal(request) ?? handle(request, params);
    return { operation, method, path: new RegExp(BASE + path), handle: guarded };
  }

  // Every operation of Oracle checks this first.
  private refusal(request: RecordedRequest): Answer | null {
    if (!isAuthorized(request)) return this.unauthorizedAnswer();
    const version = versionOf(request);
    if (!(version >= 1 && version <= LATEST_VERSION)) {
      return answer(400, 'text/plain', `REST-Framework-Version has to be 1 to ${LATEST_VERSION}.`);
    }
    if (!acceptsJson(request)) return this.errorAnswer(request, 406, 'No media type that can be sent is accepted.');
    return null;
  }

  private create(request: RecordedRequest): Reply {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
    if (type !== 'application/json' && type !== ITEM) {
      return this.errorAnswer(request, 415, `The media type ${type === '' ? '(none)' : type} is not supported.`);
    }
    const document = request.json;
    if (!isObject(document)) return this.errorAnswer(request, 400, 'The body is no JSON object.');
    checkCandidate(document, this.switches);
    const email = typeof document.Email === 'string' ? document.Email : null;
    if (this.switches.duplicateEmail === 'reject' && this.store.hasEmail(email)) {
      return this.errorAnswer(request, 400, 'A duplicate candidate with this e-mail address exists.', '/Email');
    }
    return { commit: () => this.commit(request, document) };
  }

  private commit(request: RecordedRequest, document: JsonObject): Answer {
    const at = this.now();
    const spelling = this.switches.storedSpelling;
    const candidate = this.store.add(document, { at, visibleAt: at + this.visibleAfterMs, spelling });
    const children = [...CHILDREN.keys()].filter((name) => Array.isArray(document[name]));
    const nested = children.map((name) => [name, this.children(request, candidate, name)]);
    return jsonAnswer(201, { ...this.item(request, candidate), ...Object.fromEntries(nested) }, ITEM);
  }

  private list(request: RecordedRequest): Reply {
    const visible = this.store.candidates.filter(({ visibleAt }) => visibleAt <= this.now());
    const { deepestOffset } = this.switches;
    const asked = { query: request.query, version: versionOf(request), deepestOffset, href: this.href(request) };
    return jsonAnswer(200, readCollection(visible, asked), COLLECTION);
  }

  private read(request: RecordedRequest, params: Record<string, string>): Reply {
    const candidate = this.find(params.number);
    if (candidate === undefined) return this.errorAnswer(request, 404, 'There is no such candidate.');
    return jsonAnswer(200, this.item(request, candidate), ITEM);
  }

  private readChildren(request: RecordedRequest, { number, child = '' }: Record<string, string>): Reply {
    const candidate = this.find(number);
    if (candidate === undefined || !CHILDREN.has(child)) return this.errorAnswer(request, 404, 'Not found.');
    return jsonAnswer(200, collectionOf(childItems(candidate, child)), COLLECTION);
  }

  private find(number: string | undefined): StoredOracleCandidate | undefined {
    return this.store.candidates.find((one) => one.candidateNumber === number && one.visibleAt <= this.now());
  }

  private item(request: RecordedRequest, candidate: StoredOracleCandidate): JsonObject {
    const row = attributesOf(candidate);
    return { ...row, links: itemLinks(row, this.href(request)) };
  }

  // Below version 3 nested children are plain lists (facts 4.1).
  private children(request: RecordedRequest, candidate: StoredOracleCandidate, name: string): unknown {
    const items = childItems(candidate, name);
    return versionOf(request) >= 3 ? collectionOf(items) : items;
  }

  private href({ path }: RecordedRequest): string {
    return `${this.url}${path.replace(/(recruitingCandidates).*$/, '$1')}`;
  }
}

function versionOf({ headers }: RecordedRequest): number {
  return Number(headers['rest-framework-version'] ?? '1');
}

function isAuthorized({ headers }: RecordedRequest): boolean {
  const [, encoded = ''] = /^Basic (\S+)$/i.exec(headers.authorization ?? '') ?? [];
  const { username, password } = ORACLE_ACCOUNT;
  return Buffer.from(encoded, 'base64').toString('utf8') === `${username}:${password}`;
}

function acceptsJson({ headers }: RecordedRequest): boolean {
  const accepted = headers.accept ?? '*/*';
  return /\*\/\*|application\/(\*|json|vnd\.oracle\.adf\.)/i.test(accepted);
}

function childItems({ document }: StoredOracleCandidate, name: string): JsonObject[] {
  const list = document[name];
  if (!Array.isArray(list)) return [];
  // The bytes of an attachment have their own address.
  return list.filter(isObject).map(({ FileContents: _bytes, ...item }) => item);
}

function collectionOf(items: JsonObject[]): JsonObject {
  return { items, count: items.length, hasMore: false, limit: 25, offset: 0, links: [] };
}
