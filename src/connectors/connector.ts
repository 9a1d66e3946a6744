import type { z } from 'zod';
import type { HttpCall } from '../http/client';
import type { Expectation } from '../http/classify';
import type { HttpAnswer } from '../http/outcome';
import type { Secret } from '../security/sensitivity';
import type { LookupAnswer, LookupKeys } from '../protocol/delivery';
import type { Action } from '../protocol/names';
import type { Profile } from '../profile/schema';

import type { FileReference } from './shared/file-reference';

export { profileSchema, type Profile } from '../profile/schema';

/** A JSON object: the form in which documents travel through Temporal. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * One applicant tracking system. A connector is a folder with the same few files as every other: `parameters.ts`,
 * `schemas.ts`, `format.ts`, `api.ts`, `index.ts`; its `index.ts` exports one of these, and `registry.ts` lists it.
 */
export interface Connector {
  /** As in the contract, the command line and the settings file: `flatchr`, `talentSoft`, `oracleORC`. */
  readonly name: string;
  /** As people write it. */
  readonly title: string;
  /** Settings of this connector, with defaults for every key. */
  readonly settings: z.ZodType<ConnectorSettings>;
  readonly actions: Readonly<Partial<Record<Action, ConnectorAction>>>;
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
  /** The target parameters, secrets and personal fields marked. */
  readonly parameters: z.ZodType;
  /** The document that a format, ours or a user's, has to give. */
  readonly document: z.ZodType;
  /** The members of the target parameters that {@link BoundAction.destination} is made of. */
  readonly identityParameters: readonly string[];
  /** Whether there is any way to look an applicant up (some need parameters for it: see {@link BoundAction.find}). */
  readonly canLookUp: boolean;
  /** Whether `authenticate` goes over the network; where it does not it is a local activity. */
  readonly networkAuth: boolean;
  /**
   * Binds the action to checked target parameters.
   *
   * @throws ZodError where they do not fit {@link parameters}
   */
  bind(targetParameters: unknown): BoundAction;
}

/** An action with its target parameters. */
export interface BoundAction {
  /** What makes a push the same push, beside connector, action and profile; normalised. Never changes between releases. */
  readonly destination: readonly unknown[];
  /** Host or subdomain: the account that rate limits and `HrflowAccount` speak of. */
  readonly account: string;
  /** URLs that came with the parameters, which the egress guard checks before anything is read. */
  readonly tenantUrls: readonly { readonly path: string; readonly url: string }[];
  /** The enrichment that follows the create, where one is asked for. */
  readonly enrichment: Enrichment | null;
  /** The create; null for an action that has none. */
  readonly create: Create | null;
  /** Looks an applicant up; null where these parameters do not allow it, with {@link noLookup} saying why. */
  readonly find: ((ctx: ConnectorContext, query: LookupQuery) => Promise<LookupAnswer>) | null;
  readonly noLookup: string | null;
  /** Proves the credentials and warms this worker's token cache. Returns when they expire (epoch ms), or null. */
  authenticate(ctx: ConnectorContext): Promise<number | null>;
  /** What `hrflow-temporal check` tries without writing anything. */
  readonly checks: readonly ConnectorCheck[];
}

export interface ConnectorCheck {
  readonly name: string;
  /** Resolves with what was seen, or null where nothing can be tried without writing. */
  run(ctx: ConnectorContext): Promise<string | CheckWarning | null>;
}

/** What a check saw that passed, and what somebody should do all the same. */
export interface CheckWarning {
  readonly seen: string;
  readonly todo: string;
}

/** A create call in three parts: the document, the call, the reading of its answer. */
export interface Create {
  /**
   * The default format. Pure.
   *
   * @param now the time in epoch milliseconds: a date far ahead of it means "still"
   */
  format(profile: Profile, settings: ConnectorSettings, now: number): JsonObject;
  /** What a lookup will need to know of this document; null where it holds nothing to look for. */
  lookupKeys(document: JsonObject): LookupKeys | null;
  call(ctx: ConnectorContext, document: JsonObject, files: Files): Promise<HttpCall>;
  readonly successStatuses: readonly number[];
  readonly isDuplicate?: Expectation['isDuplicate'];
  /** The applicant's id in the answer; null where there is none or the body is unreadable. */
  readId(answer: HttpAnswer): string | null;
}

/** An enrichment: an attribute that is set, so it may be repeated. */
export interface Enrichment {
  /** As {@link Create.format}. */
  format(profile: Profile, settings: ConnectorSettings, now: number): JsonObject;
  call(ctx: ConnectorContext, document: JsonObject): Promise<HttpCall>;
  readonly successStatuses: readonly number[];
  /** The statuses that say that the candidate is not known, or not yet. */
  notFound(settings: ConnectorSettings): readonly number[];
}

/** The downloaded attachments of a document. */
export type Files = (reference: FileReference) => Buffer;

/** What to look for. `firstAttemptAt` is null for `lookupFirst`, which asks without dates; else the time of the first attempt (epoch ms). */
export interface LookupQuery {
  readonly lookupKeys: LookupKeys;
  readonly firstAttemptAt: number | null;
}

/** What a connector may use. Built anew for every activity, for one account. */
export interface ConnectorContext {
  readonly settings: ConnectorSettings;
  /** Base URLs that the operator set for the worker, such as `FLATCHR_URL`. */
  readonly baseUrls: BaseUrls;
  secret(secret: Secret): Promise<string>;
  /**
   * Sends a call that must succeed (`documented`, default 200) with JSON of the shape of `schema`.
   *
   * @throws StepError as the classifier says; an answer of another shape is `unavailable`, to be repeated
   */
  json<T>(call: HttpCall, schema: z.ZodType<T>, documented?: readonly number[]): Promise<T>;
  /** The same for answers that are not JSON. */
  bytes(call: HttpCall, documented?: readonly number[]): Promise<Buffer>;
  readonly tokens: TokenCache;
  /** Hides the secrets that this step has used. For texts of another system, before they are quoted. */
  scrub(text: string): string;
  /** The current time in epoch milliseconds. */
  now(): number;
}

export interface BaseUrls {
  /** `HRFLOW_API_URL`, without a trailing slash. */
  readonly hrflow: string;
  /** `FLATCHR_URL`, with `{subdomain}`. */
  readonly flatchr: string;
}

export interface Token {
  readonly value: string;
  /** Epoch ms. */
  readonly expiresAt: number;
}

/** Tokens of this worker process; they go nowhere else. */
export interface TokenCache {
  /** The token for what `identifies` it (hashed), fetched once however many ask for it at the same time. */
  get(identifies: readonly string[], fetch: () => Promise<Token>): Promise<Token>;
}

/** Where profiles come from. */
export interface ProfileSource {
  readonly name: string;
  readonly title: string;
  readonly settings: z.ZodType<ConnectorSettings>;
  readonly parameters: z.ZodType;
  readonly supportsIncremental: boolean;
  bind(originParameters: unknown): BoundSource;
}

export interface BoundSource {
  readonly account: string;
  readonly profileKey: string;
  readonly sourceKey: string;
  /** Null where the origin does not have the profile. */
  read(ctx: ConnectorContext): Promise<Profile | null>;
  readonly checks: readonly ConnectorCheck[];
}
