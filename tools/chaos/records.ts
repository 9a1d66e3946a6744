import type { WorkflowExecutionInfo, WorkflowHandle } from '@temporalio/client';
import { readAnswer } from '../../src/client/start';
import { holdOf } from '../../src/client/wait';
import type { RecordedRequest, Simulators } from '../../test/simulators';
import type { ApplicantRecord, AtsRecords, PushRecord, RunEnd } from './checker';
import { systemsOf } from './faults';
import { flatchrPlace, talentSoftPlace } from './kinds';
import { claimOf, nameOf, type Life } from './life';
import { eachOf } from './lanes';
import type { World } from './world';

/** Returns what the systems hold, in the checker's types. */
export function atsRecords({ talentSoft, oracleORC, flatchr }: Simulators): AtsRecords {
  const applications = talentSoft.applications.map(({ email, offerReference, applicationId, candidateId, at }) => ({
    ...{ place: talentSoftPlace(offerReference), email: email ?? '' },
    ...{ ids: [applicationId, candidateId], person: candidateId, at },
  }));
  const candidates = oracleORC.candidates.map(({ email, candidateNumber, at }) => ({
    ...{ place: 'oracleORC', email: email ?? '', ids: [candidateNumber], person: candidateNumber, at },
  }));
  const applicants = flatchr.applicants.map(({ subdomain, vacancySlug, email, applicantId, candidateId, at }) => ({
    ...{ place: flatchrPlace(subdomain, vacancySlug), email: email ?? '' },
    ...{ ids: [applicantId], person: candidateId, at },
  }));
  const enrichments = flatchr.enrichments.map(({ email, candidateIds, at }) => ({ email, persons: candidateIds, at }));
  return { applicants: [...applications, ...candidates, ...applicants], enrichments };
}

/** Returns the applicants of one push as an operator sees them in the system. */
export function applicantsOf(simulators: Simulators, { expected, email }: Life): ApplicantRecord[] {
  return atsRecords(simulators).applicants.filter((one) => one.place === expected.place && one.email === email);
}

/** Reads every run of every push, with what it claims. */
export async function pushRecords(world: World, lives: readonly Life[]): Promise<PushRecord[]> {
  const runs = await listRuns(world);
  return Promise.all(
    lives.map(async (life) => {
      const own = runs.filter(({ workflowId }) => workflowId === life.workflowId);
      const ends = await Promise.all(own.map((run) => runEnd(world, run)));
      const { expected, email, answers } = life;
      return { name: nameOf(life), ...expected, email, answers, runs: ends.sort((a, b) => a.startedAt - b.startedAt) };
    }),
  );
}

async function listRuns({ context }: World): Promise<WorkflowExecutionInfo[]> {
  const runs: WorkflowExecutionInfo[] = [];
  for await (const run of context.temporal.workflow.list()) {
    if (run.status.name !== 'CONTINUED_AS_NEW') runs.push(run);
  }
  return runs;
}

const CLOSED = { COMPLETED: 'completed', FAILED: 'failed', CANCELLED: 'cancelled' } as const;

async function runEnd({ context }: World, { workflowId, runId }: WorkflowExecutionInfo): Promise<RunEnd> {
  const handle = context.temporal.workflow.getHandle(workflowId, runId, { followRuns: false });
  // The list may lag; a description does not.
  const description = await handle.describe();
  const { name } = description.status;
  const times = {
    runId,
    startedAt: description.startTime.getTime(),
    closedAt: description.closeTime?.getTime() ?? null,
  };
  const hold = holdOf(description);
  if (hold) return { ...times, status: 'held', claim: claimOf(hold.result) };
  if (name === 'RUNNING') return { ...times, status: 'open', claim: null };
  if (name !== 'COMPLETED' && name !== 'FAILED') {
    return { ...times, status: name === 'CANCELLED' ? CLOSED[name] : 'stopped', claim: null };
  }
  const { result } = await readAnswer({ workflowId }, runId, handle.result());
  return { ...times, status: CLOSED[name], claim: claimOf(result) };
}

/** Counts requests by system and operation. */
export function requestCounts(simulators: Simulators): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { name, simulator } of systemsOf(simulators)) {
    for (const { operation } of simulator.requests) {
      const counted = `${name} ${operation}`;
      counts[counted] = (counts[counted] ?? 0) + 1;
    }
  }
  return counts;
}

const HISTORIES_AT_ONCE = 20;

