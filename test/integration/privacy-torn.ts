/**
 * Finds texts that SQLite splits. A payload that does not fit into a page continues in overflow pages, each of which begins with the
 * four-byte number of the next one, wherever they lie in the database file or in its write-ahead log.
 */

const OVERFLOW_HEADER_BYTES = 4;
const WAL_HEADER_BYTES = 32;
const WAL_FRAME_HEADER_BYTES = 24;
const WAL_MAGIC = [0x377f0682, 0x377f0683];
const DATABASE_MAGIC = 'SQLite format 3\0';
/** More than any text that is searched for. */
const EDGE_BYTES = 256;

/** Tells whether the text starts at the end of a page and continues at the start of another. */
export function standsTorn(text: string, files: readonly Buffer[]): boolean {
  const pages = files.flatMap(pagesOf);
  const ends = pages.map((page) => page.subarray(-EDGE_BYTES).toString('latin1'));
  const beginnings = pages.map((page) => page.toString('latin1', OVERFLOW_HEADER_BYTES, EDGE_BYTES));
  return Array.from({ length: text.length - 1 }, (_, before) => before + 1).some(
    (cut) =>
      ends.some((end) => end.endsWith(text.slice(0, cut))) &&
      beginnings.some((beginning) => beginning.startsWith(text.slice(cut))),
  );
}

/** The pages of a database file or of a write-ahead log; none of another file. */
function pagesOf(file: Buffer): Buffer[] {
  if (file.length > WAL_HEADER_BYTES && WAL_MAGIC.includes(file.readUInt32BE(0)))
    return slices(file, WAL_HEADER_BYTES, WAL_FRAME_HEADER_BYTES, file.readUInt32BE(8));
  if (file.toString('latin1', 0, DATABASE_MAGIC.length) !== DATABASE_MAGIC) return [];
  const size = file.readUInt16BE(16);
  return slices(file, 0, 0, size === 1 ? 65_536 : size);
}

function slices(file: Buffer, start: number, headerBytes: number, pageBytes: number): Buffer[] {
  const count = Math.floor((file.length - start) / (headerBytes + pageBytes));
  return Array.from({ length: count }, (_, index) => {
    const at = start + index * (headerBytes + pageBytes) + headerBytes;
    return file.subarray(at, at + pageBytes);
  });
}
