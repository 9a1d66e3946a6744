import { gunzipSync, constants } from 'node:zlib';

/** Where a text was found, and in which form. */
export interface Hit {
  readonly place: string;
  readonly text: string;
  readonly form: string;
  /** What stands around it, for those who read a failed test. */
  readonly around: string;
}

/** Bytes by the name of the place that they were taken from. */
export type Evidence = Readonly<Record<string, readonly Buffer[]>>;

const GZIP_MAGIC = Buffer.from([0x1f, 0x8b, 0x08]);
const AROUND = 60;

/**
 * Searches bytes for texts: as UTF-8, as UTF-16, in hexadecimal, in base64 at each of its three alignments, percent-encoded,
 * JSON-escaped, and each of these within whatever is packed with gzip. Not found is what is encrypted, packed otherwise, or
 * torn apart (an overflow page of SQLite may begin in the middle of a text; markers therefore stand in many places).
 */
export function search(evidence: Evidence, texts: readonly string[]): Hit[] {
  const needles = texts.flatMap((text) => formsOf(text).map(([form, bytes]) => ({ text, form, bytes })));
  return Object.entries(evidence).flatMap(([place, buffers]) =>
    buffers.flatMap((buffer) =>
      [buffer, ...unpacked(buffer)].flatMap((bytes) =>
        needles.flatMap(({ text, form, bytes: needle }) => {
          const at = bytes.indexOf(needle);
          return at < 0 ? [] : [{ place, text, form, around: printable(bytes, at, needle.length) }];
        }),
      ),
    ),
  );
}

/** Every marker with that stem that stands in the bytes as UTF-8. */
export function wordsWith(stem: string, buffers: readonly Buffer[]): Set<string> {
  const before = stem.startsWith('.') ? '\\d+' : '';
  const pattern = new RegExp(`${before}${stem.replace(/[.]/g, '\\$&')}[\\w:]*`, 'g');
  return new Set(buffers.flatMap((buffer) => buffer.toString('latin1').match(pattern) ?? []));
}

function formsOf(text: string): [form: string, bytes: Buffer][] {
  const utf8 = Buffer.from(text, 'utf8');
  const forms: [string, Buffer][] = [
    ['UTF-8', utf8],
    ['UTF-16', Buffer.from(text, 'utf16le')],
    ['hexadecimal', Buffer.from(utf8.toString('hex'))],
    ['percent-encoded', Buffer.from(encodeURIComponent(text))],
    ['JSON-escaped', Buffer.from(JSON.stringify(text).slice(1, -1))],
    ...[0, 1, 2].map((shift): [string, Buffer] => ['base64', inBase64(utf8, shift)]),
  ];
  return forms;
}

/** The part of the base64 that does not depend on what stands before and after. */
function inBase64(bytes: Buffer, shift: number): Buffer {
  const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
    .toString('base64')
    .replace(/=+$/, '');
  const begin = shift === 0 ? 0 : shift + 1;
  const end = (bytes.length + shift) % 3 === 0 ? encoded.length : encoded.length - 1;
  return Buffer.from(encoded.slice(begin, end));
}

function unpacked(buffer: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = buffer.indexOf(GZIP_MAGIC); at >= 0; at = buffer.indexOf(GZIP_MAGIC, at + 1)) {
    try {
      found.push(gunzipSync(buffer.subarray(at), { finishFlush: constants.Z_SYNC_FLUSH }));
    } catch {
      // Three bytes that look like the beginning of a gzip stream, and are not.
    }
  }
  return found;
}

function printable(bytes: Buffer, at: number, length: number): string {
  const part = bytes.subarray(Math.max(at - AROUND, 0), at + length + AROUND).toString('latin1');
  return part.replace(/[^\x20-\x7e]+/g, '·');
}
