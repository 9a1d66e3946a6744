import type { RunResult } from '../../src/client';
import { connectorsByName } from '../../src/connectors/registry';
import type { RecordedRequest, Simulators } from '../../test/simulators';
import type { Ats, DemoPush, Person } from './scenario';

const ATSS: readonly Ats[] = ['talentSoft', 'oracleORC', 'flatchr'];

/** Returns the system's display name. */
export function titleOf(ats: Ats): string {
  return connectorsByName[ats].title;
}

/** An applicant in an ATS. */
export interface Applicant {
  readonly ats: Ats;
  readonly id: string;
  readonly name: string;
  readonly email: string | null;
  /** The offer applied to; null without one. */
  readonly offer: string | null;
  /** Size of the CV in bytes; null without one. */
  readonly cvBytes: number | null;
  /** Number of enrichments. */
  readonly enrichments: number;
}

/** Returns all applicants in the simulated ATSs. */
export function applicantsIn({ talentSoft, oracleORC, flatchr }: Simulators): Applicant[] {
  return [
    ...talentSoft.applications.map((one): Applicant => {
      const candidate = talentSoft.candidates.find(({ id }) => id === one.candidateId);
      const name = nameOf(candidate?.firstName, candidate?.lastName);
      const cvBytes = one.file?.body.length ?? null;
      return {
        ats: 'talentSoft',
        id: one.applicationId,
        name,
        email: one.email,
        offer: one.offerReference,
        cvBytes,
        enrichments: 0,
      };
    }),
    ...oracleORC.candidates.map((one): Applicant => {
      const name = nameOf(one.firstName, one.lastName);
      const cvBytes = one.files[0]?.bytes.length ?? null;
      return {
        ats: 'oracleORC',
        id: one.candidateNumber,
        name,
        email: one.email,
        offer: null,
        cvBytes,
        enrichments: 0,
      };
    }),
    ...flatchr.applicants.map((one): Applicant => {
      const enrichments = flatchr.enrichments.filter(({ candidateIds }) =>
        candidateIds.includes(one.candidateId),
      ).length;
      const cvBytes = one.file?.bytes.length ?? null;
      const name = nameOf(one.firstname, one.lastname);
      return {
        ats: 'flatchr',
        id: one.applicantId,
        name,
        email: one.email,
        offer: one.vacancySlug,
        cvBytes,
        enrichments,
      };
    }),
  ];
}

function nameOf(first: string | null | undefined, last: string | null | undefined): string {
  return [first, last].filter(Boolean).join(' ');
}

/** A request about a person, as a simulator recorded it. */
export interface Step {
  readonly system: Ats | 'hrflow';
  readonly operation: string;
  /** Null until there is a response. */
  readonly status: number | null;
  readonly at: number;
}

/** Returns every request about a person, oldest first. */
export function stepsOf(simulators: Simulators, { key, email }: Person): Step[] {
  const reads = simulators.hrflow.requests.filter(({ query }) => Object.values(query).includes(key));
  const writes = ATSS.flatMap((ats) =>
    simulators[ats].requests.filter(({ body }) => body.includes(email)).map((request) => stepOf(ats, request)),
  );
  return [...reads.map((request) => stepOf('hrflow', request)), ...writes].sort((one, other) => one.at - other.at);
}

function stepOf(system: Step['system'], { operation, status, at }: RecordedRequest): Step {
  return { system, operation, status, at };
}

/** How a push ended for its client. */
export interface End {
  readonly result: RunResult | null;
  /** Why it failed; null if it did not. */
  readonly error: string | null;
  readonly workflowId: string | null;
  readonly runId: string | null;
  readonly durationMs: number;
}

/** The result of a push as the simulators recorded it, and how it differs from what was expected. */
export interface Verdict {
  readonly push: DemoPush;
  readonly end: End;
  /** Null if no applicant arrived. */
  readonly applicant: Applicant | null;
  /** Requests to create, or to enrich if that is all the push does. */
  readonly attempts: number;
  readonly complaints: readonly string[];
}

/** Compares what was expected, what the client was told, and what the simulators recorded. */
export function judge(simulators: Simulators, push: DemoPush, end: End): Verdict {
  const { person, announced, action, connector } = push;
  const steps = stepsOf(simulators, person);
  const count = (operation: string): number => steps.filter((step) => step.operation === operation).length;
  const applicants = applicantsIn(simulators).filter(({ email }) => email === person.email);
  const [applicant = null] = applicants;
  const item = end.result?.items[0];
  const found = simulators.flatchr.enrichments.filter(
    ({ email, candidateFound }) => candidateFound && email === person.email,
  );
  const complaints = [
    end.error,
    differs('outcome', announced.outcome, item?.outcome),
    differs('profiles read', 1, steps.filter(({ system }) => system === 'hrflow').length),
    differs('applicants', announced.applicants, applicants.length),
    differs('requests to create', announced.creates, count('create')),
    differs('enrichments', announced.enrichments, found.length),
    applicant && differs('ATS', connector, applicant.ats),
    applicant && item?.ats_id ? differs('id in the ATS', applicant.id, item.ats_id) : null,
  ].filter((complaint): complaint is string => complaint !== null);
  return { push, end, applicant, attempts: count(action === 'pushProfile' ? 'create' : 'enrich'), complaints };
}

function differs(what: string, wanted: string | number, seen: string | number | undefined): string | null {
  return wanted === seen ? null : `${what}: ${seen ?? 'none'} instead of ${wanted}`;
}
