import type { LookupAnswer, LookupKeys, LookupPurpose, Problem, PushState } from './delivery';
import type { Timing } from './timing';
import type { Action, Outcome, Reason, Stage } from './names';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Parameters of every action, as the worker and the workflow see them: checked, defaults filled in. */
export interface ActionParameters {
  readonly logics: readonly string[];
  readonly format?: string | undefined;
  readonly read_mode: 'sync' | 'incremental';
  readonly onFailure: 'fail' | 'hold';
  /** A Temporal duration such as `7 days`. */
  readonly holdFor: string;
  readonly lookupFirst: boolean;
}

/** What an app says of a push. Names inside the groups are those of the Python library. */
export interface PushRequest {
  readonly actionParameters?: Partial<ActionParameters>;
  readonly originParameters: JsonObject;
  readonly targetParameters: JsonObject;
}

/** The one argument of `pushProfile` and `enrichProfile`. Started by the client of this package, which checks it first. */
export interface RunInput {
  readonly connector: string;
  /** The connector's name as people write it, for summaries. */
  readonly title: string;
  readonly profileKey: string;
  /** Hash of what makes a push the same push. */
  readonly identity: string;
  /** Whether an enrichment is asked for. */
  readonly enrich: boolean;
  /** Members of the target parameters that make the push what it is: `retry` must not change them. */
  readonly identityParameters: readonly string[];
  /** Search attributes that the server knows: upserting another would block the run for ever. */
  readonly searchAttributes: readonly string[];
  /** `holdFor` of the action parameters, in milliseconds. */
  readonly holdForMs: number;
  readonly actionParameters: ActionParameters;
  readonly originParameters: JsonObject;
  readonly targetParameters: JsonObject;
  /** A further run of the same push names the closed run that its client read. */
  readonly previousRun: { readonly runId: string | null } | null;
  /** A deliberate second application of the same profile at the same place. */
  readonly again: boolean;
  /** Filled by continue-as-new. */
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
  /** Null where no enrichment was asked for. */
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

/** What a finished run leaves behind for a later one of the same push; nobody else reads it. */
export interface RunKnowledge {
  /** False where the run never learned what earlier runs did, or did nothing: then the run before it counts. */
  readonly conclusive: boolean;
  readonly delivery: PushState['delivery'];
}

/** What a workflow returns. */
export type RunOutcome = RunResult & { readonly knowledge: RunKnowledge };

/** What a run that waits for a person shows in its memo under `hold`; null when it goes on. */
export interface HoldMemo {
  /** Counts the holds of a run, so that a new hold can be told from the old one. */
  readonly number: number;
  readonly until: string;
  readonly error: Problem;
  readonly result: RunResult;
}

/** Argument of the update `retry`: what to correct. Members that are absent stay as they are. */
export interface RetryArgs {
  readonly actionParameters?: Partial<Pick<ActionParameters, 'logics' | 'format'>>;
  readonly originParameters?: JsonObject;
  readonly targetParameters?: JsonObject;
  /** Whether an enrichment is asked for, after the corrections. */
  readonly enrich?: boolean;
}

/** Argument of the update `resolve`: what a person saw in the ATS. */
export type ResolveArgs =
  { readonly delivered: true; readonly atsId?: string | number | null } | { readonly delivered: false };

/** Argument of the update `abandon`. */
export interface AbandonArgs {
  readonly reason?: string | null;
}

/** What `state` answers. Holds no personal data but the messages. */
export interface StateAnswer {
  state: 'running' | 'waiting' | 'held' | 'done' | 'failed';
  outcome: Outcome | null;
  doing: string;
  attempts: number;
  waitingUntil: string | null;
  hold: { number: number; until: string } | null;
  error: Problem | null;
  /** Why the run repeats an attempt, or looks for what one left behind; null where it does not. */
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
  /** Null where HrFlow does not have the profile, or (`filtered`) a logic dropped it. */
  readonly profile: JsonObject | null;
  /** The profile was too large to travel to `applyLogics`, so its logics were applied where it was read. */
  readonly filtered: boolean;
  /** What was left out of a profile that is too large, in words without personal data. */
  readonly note: string | null;
  readonly timing: Timing;
  /** Whether `authenticate` goes over the network, so that it is no local activity. */
  readonly networkAuth: boolean;
}
export interface LogicsInput {
  readonly logics: readonly string[];
  readonly profile: JsonObject;
}
export interface FormatInput extends ActionRef {
  readonly format?: string | undefined;
  readonly profile: JsonObject;
  /** The profile is the answer of `applyLogics`, which the same workflow task carries. */
  readonly recorded?: boolean;
}
/** What the profile says of a file that a document refers to. */
export interface FileFacts {
  /** As the document refers to it. */
  readonly url: string;
  /** In lower case with a leading dot; empty where the profile does not tell. */
  readonly extension: string;
  /** In bytes; absent where the profile does not tell. */
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
  /** While it is before this moment (epoch ms) a 404 means "not visible yet"; null: it is final. */
  readonly retryNotFoundUntil: number | null;
}
export interface FindInput extends ActionRef {
  readonly purpose: LookupPurpose;
  /** Started when every create must have become visible. */
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
