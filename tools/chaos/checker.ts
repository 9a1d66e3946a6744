/**
 * Compares what pushes promised with what the applicant tracking systems hold. Pure: takes the records of the systems and the
 * ends of the runs, and returns every contradiction.
 */
import type { Outcome } from '../../src/protocol/names';
import { isThere } from '../../src/protocol/result';

/** What a client was told about a push: the item of a result, of a failure or of a hold. */
export interface Claim {
  readonly outcome: Outcome;
  readonly enriched: boolean | null;
  readonly atsId: string | null;
}

/** The state or the end of one run of a push. Times are epoch milliseconds. */
export interface RunEnd {
  readonly runId: string;
  readonly status: 'open' | 'held' | 'completed' | 'failed' | 'cancelled' | 'stopped';
  readonly startedAt: number;
  /** Null while the run is open. */
  readonly closedAt: number | null;
  /** Null if the run claims nothing: open, cancelled, or stopped from outside (terminated, timed out). */
  readonly claim: Claim | null;
}

/** What a waiting client was told, and when. */
export interface ClientAnswer {
  readonly at: number;
  /** Null if it was told nothing about the applicant. */
  readonly claim: Claim | null;
  /** An error that is not about the push. */
  readonly brokenBy: string | null;
}

/** One push, with every claim about it. */
export interface PushRecord {
  readonly name: string;
  /** False for an enrichment of an existing candidate. */
  readonly creates: boolean;
  readonly enriches: boolean;
  /** Whether the applicant can be looked up. If not, an unknown outcome is left to an operator. */
  readonly canLookUp: boolean;
  /** System and place within it. */
  readonly place: string;
  readonly email: string;
  /** Oldest first. */
  readonly runs: readonly RunEnd[];
  readonly answers: readonly ClientAnswer[];
}

/** One applicant at one place of a system. */
export interface ApplicantRecord {
  readonly place: string;
  readonly email: string;
  /** The ids that a result may name. */
  readonly ids: readonly string[];
  /** The person that enrichments are attached to. */
  readonly person: string;
  /** Time of the commit, epoch milliseconds. */
  readonly at: number;
}

/** One accepted enrichment. */
export interface EnrichmentRecord {
  readonly email: string;
  /** The people it was attached to. */
  readonly persons: readonly string[];
  readonly at: number;
}

/** What the systems hold at the end. */
export interface AtsRecords {
  readonly applicants: readonly ApplicantRecord[];
  readonly enrichments: readonly EnrichmentRecord[];
}

/**
 * - `lost`: claimed to exist, and does not
 * - `doubled`: exists more than once
 * - `enrichment_lost`: claimed to be enriched, and is not; or an enrichment that belongs to nobody
 * - `stuck`: neither ended well nor waiting for an operator who is needed
 * - `contradiction`: another claim of a run or an answer is false
 * - `stranger`: an applicant that nobody pushed
 * - `client_error`: a client ended with an error that is not about the push
 * - `wasteful`: more attempts or downloads than the waiting for turns may cost
 */
export type ViolationKind =
  'lost' | 'doubled' | 'enrichment_lost' | 'stuck' | 'contradiction' | 'stranger' | 'client_error' | 'wasteful';

export interface Violation {
  readonly kind: ViolationKind;
  readonly push: string | null;
  readonly what: string;
}

/** Returns every violation, in the order of the pushes. */
export function check(pushes: readonly PushRecord[], ats: AtsRecords): Violation[] {
  const applicants = groupBy(ats.applicants, applicantKey);
  const enrichments = groupBy(ats.enrichments, ({ email }) => email);
  const found = pushes.flatMap((push) => {
    const own = {
      applicants: applicants.get(applicantKey(push)) ?? [],
      enrichments: enrichments.get(push.email) ?? [],
    };
    return RULES.flatMap((rule) => rule(push, own)).map((violation) => ({ ...violation, push: push.name }));
  });
  return [...found, ...strangers(pushes, ats)];
}

/** What pushes cost, and what an attempt may have ended with other than a create. */
export interface Cost {
  readonly attempts: number;
  readonly creates: number;
  readonly downloads: number;
  readonly failedDownloads: number;
  /** Runs ended from outside, each possibly in the middle of an attempt. */
  readonly stopped: number;
}

/**
 * Checks the cost of the pushes. An attempt is told once when its turn comes, and downloads its CV then: two attempts and one download
 * for each create, failed download and run that was ended from outside. A tenth more attempts and a fifth more downloads allow for
 * pauses of the machine. Only valid if no worker dies.
 */
export function checkCost({ attempts, creates, downloads, failedDownloads, stopped }: Cost): Violation[] {
  const ends = creates + failedDownloads + stopped;
  const found = [
    { what: 'attempts', count: attempts, most: 2.2 * ends },
    { what: 'downloads of CVs', count: downloads, most: 1.2 * ends },
  ].filter(({ count, most }) => count > most);
  return found.map(({ what, count, most }) => ({
    kind: 'wasteful',
    push: null,
    what: `${String(count)} ${what} for ${String(creates)} creates; at most ${String(Math.floor(most))} are acceptable`,
  }));
}

/** Tells whether a claim leaves nothing to do for the push. */
export function isDelivered(
  { creates, enriches }: Pick<PushRecord, 'creates' | 'enriches'>,
  claim: Claim | null,
): boolean {
  if (!claim) return false;
  if (!creates) return claim.outcome === 'enriched';
  return isThere(claim.outcome) && (!enriches || claim.enriched === true);
}

