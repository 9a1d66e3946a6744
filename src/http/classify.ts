import type { FailureType, WhoMustAct } from '../protocol/names';
import { PROBLEMS } from '../protocol/problems';
import { isHtml, jsonOf, type CallKind, type HttpOutcome, type NetworkCode } from './outcome';
import { hasRetryAfter, retryAfterMs } from './retry-after';

/**
 * What an outcome means:
 * - `ok`: success; for a create, the applicant exists
 * - `not_sent`: nothing happened in the other system; the call may be retried after a while
 * - `repeat`: something may have happened, and a retry is harmless (reads, lookups, upserts)
 * - `unauthorised`: the credentials of the call were refused; a fresh token may help once
 * - `refused`: nothing happened in the other system, and a retry does not help
 * - `duplicate`: the system says that it has this applicant already
 * - `unknown`: a create that may have happened
 */
export type Verdict = 'ok' | 'not_sent' | 'repeat' | 'unauthorised' | 'refused' | 'duplicate' | 'unknown';

export interface Classification {
  /** The name of the row of {@link RULES} that matches. */
  readonly rule: string;
  readonly verdict: Verdict;
  readonly type: FailureType;
  readonly whoMustAct: WhoMustAct;
  /** How long the response asks to wait, in milliseconds. Null if it does not say. */
  readonly delayMs: number | null;
  /** Probably permanent, but possibly transient: retried a few times only. */
  readonly doubtful: boolean;
  /** Expected now and then: not worth an error in logs and metrics. */
  readonly benign: boolean;
}

/** What the documentation of a call says, as far as the verdict depends on it. */
export interface Expectation {
  readonly kind: CallKind;
  /** The statuses that mean success. */
  readonly successStatuses: readonly number[];
  /** The response must be JSON (reads and lookups). Not required of a create, which counts if its status is right. */
  readonly json: boolean;
  /** Tells whether a 4xx response says that the applicant exists already. */
  readonly isDuplicate?: (words: unknown) => boolean;
}

/** One row of the table. The first row that matches decides. */
export interface Rule {
  readonly name: string;
  readonly kinds?: readonly CallKind[];
  readonly codes?: readonly NetworkCode[];
  /** Inclusive ranges of statuses. */
  readonly statuses?: readonly (readonly [number, number])[];
  readonly successStatus?: boolean;
  readonly html?: boolean;
  /** Whether the response carries a well-formed `Retry-After`. */
  readonly retryAfter?: boolean;
  /** The response is complete. */
  readonly complete?: boolean;
  /** The response is complete, and JSON if JSON was requested. */
  readonly whole?: boolean;
  readonly withinLimit?: boolean;
  readonly undecodable?: boolean;
  readonly duplicate?: boolean;
  readonly verdict: Verdict;
  readonly type: FailureType;
  /** Default: as in {@link PROBLEMS}. */
  readonly whoMustAct?: WhoMustAct;
  readonly doubtful?: boolean;
  readonly benign?: boolean;
}

const BEFORE_THE_FIRST_BYTE: readonly NetworkCode[] = [
  'dns',
  'refused',
  'tls',
  'connect_timeout',
  'aborted',
  'too_late',
];
const REPEATABLE: readonly CallKind[] = ['read', 'lookup', 'upsert'];
/** Not implemented, version not supported, network login required. */
const NOT_OFFERED = [
  [501, 501],
  [505, 505],
  [511, 511],
] as const;
const LOST: readonly NetworkCode[] = ['timeout', 'reset', 'garbled'];
const vendorDown = { type: 'unavailable' } as const;
const vendorWrong = { type: 'refused', whoMustAct: 'vendor' } as const;
const wrongHost = { type: 'refused' } as const;
/** Something other than the system responds at that address: a login page, another server. */
const wrongPlace = { type: 'unavailable', whoMustAct: 'user', doubtful: true } as const;

/**
 * The table. For creates, see `docs/delivery.md`, "What happens when something fails". An applicant may exist if the verdict is
 * `unknown`. Lookups and upserts are retried after anything that proves nothing. For a read, what will not change by itself is final,
 * and what hardly will (a page under a 200, a host that the resolver does not know) is `doubtful`.
 */
