import { equalIgnoringCase } from '../json';
import { createZip, uint32, type ZipEntry } from '../zip';
import type { CandidateStore, StoredApplication, StoredCandidate } from './candidates';
import type { TalentSoftSwitches } from './switches';

/** File type of a CV (facts 3.4). */
const CV_FILE_TYPE = 36;

/** Whether a candidate is wanted. */
export type CandidateFilter = (candidate: StoredCandidate) => boolean;

/**
 * Reads `field:operator:value` (facts 3.6); an empty operator compares with each member of a comma-separated list.
 *
 * @returns null where field, operator or value is none that the facts name
 */
export function parseFilter(text: string, { emailFilter }: TalentSoftSwitches): CandidateFilter | null {
  const [, field, operator, value] = /^(\w+):(\w*):(.+)$/.exec(text) ?? [];
  if (value === undefined) return null;
  const wanted = value.split(',');
  switch (`${field}:${operator}`) {
    case 'id:':
      return ({ id }) => wanted.includes(id);
    case 'email:':
      return ({ email }) =>
        wanted.some((one) => (emailFilter === 'exact' ? one === email : equalIgnoringCase(one, email)));
    case 'updateDate:lt':
    case 'updateDate:gt':
      return dateFilter(value, operator === 'lt');
    case 'chronoNumber:gt':
      return /^\d+$/.test(value) ? ({ chronoNumber }) => chronoNumber > Number(value) : null;
    default:
      return null;
  }
}

function dateFilter(value: string, before: boolean): CandidateFilter | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(value) || Number.isNaN(Date.parse(value))) return null;
  return ({ updatedAt }) => {
    const day = new Date(updatedAt).toISOString().slice(0, 10);
    return before ? day < value : day > value;
  };
}

/** The export stream of one page: a little-endian length before each candidate's archive; empty for no candidates. */
export function exportPage(
  candidates: StoredCandidate[],
  store: CandidateStore,
  switches: TalentSoftSwitches,
  now: number,
): Buffer {
  return Buffer.concat(
    candidates.flatMap((candidate) => {
      const archive = createZip(archiveOf(candidate, store.visibleApplications(candidate, now), switches));
      return [uint32(archive.length), archive];
    }),
  );
}

function archiveOf(
  candidate: StoredCandidate,
  applications: StoredApplication[],
  switches: TalentSoftSwitches,
): ZipEntry[] {
  const files = applications.flatMap(({ applicationId, files }) =>
    files.map((file, index) => ({ ...file, id: `${applicationId}-${index}` })),
  );
  const detail = {
    candidateDetail: candidateDetail(candidate, switches),
    isEmployee: false,
    isInProgress: false,
    ...(switches.applicationsInExport && { applications: applications.map(applicationDetail(switches)) }),
    attachments: files.map(({ id, fileTypeId, contentType, fileName }) => {
      return { id, isResume: fileTypeId === CV_FILE_TYPE, mimeType: contentType, filename: fileName };
    }),
  };
  const entries = files.map(({ id, body }) => ({ name: id, data: body }));
  return [{ name: 'applicantdetail', data: Buffer.from(JSON.stringify(detail), 'utf8') }, ...entries];
}

const applicationDetail =
  ({ vacancyReferenceInExport }: TalentSoftSwitches) =>
  ({ applicationId, offerReference, at }: StoredApplication) => ({
    id: applicationId,
    ...(vacancyReferenceInExport && { vacancyReference: offerReference }),
    date: new Date(at).toISOString(),
  });

function candidateDetail(
  { id, chronoNumber, email, firstName, lastName, createdAt, personal }: StoredCandidate,
  { emailInExport }: TalentSoftSwitches,
) {
  return {
    id,
    chronoNumber,
    lastName,
    firstName,
    ...(emailInExport && { email }),
    civility: personal.civility ?? null,
    personalInformation: personal,
    educations: [],
    experiences: [],
    languages: [],
    creationDate: new Date(createdAt).toISOString(),
    status: 'active',
    isAnonymized: false,
  };
}
