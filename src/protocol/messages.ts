import type { LookupAnswer, LookupKeys, LookupPurpose, Problem, PushState } from './delivery';
import type { Timing } from './timing';
import type { Action, Outcome, Reason, Stage } from './names';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parameters of every action, after the checks and with defaults. */
export interface ActionParameters {
  readonly logics: readonly string[];
  readonly format?: string | undefined;
  readonly read_mode: 'sync' | 'incremental';
  readonly onFailure: 'fail' | 'hold';
  /** A Temporal duration such as `7 days`. */
  readonly holdFor: string;
  readonly lookupFirst: boolean;
}

/** What an app asks for. Names inside the groups are those of the Python library. */
export interface PushRequest {
  readonly actionParameters?: Partial<ActionParameters>;
  readonly originParameters: JsonObject;
  readonly targetParameters: JsonObject;
}

/** The argument of `pushProfile` and `enrichProfile`. The client of this package checks it before it starts a run. */
export interface RunInput {
  readonly connector: string;
  /** The display name of the connector, for summaries. */
  readonly title: string;
  readonly profileKey: string;
  /** Hash of what identifies a push. */
  readonly identity: string;
  /** Whether an enrichment is requested. */
  readonly enrich: boolean;
  /** Members of the target parameters that identify the push: `retry` must not change them. */
  readonly identityParameters: readonly string[];
  /** Search attributes that the server knows: upserting any other would block the run forever. */
  readonly searchAttributes: readonly string[];
  /** `holdFor` of the action parameters, in milliseconds. */
  readonly holdForMs: number;
  readonly actionParameters: ActionParameters;
  readonly originParameters: JsonObject;
  readonly targetParameters: JsonObject;
  /** Set in a further run of the same push: the closed run that its client read. */
  readonly previousRun: { readonly runId: string | null } | null;
  /** A deliberate second application of the same profile to the same destination. */
  readonly again: boolean;
  /** Set by continue-as-new. */
  readonly continued?: PushState;
}

/** Counters of the Python reference. */
export interface RunEvents {
  read_success: number;
  read_failure: number;
  format_failure: number;
  logics_discard: number;
  logics_failure: number;
  write_failure: number;
  callback_failure: number;
  callback_executed: number;
  item_to_read_from_failure: number;
}

/** What became of one profile. */
export interface RunItem {
  key: string;
  outcome: Outcome;
  /** Null if no enrichment was requested. */
  enriched: boolean | null;
  stage: Stage;
  ats_id: string | null;
  message: string | null;
}

/** The result of a run, with the names of the Python reference. */
export interface RunResult {
  status: 'success' | 'success_with_failures' | 'fatal';
  reason: Reason;
  read_from: string | null;
  events: RunEvents;
  items: RunItem[];
}

/** What an ended run leaves for a later run of the same push. Nothing else reads it. */
export interface RunKnowledge {
  /** False if the run never learned what earlier runs did, or did nothing. The run before it then counts. */
  readonly conclusive: boolean;
  readonly delivery: PushState['delivery'];
}

/** What a workflow returns. */
export type RunOutcome = RunResult & { readonly knowledge: RunKnowledge };

/** What a held run shows in its memo under `hold`. Null once the run resumes. */
export interface HoldMemo {
  /** Counts the holds of a run, so that a new hold differs from the old one. */
  readonly number: number;
  readonly until: string;
  readonly error: Problem;
  readonly result: RunResult;
}

/** Argument of the update `retry`: what to correct. Absent members stay as they are. */
export interface RetryArgs {
  readonly actionParameters?: Partial<Pick<ActionParameters, 'logics' | 'format'>>;
  readonly originParameters?: JsonObject;
  readonly targetParameters?: JsonObject;
  /** Whether an enrichment is requested, after the corrections. */
  readonly enrich?: boolean;
}

/** Argument of the update `resolve`: what an operator found in the ATS. */
export type ResolveArgs =
  { readonly delivered: true; readonly atsId?: string | number | null } | { readonly delivered: false };