export const RULES: readonly Rule[] = [
  { name: 'address blocked', codes: ['blocked'], verdict: 'refused', type: 'refused', whoMustAct: 'operator' },
  { name: 'create, no such host', kinds: ['create'], codes: ['unknown_host'], verdict: 'refused', ...wrongHost },
  { name: 'no such host', codes: ['unknown_host'], verdict: 'not_sent', ...wrongPlace },
  { name: 'no secure connection', codes: ['bad_tls'], verdict: 'refused', type: 'refused', whoMustAct: 'operator' },
  {
    name: 'refused by the proxy',
    codes: ['proxy_refused'],
    verdict: 'refused',
    type: 'refused',
    whoMustAct: 'operator',
  },
  { name: 'nothing sent', codes: BEFORE_THE_FIRST_BYTE, verdict: 'not_sent', ...vendorDown },
  { name: 'create, answer lost', kinds: ['create'], codes: LOST, verdict: 'unknown', ...vendorDown },
  { name: 'no HTTP', kinds: ['read'], codes: ['garbled'], verdict: 'repeat', ...wrongPlace },
  { name: 'answer lost', codes: LOST, verdict: 'repeat', ...vendorDown },
  { name: 'created', kinds: ['create'], successStatus: true, html: false, verdict: 'ok', ...vendorDown },
  {
    name: 'whole answer',
    kinds: REPEATABLE,
    successStatus: true,
    html: false,
    whole: true,
    verdict: 'ok',
    ...vendorDown,
  },
  {
    name: 'too large',
    kinds: REPEATABLE,
    successStatus: true,
    withinLimit: false,
    verdict: 'refused',
    type: 'refused',
  },
  {
    name: 'not encoded as it says',
    kinds: REPEATABLE,
    successStatus: true,
    undecodable: true,
    verdict: 'refused',
    ...vendorWrong,
  },
  { name: 'too many requests', statuses: [[429, 429]], verdict: 'not_sent', ...vendorDown, benign: true },
  {
    name: 'busy, come back',
    statuses: [[503, 503]],
    retryAfter: true,
    verdict: 'not_sent',
    ...vendorDown,
    benign: true,
  },
  { name: 'unauthorised', statuses: [[401, 401]], verdict: 'unauthorised', type: 'auth' },
  { name: 'forbidden', statuses: [[403, 403]], verdict: 'refused', type: 'auth' },
  { name: 'quota used up', statuses: [[402, 402]], verdict: 'refused', type: 'quota' },
  { name: 'create, request time-out', kinds: ['create'], statuses: [[408, 408]], verdict: 'unknown', ...vendorDown },
  {
    name: 'create, conflict',
    kinds: ['create'],
    statuses: [[409, 409]],
    verdict: 'duplicate',
    type: 'refused',
  },
  {
    name: 'create, says duplicate',
    kinds: ['create'],
    statuses: [[400, 499]],
    duplicate: true,
    verdict: 'duplicate',
    type: 'refused',
  },
  { name: 'request time-out', statuses: [[408, 408]], verdict: 'repeat', ...vendorDown },
  { name: 'refused', statuses: [[400, 499]], verdict: 'refused', type: 'refused' },
  { name: 'create, anything else', kinds: ['create'], verdict: 'unknown', ...vendorDown },
  { name: 'redirected elsewhere', statuses: [[300, 399]], verdict: 'refused', type: 'refused', whoMustAct: 'operator' },
  {
    name: 'undocumented success',
    kinds: REPEATABLE,
    successStatus: false,
    // Not 202, which says that the response is not ready yet.
    statuses: [
      [200, 201],
      [203, 299],
    ],
    verdict: 'refused',
    ...vendorWrong,
  },
  {
    name: 'no answer for machines',
    kinds: ['read'],
    successStatus: true,
    complete: true,
    verdict: 'repeat',
    ...wrongPlace,
  },
  { name: 'not offered', kinds: ['read'], statuses: NOT_OFFERED, verdict: 'refused', ...vendorWrong },
  { name: 'service unavailable', statuses: [[503, 503]], verdict: 'repeat', ...vendorDown, benign: true },
  { name: 'anything else', verdict: 'repeat', ...vendorDown },
];

/** Looks up an outcome in {@link RULES}. The date form of `Retry-After` needs `now`. */
export function classify(outcome: HttpOutcome, expected: Expectation, now: number): Classification {
  const seen = observe(outcome, expected, now);
  const rule = RULES.find((candidate) => fits(candidate, seen, expected.kind));
  if (!rule) throw new Error('the table has no last row');
  const delayMs = outcome.arrived === 'answer' ? retryAfterMs(outcome.status, outcome.headers, now) : null;
  return {
    rule: rule.name,
    verdict: rule.verdict,
    type: rule.type,
    whoMustAct: rule.whoMustAct ?? PROBLEMS[rule.type].whoMustAct,
    delayMs: delayMs === 0 ? null : delayMs,
    doubtful: rule.doubtful ?? false,
    benign: rule.benign ?? false,
  };
}

interface Observation {
  readonly code: NetworkCode | null;
  readonly status: number | null;
  readonly successStatus: boolean;
  readonly html: boolean;
  readonly retryAfter: boolean;
  readonly complete: boolean;
  readonly whole: boolean;
  readonly withinLimit: boolean;
  readonly undecodable: boolean;
  readonly duplicate: boolean;
}

const NOTHING = {
  successStatus: false,
  html: false,
  retryAfter: false,
  complete: false,
  whole: false,
  withinLimit: true,
  undecodable: false,
  duplicate: false,
} as const;

function observe(outcome: HttpOutcome, expected: Expectation, now: number): Observation {
  if (outcome.arrived === 'nothing') {
    return { code: outcome.code, status: null, ...NOTHING };
  }
  return {
    code: null,
    status: outcome.status,
    successStatus: expected.successStatuses.includes(outcome.status),
    html: isHtml(outcome),
    retryAfter: hasRetryAfter(outcome.headers, now),
    complete: outcome.complete,
    withinLimit: outcome.withinLimit,
    undecodable: outcome.undecodable ?? false,
    whole: outcome.complete && (!expected.json || jsonOf(outcome) !== undefined),
    duplicate: expected.isDuplicate?.(jsonOf(outcome) ?? outcome.body.toString('utf8')) ?? false,
  };
}

const FLAGS = [
  'successStatus',
  'html',
  'retryAfter',
  'complete',
  'whole',
  'withinLimit',
  'undecodable',
  'duplicate',
] as const;

function fits(rule: Rule, seen: Observation, kind: CallKind): boolean {
  const { status, code } = seen;
  return (
    (rule.kinds?.includes(kind) ?? true) &&
    (rule.codes === undefined || (code !== null && rule.codes.includes(code))) &&
    (rule.statuses === undefined ||
      rule.statuses.some(([from, to]) => status !== null && status >= from && status <= to)) &&
    FLAGS.every((flag) => rule[flag] === undefined || (status !== null && rule[flag] === seen[flag]))
  );
}
