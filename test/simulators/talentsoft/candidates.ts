import { equalIgnoringCase, textOrNull, type JsonObject } from '../json';
import { withRespelled } from '../spelling';
import type { ApplicationFile, CheckedApplication } from './application';
import type { TalentSoftSwitches } from './switches';

/** One application as the simulator keeps it. */
export interface StoredApplication {
  candidateId: string;
  email: string | null;
  /** Null for an application without an offer. */
  offerReference: string | null;
  applicationId: string;
  /** Time of the commit, epoch milliseconds. */
  at: number;
  /** When exports start to show it, epoch milliseconds. */
  visibleAt: number;
  /** The `applicantApplication` as it came. */
  document: JsonObject;
  /** The first file, null without one. */
  file: ApplicationFile | null;
  files: ApplicationFile[];
}

/** One candidate. */
export interface StoredCandidate {
  id: string;
  chronoNumber: number;
  email: string | null;
  firstName: string | null;
  lastName: string | null;
  /** Epoch milliseconds. */
  createdAt: number;
  /** Epoch milliseconds. */
  updatedAt: number;
  personal: JsonObject;
}

/** Candidates and applications of one client. */
export class CandidateStore {
  /** Every application, in the order of their commits. */
  readonly applications: StoredApplication[] = [];
  /** Every candidate, oldest first. */
  readonly candidates: StoredCandidate[] = [];
  private lastId = 1000;

  /** Stores an application and, where nobody of that e-mail address is to be joined, its candidate. */
  add(
    { document, personal: sent, offerReference, files }: CheckedApplication,
    { candidates, storedSpelling }: Pick<TalentSoftSwitches, 'candidates' | 'storedSpelling'>,
    { at, visibleAt }: { at: number; visibleAt: number },
  ): StoredApplication {
    const personal = withRespelled(sent, ['firstName', 'lastName', 'email'], storedSpelling);
    const email = textOrNull(personal.email);
    const known =
      candidates === 'mergeByEmail' ? this.candidates.find((one) => equalIgnoringCase(one.email, email)) : undefined;
    const candidate = known ?? this.addCandidate(personal, at);
    candidate.updatedAt = at;
    const stored: StoredApplication = {
      candidateId: candidate.id,
      email,
      offerReference,
      applicationId: String(this.nextId()),
      at,
      visibleAt,
      document,
      file: files[0] ?? null,
      files,
    };
    this.applications.push(stored);
    return stored;
  }

  /** Tells whether someone with that e-mail address applied to that offer, visible or not. */
  hasApplied({ personal, offerReference }: CheckedApplication): boolean {
    const email = textOrNull(personal.email);
    return this.applications.some((one) => {
      return one.offerReference === offerReference && equalIgnoringCase(one.email, email);
    });
  }

  /** Applications of a candidate that exports show at a moment. */
  visibleApplications(candidate: StoredCandidate, now: number): StoredApplication[] {
    return this.applications.filter(({ candidateId, visibleAt }) => candidateId === candidate.id && visibleAt <= now);
  }

  /** Removes everything. */
  clear(): void {
    this.applications.length = 0;
    this.candidates.length = 0;
  }

  private addCandidate(personal: JsonObject, at: number): StoredCandidate {
    const number = this.nextId();
    const candidate: StoredCandidate = {
      id: String(number),
      chronoNumber: number,
      personal,
      createdAt: at,
      updatedAt: at,
      email: textOrNull(personal.email),
      firstName: textOrNull(personal.firstName),
      lastName: textOrNull(personal.lastName),
    };
    this.candidates.push(candidate);
    return candidate;
  }

  private nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }
}