/** Argument of the update `abandon`. */
export interface AbandonArgs {
  readonly reason?: string | null;
}

/** The answer to the query `state`. Holds no personal data except in messages. */
export interface StateAnswer {
  state: 'running' | 'waiting' | 'held' | 'done' | 'failed';
  outcome: Outcome | null;
  doing: string;
  attempts: number;
  waitingUntil: string | null;
  hold: { number: number; until: string } | null;
  error: Problem | null;
  /** Why the run retries an attempt, or looks up what one left behind. Null if it does neither. */
  retryReason: Problem | null;
}

interface ActionRef {
  readonly connector: string;
  readonly action: Action;
  readonly targetParameters: JsonObject;
}

export interface FetchInput extends ActionRef {
  readonly actionParameters: ActionParameters;
  readonly originParameters: JsonObject;
}
export interface FetchAnswer {
  /** Null if HrFlow.ai does not have the profile or, with `filtered`, if a logic dropped it. */
  readonly profile: JsonObject | null;
  /** The logics were applied where the profile was read, because it was too large to travel to `applyLogics`. */
  readonly filtered: boolean;
  /** What was left out of a profile that is too large. Holds no personal data. */
  readonly note: string | null;
  readonly timing: Timing;
  /** Whether `authenticate` uses the network and therefore is not a local activity. */
  readonly networkAuth: boolean;
}
export interface LogicsInput {
  readonly logics: readonly string[];
  readonly profile: JsonObject;
}
export interface FormatInput extends ActionRef {
  readonly format?: string | undefined;
  readonly profile: JsonObject;
  /** The profile is the result of `applyLogics`, which the same workflow task carries. */
  readonly recorded?: boolean;
}
/** What the profile says about a file that a document refers to. */
export interface FileFacts {
  /** As in the document. */
  readonly url: string;
  /** In lower case with a leading dot. Empty if the profile does not tell. */
  readonly extension: string;
  /** In bytes. Absent if the profile does not tell. */
  readonly size?: number;
}
export interface FormatAnswer {
  readonly document: JsonObject | null;
  readonly enrichment: JsonObject | null;
  readonly lookupKeys: LookupKeys | null;
  /** Of the document. */
  readonly files: readonly FileFacts[];
}
export interface PushApplicantInput extends ActionRef {
  readonly document: JsonObject;
  /** {@link FormatAnswer.files} of the document. */
  readonly files?: readonly FileFacts[];
  readonly timing: Timing;
}
export interface PushApplicantAnswer {
  readonly atsId: string | null;
}
export interface EnrichInput extends ActionRef {
  readonly document: JsonObject;
  readonly timing: Timing;
  /** Before this moment (epoch ms) a 404 means "not visible yet". Null: a 404 is final. */
  readonly retryNotFoundUntil: number | null;
}
export interface FindInput extends ActionRef {
  readonly purpose: LookupPurpose;
  /** Every create had become visible when the lookup started. */
  readonly afterSettle: boolean;
  readonly lookupKeys: LookupKeys | null;
  readonly firstAttemptAt: number | null;
}
export interface RecallInput {
  readonly identity: string;
  readonly previousRunId: string | null;
  readonly connector: string;
  readonly options: PushState['options'];
}
export interface RecallAnswer {
  readonly delivery: PushState['delivery'];
  readonly timing: Timing;
}

export type AuthenticateInput = ActionRef;

/** The activities by their wire names. `createActivities` on the worker implements this. */
export interface Activities {
  fetchProfile(input: FetchInput): Promise<FetchAnswer>;
  applyLogics(input: LogicsInput): Promise<JsonObject | null>;
  format(input: FormatInput): Promise<FormatAnswer>;
  authenticate(input: AuthenticateInput): Promise<{ readonly expiresAt: string | null }>;
  pushApplicant(input: PushApplicantInput): Promise<PushApplicantAnswer>;
  enrich(input: EnrichInput): Promise<void>;
  findApplicant(input: FindInput): Promise<LookupAnswer>;
  recall(input: RecallInput): Promise<RecallAnswer>;
}
