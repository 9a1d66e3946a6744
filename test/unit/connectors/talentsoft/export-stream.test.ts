import { describe, expect, it } from '@jest/globals';
import { readCandidates } from '../../../../src/connectors/talentsoft/export-stream';
import { StepError } from '../../../../src/protocol/errors';
import { createZip, uint32, type ZipEntry } from '../../../simulators/zip';

const MIB = 1024 * 1024;
const END_BYTES = 22;
const DETAIL = 'applicantdetail';

function detailOf(id: string, bytes = 0): ZipEntry {
  const text = JSON.stringify({ candidateDetail: { id, email: 'zoé@example.test' } });
  const data = Buffer.from(text, 'utf8');
  return { name: DETAIL, data: Buffer.concat([data, Buffer.alloc(Math.max(bytes - data.length, 0), ' ')]) };
}

function pageOf(...zips: Buffer[]): Buffer {
  return Buffer.concat(zips.flatMap((zip) => [uint32(zip.length), zip]));
}

async function idsOf(page: Buffer, limit = 100) {
  return (await readCandidates(page, limit)).map(({ candidateDetail }) => candidateDetail.id);
}

/** What is in an archive before its directory, the directory, and what is after it. */
function partsOf(zip: Buffer): { files: Buffer; directory: Buffer; end: Buffer } {
  const end = zip.subarray(zip.length - END_BYTES);
  const start = end.readUInt32LE(16);
  return { files: zip.subarray(0, start), directory: zip.subarray(start, zip.length - END_BYTES), end };
}

/** The archive with its directory written several times, so that all entries point to the same bytes. */
function withDirectoryTimes(zip: Buffer, times: number): Buffer {
  const { files, directory, end } = partsOf(zip);
  const changed = Buffer.from(end);
  changed.writeUInt16LE(times, 8);
  changed.writeUInt16LE(times, 10);
  changed.writeUInt32LE(directory.length * times, 12);
  return Buffer.concat([files, ...Array.from({ length: times }, () => directory), changed]);
}

function withCount(zip: Buffer, count: number): Buffer {
  const changed = Buffer.from(zip);
  changed.writeUInt16LE(count, changed.length - END_BYTES + 10);
  return changed;
}

/** The archive with its only entry said to be that large. */
function withSize(zip: Buffer, size: number): Buffer {
  const changed = Buffer.from(zip);
  changed.writeUInt32LE(size, changed.readUInt32LE(changed.length - END_BYTES + 16) + 24);
  return changed;
}

async function expectTorn(page: Buffer, limit = 100, retryable = true): Promise<void> {
  const thrown = await readCandidates(page, limit).then(
    () => null,
    (error: unknown) => error,
  );
  expect(thrown).toBeInstanceOf(StepError);
  expect(thrown).toMatchObject({ facts: { type: 'unavailable', retryable } });
}

/** What is too large stays so, unlike a page that broke off. */
const expectOutsized = (page: Buffer) => expectTorn(page, 100, false);

describe('a page of an export', () => {
  it('holds the candidates of its frames in order, and none where it is empty', async () => {
    expect(await idsOf(pageOf(createZip([detailOf('1')]), createZip([detailOf('2')])))).toEqual(['1', '2']);
    expect(await idsOf(Buffer.alloc(0))).toEqual([]);
  });

  it('is read past attachments, however large they are', async () => {
    const attachments = [
      { name: 'a', data: Buffer.alloc(5 * MIB) },
      { name: 'b', data: Buffer.alloc(MIB, 'PK') },
    ];
    expect(await idsOf(pageOf(createZip([...attachments, detailOf('1')])))).toEqual(['1']);
    expect(await idsOf(pageOf(createZip([detailOf('1'), ...attachments])))).toEqual(['1']);
  });

  it('is read with a comment behind the archive, or a byte order mark', async () => {
    const zip = createZip([detailOf('1')]);
    const commented = Buffer.concat([zip, Buffer.from('made by hand')]);
    commented.writeUInt16LE(12, zip.length - 2);
    const { name, data } = detailOf('2');
    const marked = createZip([{ name, data: Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), data]) }]);
    expect(await idsOf(pageOf(commented, marked))).toEqual(['1', '2']);
  });

  it.each<[string, Buffer]>([
    ['no detail', createZip([{ name: 'other', data: Buffer.from('{}') }])],
    ['nothing in it', createZip([])],
    ['a detail that is no JSON', createZip([{ name: DETAIL, data: Buffer.from('{') }])],
    ['a detail without a candidate', createZip([{ name: DETAIL, data: Buffer.from('{}') }])],
    ['a directory that breaks off', createZip([detailOf('1')]).subarray(20)],
    ['an end that breaks off', createZip([detailOf('1')]).subarray(0, -1)],
    ['fewer entries than it says', withCount(createZip([detailOf('1')]), 2)],
  ])('with %s proves nothing', async (_name, zip) => {
    await expectTorn(pageOf(zip));
    await expectTorn(pageOf(createZip([detailOf('1')]), zip));
  });
});

describe('an archive that is a bomb', () => {
  it('by many entries that are one block is not unpacked', async () => {
    const bomb = withDirectoryTimes(createZip([detailOf('1', 3 * MIB)]), 60_000);
    await expectTorn(pageOf(bomb));
    await expectTorn(pageOf(withDirectoryTimes(createZip([detailOf('1')]), 2)));
  });

  it('by one large detail is given up at 4 MiB', async () => {
    expect(await idsOf(pageOf(createZip([detailOf('1', 4 * MIB)])))).toEqual(['1']);
    await expectOutsized(pageOf(createZip([detailOf('1', 4 * MIB + 1)])));
  });

  it('by a size that its directory does not say is given up at 4 MiB, too', async () => {
    const bomb = createZip([detailOf('1', 50 * MIB)]);
    for (const size of [0, 10, 4 * MIB]) await expectTorn(pageOf(withSize(bomb, size)));
    await expectOutsized(pageOf(withSize(bomb, 0xffffffff)));
  });

  it('by many large details is given up at 64 MiB of a page', async () => {
    const large = createZip([detailOf('1', 4 * MIB)]);
    expect(await idsOf(pageOf(...Array.from({ length: 16 }, () => large)))).toHaveLength(16);
    await expectOutsized(pageOf(...Array.from({ length: 17 }, () => large)));
  });

  it('by more frames than were asked for is given up', async () => {
    const zip = createZip([detailOf('1')]);
    expect(await idsOf(pageOf(zip, zip), 2)).toHaveLength(2);
    await expectTorn(pageOf(zip, zip, zip), 2);
  });
});