/** Tells whether a push waits, or ended, with an outcome that only an operator can determine. */
export function isLeftToPerson({ canLookUp, runs }: Pick<PushRecord, 'canLookUp' | 'runs'>): boolean {
  const latest = runs.at(-1);
  const settled = latest?.status === 'held' || latest?.status === 'failed';
  return settled && !canLookUp && latest.claim?.outcome === 'unknown';
}

type Found = Omit<Violation, 'push'>;
type Rule = (push: PushRecord, own: AtsRecords) => Found[];

const RULES: readonly Rule[] = [once, claimsOfRuns, claimsOfAnswers, absentAsSaid, notStuck, notBroken];

function once({ place }: PushRecord, { applicants }: AtsRecords): Found[] {
  if (applicants.length < 2) return [];
  const when = applicants.map(({ ids, at }) => `${ids.join('/')} at ${isoTime(at)}`).join(', ');
  return [{ kind: 'doubled', what: `is ${String(applicants.length)} times at ${place}: ${when}` }];
}

function claimsOfRuns(push: PushRecord, own: AtsRecords): Found[] {
  return push.runs.flatMap(({ runId, claim, closedAt }) =>
    claim ? trueAt(push, own, claim, closedAt ?? Infinity, `run ${runId}`) : [],
  );
}

function claimsOfAnswers(push: PushRecord, own: AtsRecords): Found[] {
  return push.answers.flatMap(({ claim, at }) =>
    claim ? trueAt(push, own, claim, at, `the answer of ${isoTime(at)}`) : [],
  );
}

/** Checks that what a claim says existed at that time. */
function trueAt(push: PushRecord, own: AtsRecords, claim: Claim, at: number, who: string): Found[] {
  const applicants = own.applicants.filter((applicant) => applicant.at <= at);
  const persons = new Set(applicants.map(({ person }) => person));
  const enrichments = own.enrichments.filter(
    (one) => one.at <= at && one.persons.some((person) => persons.has(person)),
  );
  const saysEnriched = claim.enriched === true || claim.outcome === 'enriched';
  const found: Found[] = [];
  if (push.creates && isThere(claim.outcome) && applicants.length === 0) {
    found.push({ kind: 'lost', what: `${who} says ${claim.outcome}, and the applicant was not there` });
  }
  if (saysEnriched && enrichments.length === 0) {
    found.push({ kind: 'enrichment_lost', what: `${who} says enriched, and the candidate was not` });
  }
  if (claim.atsId !== null && !applicants.some(({ ids }) => ids.includes(claim.atsId ?? ''))) {
    found.push({ kind: 'contradiction', what: `${who} names the id ${claim.atsId}, which is not the applicant's` });
  }
  return found;
}

/** Checks that the applicant of a cancelled or (not unknown) failed run is absent until the push is started again. */
function absentAsSaid(push: PushRecord, { applicants }: AtsRecords): Found[] {
  if (!push.creates) return [];
  return push.runs.flatMap((run, index) => {
    const saysAbsent = run.status === 'cancelled' || (run.status === 'failed' && run.claim?.outcome === 'failed');
    const until = push.runs[index + 1]?.startedAt ?? Infinity;
    const there = applicants.find(({ at }) => at < until);
    if (!saysAbsent || !there) return [];
    const what = `run ${run.runId} ended ${run.status} as absent, and the applicant is there since ${isoTime(there.at)}`;
    return [{ kind: 'contradiction' as const, what }];
  });
}

function notStuck(push: PushRecord): Found[] {
  const latest = push.runs.at(-1);
  if (!latest) return [{ kind: 'stuck', what: 'was never started' }];
  if (isLeftToPerson(push)) return [];
  if (latest.status === 'completed' && isDelivered(push, latest.claim)) return [];
  const said = latest.claim ? ` (${latest.claim.outcome})` : '';
  return [{ kind: 'stuck', what: `run ${latest.runId} is ${latest.status}${said}, though nothing stands in its way` }];
}

function notBroken({ answers }: PushRecord): Found[] {
  return answers.flatMap(({ brokenBy }) =>
    brokenBy === null ? [] : [{ kind: 'client_error' as const, what: `a client ended with: ${brokenBy}` }],
  );
}

function strangers(pushes: readonly PushRecord[], { applicants, enrichments }: AtsRecords): Violation[] {
  const places = new Set(pushes.map(applicantKey));
  const emails = new Set(pushes.filter(({ enriches }) => enriches).map(({ email }) => email));
  const unknown = applicants
    .filter((applicant) => !places.has(applicantKey(applicant)))
    .map(({ place, ids }): Violation => ({ kind: 'stranger', push: null, what: `${ids.join('/')} at ${place}` }));
  const loose = enrichments
    .filter(({ email, persons }) => persons.length === 0 || !emails.has(email))
    .map(({ email, at }): Violation => {
      const what = `the enrichment of ${email} at ${isoTime(at)} belongs to nobody`;
      return { kind: 'enrichment_lost', push: null, what };
    });
  return [...unknown, ...loose];
}

function applicantKey({ place, email }: Pick<PushRecord, 'place' | 'email'>): string {
  return `${place} ${email}`;
}

function groupBy<T>(list: readonly T[], keyOf: (one: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of list) groups.set(keyOf(one), [...(groups.get(keyOf(one)) ?? []), one]);
  return groups;
}

function isoTime(at: number): string {
  return new Date(at).toISOString();
}
