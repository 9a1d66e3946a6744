import { describe, expect, test } from '@jest/globals';
import { crc32, createZip } from '../../simulators/zip';
import { readZip } from './read-zip';

describe('an archive', () => {
  test('gives back what was put in', () => {
    const files = [
      { name: 'applicantdetail', data: Buffer.from('{"é":1}') },
      { name: 'Łódź.bin', data: Buffer.alloc(5000, 'ab') },
      { name: 'empty', data: Buffer.alloc(0) },
    ];
    const read = readZip(createZip(files));
    expect([...read.keys()]).toEqual(['applicantdetail', 'Łódź.bin', 'empty']);
    for (const { name, data } of files) expect(read.get(name)?.equals(data)).toBe(true);
  });

  test('may be empty', () => {
    expect(readZip(createZip([])).size).toBe(0);
  });
});

test('the checksum is the one of the standard', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf43926);
});
