import { strFromU8, unzipSync } from 'fflate';
import { StepFailure } from '../../failure';
import { talentSoftCandidateSchema, type TalentSoftCandidate } from './schemas';

const LENGTH_BYTES = 4;
const LARGEST_DETAIL = 16 * 1024 * 1024;

/**
 * Reads one page of a candidate export: frames of a little-endian 32-bit length and as many bytes of zip, whose entry
 * `applicantdetail` is the candidate as JSON. An empty page has no candidate.
 *
 * @throws StepFailure `unavailable` for a torn frame or an unreadable one: such a page proves nothing
 */
export function readCandidates(page: Buffer): TalentSoftCandidate[] {
  const candidates: TalentSoftCandidate[] = [];
  for (let offset = 0; offset < page.length;) {
    if (offset + LENGTH_BYTES > page.length) throw torn();
    const end = offset + LENGTH_BYTES + page.readUInt32LE(offset);
    if (end > page.length) throw torn();
    candidates.push(readFrame(page.subarray(offset + LENGTH_BYTES, end)));
    offset = end;
  }
  return candidates;
}

function readFrame(zip: Buffer): TalentSoftCandidate {
  try {
    const entries = unzipSync(zip, {
      filter: ({ name, originalSize }) => name === 'applicantdetail' && originalSize <= LARGEST_DETAIL,
    });
    const detail = entries['applicantdetail'];
    if (!detail) throw torn();
    const parsed: unknown = JSON.parse(strFromU8(detail));
    return talentSoftCandidateSchema.parse(parsed);
  } catch {
    throw torn();
  }
}

function torn(): StepFailure {
  return new StepFailure({
    type: 'unavailable',
    message: 'TalentSoft answered an export that cannot be read to its end.',
    whoMustAct: 'vendor',
    nextStep: 'Ask Cegid support if it lasts.',
    retryable: true,
  });
}
