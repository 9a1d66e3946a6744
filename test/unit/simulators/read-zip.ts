import { inflateRawSync } from 'node:zlib';
import { expect } from '@jest/globals';
import { crc32 } from '../../simulators/zip';

/** Reads an archive by its central directory. */
export function readZip(archive: Buffer): Map<string, Buffer> {
  const end = archive.length - 22;
  expect(archive.readUInt32LE(end)).toBe(0x06054b50);
  const entries = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left -= 1) {
    expect(archive.readUInt32LE(at)).toBe(0x02014b50);
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    expect(archive.readUInt32LE(local)).toBe(0x04034b50);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const data = inflateRawSync(archive.subarray(start, start + archive.readUInt32LE(at + 20)));
    expect([data.length, crc32(data)]).toEqual([archive.readUInt32LE(at + 24), archive.readUInt32LE(at + 16)]);
    entries.set(name, data);
    at += 46 + nameLength;
  }
  return entries;
}
