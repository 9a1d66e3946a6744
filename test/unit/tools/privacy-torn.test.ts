import { describe, expect, it } from '@jest/globals';
import { standsTorn } from '../../integration/privacy-torn';

const PAGE = 4_096;

/** An overflow page: the number of the next one, then what is given, at its beginning and its end. */
function page(beginning: string, end: string): Buffer {
  const bytes = Buffer.alloc(PAGE, '.');
  bytes.writeUInt32BE(7);
  bytes.write(beginning, 4, 'latin1');
  bytes.write(end, PAGE - end.length, 'latin1');
  return bytes;
}

function databaseOf(...pages: Buffer[]): Buffer {
  const first = Buffer.alloc(PAGE);
  first.write('SQLite format 3\0', 'latin1');
  first.writeUInt16BE(PAGE, 16);
  return Buffer.concat([first, ...pages]);
}

function logOf(...pages: Buffer[]): Buffer {
  const header = Buffer.alloc(32);
  header.writeUInt32BE(0x377f0682);
  header.writeUInt32BE(PAGE, 8);
  return Buffer.concat([header, ...pages.flatMap((each) => [Buffer.alloc(24), each])]);
}

describe('a text that SQLite has split', () => {
  it.each([
    ['a database file', databaseOf],
    ['a write-ahead log', logOf],
  ])('is found in %s, wherever the next page is', (_, fileOf) => {
    expect(standsTorn('marker', [fileOf(page('ker', ''), page('', ''), page('', 'mar'))])).toBe(true);
  });

  it('is found with one part in the file and the other in the log', () => {
    expect(standsTorn('marker', [databaseOf(page('', 'm')), logOf(page('arker', ''))])).toBe(true);
  });

  it('is not found if a part is missing', () => {
    expect(standsTorn('marker', [databaseOf(page('ker', 'ma'), page('arker', ''))])).toBe(false);
    expect(standsTorn('marker', [Buffer.from('mar'), Buffer.from('0000ker')])).toBe(false);
  });
});