/** What all pushes cost together. */
export interface Effort {
  /** Attempts to create an applicant, including those that were told to wait for their turn. */
  readonly attempts: number;
  /** Attempts whose worker died, so that their result was unknown. */
  readonly lostAttempts: number;
  /** Creates that the systems received. */
  readonly creates: number;
  /** Downloads of CVs, and those of them that met a fault. */
  readonly downloads: number;
  readonly failedDownloads: number;
}

/** Counts the attempts in the histories, and their requests to the systems. */
export async function effortOf(world: World, lives: readonly Life[], pushes: readonly PushRecord[]): Promise<Effort> {
  const runs = lives.flatMap(({ workflowId }, index) =>
    (pushes[index]?.runs ?? []).map(({ runId }) => ({ workflowId: workflowId ?? '', runId })),
  );
  let [attempts, lostAttempts] = [0, 0];
  await eachOf(runs, HISTORIES_AT_ONCE, async ({ workflowId, runId }) => {
    const history = await world.context.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
    const found = attemptsIn(history);
    attempts += found.scheduled;
    lostAttempts += found.lost;
  });
  const requests = systemsOf(world.simulators).flatMap(({ simulator }) => simulator.requests);
  const creates = requests.filter(({ operation }) => operation === 'create').length;
  const downloads = world.simulators.files.requests;
  const failedDownloads = downloads.filter(({ fault }) => fault !== null).length;
  return { attempts, lostAttempts, creates, downloads: downloads.length, failedDownloads };
}

function attemptsIn({ events }: History): { readonly scheduled: number; readonly lost: number } {
  const creates = (events ?? [])
    .filter((event) => event.activityTaskScheduledEventAttributes?.activityType?.name === 'pushApplicant')
    .map(({ eventId }) => String(eventId));
  const timedOut = (events ?? []).map((event) => String(event.activityTaskTimedOutEventAttributes?.scheduledEventId));
  return { scheduled: creates.length, lost: timedOut.filter((id) => creates.includes(id)).length };
}

/** Evidence about a push whose check failed: the events of its runs, and the requests made for it. */
export interface Evidence {
  readonly push: string;
  readonly runs: readonly RunEvidence[];
  readonly requests: readonly string[];
}

interface RunEvidence {
  readonly runId: string;
  readonly events: readonly string[];
}

/** Reads histories and requests of one push. */
export async function evidenceOf(world: World, life: Life, { runs }: PushRecord): Promise<Evidence> {
  const { workflow } = world.context.temporal;
  const histories = runs.map(async ({ runId }) => {
    const { events } = await workflow.getHandle(life.workflowId ?? '', runId).fetchHistory();
    return { runId, events: (events ?? []).map(eventLine) };
  });
  return { push: nameOf(life), runs: await Promise.all(histories), requests: requestLines(world.simulators, life) };
}

type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

function eventLine(event: HistoryEvent): string {
  const at = Number(event.eventTime?.seconds ?? 0) * 1_000 + (event.eventTime?.nanos ?? 0) / 1_000_000;
  const attributes = Object.entries(event).find(([name]) => name.endsWith('EventAttributes'));
  const kind = attributes?.[0].replace(/EventAttributes$/, '') ?? 'event';
  const activity = event.activityTaskScheduledEventAttributes?.activityType?.name;
  const failure =
    event.activityTaskFailedEventAttributes?.failure ?? event.activityTaskTimedOutEventAttributes?.failure;
  const facts = [activity, failure?.applicationFailureInfo?.type, failure?.timeoutFailureInfo?.timeoutType];
  const told = facts.filter((fact) => fact !== undefined && fact !== null).join(' ');
  return `${String(event.eventId)} ${new Date(at).toISOString()} ${kind} ${told}`.trimEnd();
}

function requestLines(simulators: Simulators, { email, profileKey }: Life): string[] {
  const marks = [email, encodeURIComponent(email), profileKey];
  return systemsOf(simulators)
    .flatMap(({ name, simulator }) => simulator.requests.map((request) => ({ name, request })))
    .filter(({ request }) => marks.some((mark) => mentions(request, mark)))
    .sort((a, b) => a.request.at - b.request.at)
    .map(({ name, request }) => {
      const { at, operation, status, fault, committed } = request;
      return `${new Date(at).toISOString()} ${name} ${operation} ${String(status)} fault=${String(fault)} committed=${String(committed)}`;
    });
}

function mentions({ body, path, query }: RecordedRequest, mark: string): boolean {
  return body.includes(mark) || path.includes(mark) || Object.values(query).some((value) => value.includes(mark));
}
