import { jsonAnswer, type Answer, type Reply } from '../answers';
import { HttpSimulator, type Clock, type RecordedRequest, type Route } from '../http-server';

const OBJECT_KEY = /^[0-9a-f]{40}$/;

/** What a key may do (facts 1.1). */
export type KeyPermission = 'all' | 'read' | 'write';

/** Behavior that the facts leave open. */
export interface HrflowSwitches {
  /** Media type of JSON answers; some proxies add a charset. Default `application/json`. */
  contentType: 'application/json' | 'application/json; charset=utf-8';
  /** Under which name `GET /auth` gives the permission of the key; `none` gives the team alone. Default `api_key_permission`. */
  permissionMember: 'api_key_permission' | 'api_secret_permission' | 'none';
}

/** What the simulator must know about a profile. Everything else is returned as stored. */
export interface StoredProfile {
  key: string;
  reference?: string | null;
}

/** Invented account: one API key per permission. */
export const HRFLOW_ACCOUNT = {
  api_user: 'integration@example.test',
  keys: {
    all: 'ask_00112233445566778899aabbccddeeff',
    read: 'askr_112233445566778899aabbccddeeff00',
    write: 'askw_2233445566778899aabbccddeeff0011',
  },
  source_key: '5a0e1f2d3c4b5a69788796a5b4c3d2e1f0a1b2c3',
} as const;

const DEFAULTS: HrflowSwitches = { contentType: 'application/json', permissionMember: 'api_key_permission' };

/** HrFlow.ai as far as a push reads it (facts 1.1 to 1.6). */
export class HrflowSimulator extends HttpSimulator<HrflowSwitches> {
  /** Base address, with `/v1` and without a trailing slash. */
  url = '';
  private readonly sources = new Map<string, Map<string, StoredProfile>>();

  constructor(switches: Partial<HrflowSwitches> = {}, now?: Clock) {
    super({ ...DEFAULTS, ...switches }, now);
    this.addSource(HRFLOW_ACCOUNT.source_key);
  }

  protected readonly routes: Route[] = [
    { operation: 'read', method: 'GET', path: /^\/v1\/profile\/indexing$/, handle: (request) => this.read(request) },
    { operation: 'auth', method: 'GET', path: /^\/v1\/auth$/, handle: (request) => this.checkKey(request) },
  ];

  /** Opens the port. */
  async start(): Promise<this> {
    this.url = `${await this.listen()}/v1`;
    return this;
  }

  /** Adds an empty source. */
  addSource(sourceKey: string): void {
    if (!this.sources.has(sourceKey)) this.sources.set(sourceKey, new Map());
  }

  /** Puts a profile into a source, replacing the one of that key. Adds the source if it is unknown. */
  putProfile(sourceKey: string, profile: StoredProfile): void {
    this.addSource(sourceKey);
    this.sources.get(sourceKey)?.set(profile.key, profile);
  }

  /** Removes a profile. */
  removeProfile(sourceKey: string, profileKey: string): void {
    this.sources.get(sourceKey)?.delete(profileKey);
  }

  /** Returns the keys of a source's profiles, in insertion order. */
  profileKeys(sourceKey: string = HRFLOW_ACCOUNT.source_key): string[] {
    return [...(this.sources.get(sourceKey)?.keys() ?? [])];
  }

  override reset(): void {
    super.reset();
    this.sources.clear();
    this.addSource(HRFLOW_ACCOUNT.source_key);
  }

  protected errorAnswer(_request: RecordedRequest, status: number, message: string): Answer {
    return this.envelope(status, message);
  }

  protected override unauthorizedAnswer(): Answer {
    return this.envelope(401, 'Unauthorized. The API key or the account is not known.');
  }

  private checkKey(request: RecordedRequest): Reply {
    const permission = permissionOf(request);
    if (permission === null) return this.unauthorizedAnswer();
    const { permissionMember } = this.switches;
    const told = permissionMember === 'none' ? {} : { [permissionMember]: permission };
    return this.envelope(200, 'Auth details', { team_name: 'Invented team', team_subdomain: 'invented', ...told });
  }

  private read(request: RecordedRequest): Reply {
    const permission = permissionOf(request);
    if (permission === null) return this.unauthorizedAnswer();
    if (permission === 'write') return this.envelope(401, 'Unauthorized. The permission of the key is write only.');
    const { source_key: sourceKey = '', key, reference } = request.query;
    if (!OBJECT_KEY.test(sourceKey)) return this.envelope(400, 'Invalid parameters. source_key: not a key.');
    const profiles = this.sources.get(sourceKey);
    if (profiles === undefined) return this.envelope(400, 'Invalid parameters. Unable to find object: source');
    if (!key && !reference) return this.envelope(400, 'Invalid parameters. Either key or reference is required.');
    const profile = key ? profiles.get(key) : [...profiles.values()].find((one) => one.reference === reference);
    if (profile === undefined) return this.envelope(400, 'Invalid parameters. Unable to find object: profile');
    return this.envelope(200, 'Profile details', profile);
  }

  private envelope(code: number, message: string, data?: unknown): Answer {
    return jsonAnswer(code, { code, message, ...(data !== undefined && { data }) }, this.switches.contentType);
  }
}

function permissionOf({ headers }: RecordedRequest): KeyPermission | null {
  if (headers['x-user-email'] !== HRFLOW_ACCOUNT.api_user) return null;
  const { all, read, write } = HRFLOW_ACCOUNT.keys;
  switch (headers['x-api-key']) {
    case all:
      return 'all';
    case read:
      return 'read';
    case write:
      return 'write';
    default:
      return null;
  }
}
