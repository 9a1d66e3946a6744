import { deflateRawSync } from 'node:zlib';

const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
const VERSION_NEEDED = 20;
const UTF8_NAMES = 0x0800;
const DEFLATE = 8;
const DOS_DATE_1980 = 0x0021;

/** One file of an archive. */
export interface ZipEntry {
  name: string;
  data: Buffer;
}

/** Writes a ZIP archive (deflate, UTF-8 names, no ZIP64, dates of 1980). */
export function createZip(entries: ZipEntry[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data } of entries) {
    const nameBytes = Buffer.from(name, 'utf8');
    const packed = deflateRawSync(data);
    const shared = sharedFields(nameBytes, data, packed);
    const file = Buffer.concat([uint32(LOCAL_HEADER), shared, nameBytes, packed]);
    directory.push(centralHeader(shared, offset), nameBytes);
    files.push(file);
    offset += file.length;
  }
  const central = Buffer.concat(directory);
  return Buffer.concat([...files, central, endOfDirectory(entries.length, central.length, offset)]);
}

/** The CRC-32 that ZIP uses (`zlib.crc32` needs a newer Node than ours). */
export function crc32(data: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of data) crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

// From "version needed" to "length of extra field": the same bytes stand in the local and in the central header.
function sharedFields(name: Buffer, data: Buffer, packed: Buffer): Buffer {
  return Buffer.concat([
    uint16(VERSION_NEEDED),
    uint16(UTF8_NAMES),
    uint16(DEFLATE),
    uint16(0),
    uint16(DOS_DATE_1980),
    uint32(crc32(data)),
    uint32(packed.length),
    uint32(data.length),
    uint16(name.length),
    uint16(0),
  ]);
}

function centralHeader(shared: Buffer, offset: number): Buffer {
  const commentDiskAndAttributes = Buffer.alloc(10);
  return Buffer.concat([
    uint32(CENTRAL_HEADER),
    uint16(VERSION_NEEDED),
    shared,
    commentDiskAndAttributes,
    uint32(offset),
  ]);
}

function endOfDirectory(count: number, size: number, offset: number): Buffer {
  return Buffer.concat([
    uint32(END_OF_DIRECTORY),
    uint16(0),
    uint16(0),
    uint16(count),
    uint16(count),
    uint32(size),
    uint32(offset),
    uint16(0),
  ]);
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

/** Four bytes, little-endian; also the frame length of TalentSoft's exports (facts 3.6). */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}
