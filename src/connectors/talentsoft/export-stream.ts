import { buffer } from 'node:stream/consumers';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { StepError } from '../../protocol/errors';
import { talentSoftCandidateSchema, type TalentSoftCandidate } from './schemas';

const LENGTH_BYTES = 4;
const DETAIL = 'applicantdetail';
const MAX_DETAIL_BYTES = 4 * 1024 * 1024;
/** Of one page, unpacked: a few bytes of zip can be made to unpack to any number. */
const MAX_PAGE_BYTES = 64 * 1024 * 1024;

/**
 * Reads one page of a candidate export: frames of a little-endian 32-bit length and as many bytes of zip, whose entry
 * `applicantdetail` is the candidate as JSON. An empty page has no candidate.
 *
 * @param limit the number of candidates requested
 * @throws StepError `unavailable` for a page that proves nothing: to be retried for a torn or unreadable frame, not for one
 *   that is too large, which stays so
 */
export async function readCandidates(page: Buffer, limit: number): Promise<TalentSoftCandidate[]> {
  const candidates: TalentSoftCandidate[] = [];
  let bytesLeft = MAX_PAGE_BYTES;
  try {
    for (const frame of frames(page, limit)) {
      const detail = await readDetail(frame, Math.min(MAX_DETAIL_BYTES, bytesLeft));
      bytesLeft -= detail.length;
      candidates.push(readCandidate(detail));
    }
  } catch (error) {
    throw error instanceof StepError ? error : torn();
  }
  return candidates;
}

function* frames(page: Buffer, limit: number): Generator<Buffer> {
  for (let count = 1, offset = 0; offset < page.length; count += 1) {
    const end = offset + LENGTH_BYTES + page.readUInt32LE(offset);
    if (count > limit || end > page.length) throw torn();
    yield page.subarray(offset + LENGTH_BYTES, end);
    offset = end;
  }
}

/** The size that the archive states is checked before; yauzl stops where more comes than it states. */
async function readDetail(zip: Buffer, mostBytes: number): Promise<Buffer> {
  const archive = await fromBufferPromise(zip, { lazyEntries: true });
  const detail = await onlyDetail(archive);
  if (detail.uncompressedSize > mostBytes) throw outsized();
  return buffer(await archive.openReadStreamPromise(detail));
}

/** Attachments are passed over. An archive with a second detail was not made by an export. */
async function onlyDetail(archive: ZipFile): Promise<Entry> {
  let detail: Entry | null = null;
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName !== DETAIL) continue;
    if (detail) throw torn();
    detail = entry;
  }
  if (!detail) throw torn();
  return detail;
}

function readCandidate(detail: Buffer): TalentSoftCandidate {
  // Not toString, which keeps a byte order mark.
  const parsed: unknown = JSON.parse(new TextDecoder().decode(detail));
  return talentSoftCandidateSchema.parse(parsed);
}

function outsized(): StepError {
  return new StepError({
    type: 'unavailable',
    message: `TalentSoft answered with an export of more than ${MAX_PAGE_BYTES} bytes, or a candidate of more than ${MAX_DETAIL_BYTES}.`,
    whoMustAct: 'user',
    nextStep: 'Check TalentSoft, then resolve the run as delivered or not delivered.',
    retryable: false,
  });
}

function torn(): StepError {
  return new StepError({
    type: 'unavailable',
    message: 'TalentSoft answered with an export that cannot be read to its end.',
    nextStep: 'If this persists, ask Cegid support.',
  });
}
