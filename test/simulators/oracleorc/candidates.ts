import { equalIgnoringCase, textOrNull, type JsonObject } from '../json';
import { CHILDREN } from './attributes';
import { withRespelled, type Spelling } from '../spelling';
import { filesOf, type OracleFile } from './payload';

const FIRST_CANDIDATE_NUMBER = 100_001;
const FIRST_PERSON_ID = 300_000_000_000_001;
/** The attributes that may be stored in another spelling. */
const SPELLED = ['FirstName', 'LastName', 'Email'];

/** One candidate as the simulator keeps it. */
export interface StoredOracleCandidate {
  candidateNumber: string;
  personId: number;
  firstName: string | null;
  lastName: string | null;
  email: string | null;
  /** Time of the commit, epoch milliseconds; also the moment of the last change. */
  at: number;
  /** When lookups start to show it, epoch milliseconds. */
  visibleAt: number;
  /** The body of the POST as it came. */
  document: JsonObject;
  /** Names and e-mail as they are stored, which may be another spelling. */
  stored: JsonObject;
  /** The attachments, decoded. */
  files: OracleFile[];
}

/** The candidates of one pod. */
export class OracleCandidateStore {
  /** Every candidate, oldest first. */
  readonly candidates: StoredOracleCandidate[] = [];

  /** Stores a candidate and gives it its numbers. */
  add(
    document: JsonObject,
    { at, visibleAt, spelling = [] }: { at: number; visibleAt: number; spelling?: readonly Spelling[] },
  ): StoredOracleCandidate {
    const count = this.candidates.length;
    const stored = withRespelled(document, SPELLED, spelling);
    const candidate: StoredOracleCandidate = {
      candidateNumber: String(FIRST_CANDIDATE_NUMBER + count),
      personId: FIRST_PERSON_ID + count,
      firstName: textOrNull(stored.FirstName),
      lastName: textOrNull(stored.LastName),
      email: textOrNull(stored.Email),
      at,
      visibleAt,
      document,
      stored,
      files: filesOf(document),
    };
    this.candidates.push(candidate);
    return candidate;
  }

  /** Tells whether someone has that e-mail address, visible or not. */
  hasEmail(email: string | null): boolean {
    return this.candidates.some((candidate) => equalIgnoringCase(candidate.email, email));
  }

  /** Removes everything. */
  clear(): void {
    this.candidates.length = 0;
  }
}

/** The attributes of a candidate as answers show them, without children and links. */
export function attributesOf(candidate: StoredOracleCandidate): JsonObject {
  const { candidateNumber, personId, firstName, lastName, at, stored } = candidate;
  const name = [firstName, lastName].filter((part) => part !== null).join(' ');
  const modified = new Date(at).toISOString().replace('Z', '+00:00');
  const own = Object.entries(stored).filter(([member]) => !CHILDREN.has(member));
  return {
    ...Object.fromEntries(own),
    CandidateNumber: candidateNumber,
    PersonId: personId,
    CandidateType: 'ORA_EXTERNAL',
    FullName: name,
    DisplayName: name,
    ListName: [lastName, firstName].filter((part) => part !== null).join(', '),
    CreatedBy: 'INTEGRATION',
    LastUpdatedBy: 'INTEGRATION',
    CreationDate: modified.replace(/\.\d+/, ''),
    LastUpdateDate: modified,
    CandLastModifiedDate: modified,
  };
}
