import type { z } from 'zod';
import type { HttpCall } from '../http/client';
import type { Expectation } from '../http/classify';
import type { HttpAnswer } from '../http/outcome';
import type { TokenCache } from '../security/secrets/token-cache';
import type { Secret } from '../security/sensitivity';
import type { LookupAnswer, LookupKeys } from '../protocol/delivery';
import type { Action } from '../protocol/names';
import type { Profile } from '../profile/schema';

import type { FileReference } from './shared/file-reference';

export { profileSchema, type Profile } from '../profile/schema';

/** A JSON object: the form in which documents travel through Temporal. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** A system that workers call: what environment, settings and messages need to know of it. */
export interface System {
  /** As in the contract, the command line and the settings file. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** Settings of this system, with defaults for every key. */
  readonly settings: z.ZodType<ConnectorSettings>;
  /** Where the system is. Default: its addresses come with the parameters. */
  readonly baseUrl?: BaseUrl;
}

/** A base URL that the operator may set for the worker. The egress guard trusts its origin if it is set. */
export interface BaseUrl {
  /** The environment variable. */
  readonly variable: string;
  /** The URL if the variable is not set. May hold a placeholder such as `{subdomain}`, which the connector fills in. */
  readonly fallback: string;
  /** Returns what is wrong with a URL that was set, or null. Default: any http or https URL with a fixed domain is accepted. */
  readonly problemOf?: (url: string) => string | null;
}

/**
 * One applicant tracking system. A connector is a folder with the same few files as every other: `parameters.ts`,
 * `schemas.ts`, `format.ts`, `api.ts`, `index.ts`. Its `index.ts` exports one of these, and `registry.ts` lists it.
 */
export interface Connector extends System {
  /** What the connector can do. */
  readonly actions: Readonly<Partial<Record<Action, ConnectorAction>>>;
  /** Tells whether an enrichment with an unknown outcome may be retried. Default: yes. */
  readonly repeatsEnrichment?: (settings: ConnectorSettings) => boolean;
}

/** What every connector's settings hold. Times in milliseconds. See `docs/reference.md`. */
export interface ConnectorSettings {
  readonly connectTimeoutMs: number;
  readonly responseTimeoutMs: number;
  readonly retry: { readonly initialMs: number; readonly maximumMs: number; readonly giveUpAfterMs: number };
  readonly settleMs: number;
  readonly ratePerSecond: number;
  readonly maxInFlight: number;
  readonly attachmentMaxBytes: number;
}

/** What a connector can do for one action. */
export interface ConnectorAction {
  /** The target parameters, with secret and personal fields marked. */
  readonly parameters: z.ZodType;
  /** The document that a format has to return, be it the default or a user's. */
  readonly document: z.ZodType;
  /** The members of the target parameters that {@link BoundAction.destination} is made of. */
  readonly identityParameters: readonly string[];
  /** Whether applicants can be looked up at all. Some parameters may still not allow it: see {@link BoundAction.lookup}. */
  readonly canLookUp: boolean;
  /** Whether `authenticate` uses the network. If not, it is a local activity. */
  readonly networkAuth: boolean;
  /**
   * Binds the action to target parameters.
   *
   * @throws ZodError if they do not fit {@link parameters}
   */
  bind(targetParameters: unknown): BoundAction;
}

/** An action with its target parameters. */
export interface BoundAction {
  /** Identifies the push, together with connector, action and profile. Normalized. Never changes between releases. */
  readonly destination: readonly unknown[];
  /** Host or subdomain: the account that rate limits and `HrflowAccount` refer to. */
  readonly account: string;
  /** URLs that came with the parameters. The egress guard checks them before anything is read. */
  readonly tenantUrls: readonly { readonly path: string; readonly url: string }[];
  /** The create; null for an action without one. */
  readonly create: Create | null;
  /** The enrichment that follows the create; null if none was requested. */
  readonly enrichment: Enrichment | null;
  /** Looks up an applicant, or says as a sentence why these parameters do not allow it. */
  readonly lookup: Lookup | { readonly unavailable: string };
  /** Proves the credentials and warms this worker's token cache. Returns when they expire (epoch ms), or null. */
  authenticate(ctx: ConnectorContext): Promise<number | null>;
  /** What `hrflow-temporal check` tries without writing anything. */
  readonly checks: readonly ConnectorCheck[];
}

/** One step of `hrflow-temporal check`. */
export interface ConnectorCheck {
  readonly name: string;
  /** Returns what was seen, or null if nothing can be tried without writing. */
  run(ctx: ConnectorContext): Promise<string | CheckWarning | null>;
}

/** What a check that passed saw, and what somebody should do nevertheless. */
export interface CheckWarning {
  readonly seen: string;
  readonly todo: string;
}

/** A create: the document, the call, and how to read the response. */
export interface Create {
  /**
   * The default format. Pure.
   *
   * @param now the time in epoch milliseconds: a date far ahead of it means "still"
   */
  format(profile: Profile, settings: ConnectorSettings, now: number): JsonObject;
  /** Returns what a lookup needs to know of the document; null if the document lacks it. */
  lookupKeys(document: JsonObject): LookupKeys | null;
  /** Builds the call. */
  call(ctx: ConnectorContext, document: JsonObject, files: Files): Promise<HttpCall>;
  /** The statuses that prove the create. */
  readonly successStatuses: readonly number[];
  /** Tells whether an error response says that the applicant exists. Default: no response does. */
  readonly isDuplicate?: Expectation['isDuplicate'];
  /** Returns the applicant's id in the response; null if there is none or the body is unreadable. */
  readId(response: HttpAnswer): string | null;
}

/** An enrichment: sets attributes of an applicant. */
export interface Enrichment {
  /** As {@link Create.format}. */
  format(profile: Profile, settings: ConnectorSettings, now: number): JsonObject;
  /** Builds the call. */
  call(ctx: ConnectorContext, document: JsonObject): Promise<HttpCall>;
  /** The statuses that prove the enrichment. */
  readonly successStatuses: readonly number[];
  /** Returns the statuses that mean that the applicant is not known, or not yet. */
  notFound(settings: ConnectorSettings): readonly number[];
}

/** A way to look up an applicant. */
export interface Lookup {
  /** What the document must hold, for messages: `e-mail together with a last name`. */
  readonly requirement: string;
  /** Looks for the applicant. `not_found` needs a complete, well-formed response. */
  find(ctx: ConnectorContext, query: LookupQuery): Promise<LookupAnswer>;
}

/** What to look for. */
export interface LookupQuery {
  readonly lookupKeys: LookupKeys;
  /** The time of the first attempt (epoch ms); null for `lookupFirst`, which searches without dates. */
  readonly firstAttemptAt: number | null;
}

/** The downloaded attachments of a document. */
export type Files = (reference: FileReference) => Buffer;

/** What a connector may use. Built for one activity and one account. */
export interface ConnectorContext {
  readonly settings: ConnectorSettings;
  /** The base URL of this system, without a trailing slash; empty if it declares none. See {@link System.baseUrl}. */
  readonly baseUrl: string;
  /** Returns the value of a secret parameter. */
  secret(secret: Secret): Promise<string>;
  /**
   * Sends a call that must succeed and returns its JSON.
   *
   * @param successStatuses default 200
   * @throws StepError as the classifier says. A response of another shape is `unavailable`, which is retried
   */
  json<T>(call: HttpCall, schema: z.ZodType<T>, successStatuses?: readonly number[]): Promise<T>;
  /** Does the same for responses that are not JSON. */
  bytes(call: HttpCall, successStatuses?: readonly number[]): Promise<Buffer>;
  readonly tokens: TokenCache;
  /** Hides the secrets that this step has used. Apply it to another system's text before quoting it. */
  scrub(text: string): string;
  /** Returns the current time in epoch milliseconds. */
  now(): number;
}

/** The system that profiles are read from. */
export interface ProfileSource extends System {
  /** The origin parameters, with secret fields marked. */
  readonly parameters: z.ZodType;
  /** Whether `read_mode: incremental` is possible. */
  readonly supportsIncremental: boolean;
  /**
   * Binds the source to origin parameters.
   *
   * @throws ZodError if they do not fit {@link parameters}
   */
  bind(originParameters: unknown): BoundSource;
}

/** The source with its origin parameters. */
export interface BoundSource {
  /** The account that rate limits refer to. */
  readonly account: string;
  readonly profileKey: string;
  readonly sourceKey: string;
  /** Returns the profile; null if the source does not have it. */
  read(ctx: ConnectorContext): Promise<Profile | null>;
  /** As {@link BoundAction.checks}. */
  readonly checks: readonly ConnectorCheck[];
}
