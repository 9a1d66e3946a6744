import busboy from 'busboy';
import type { IncomingHttpHeaders } from 'node:http';

const MAX_FIELD_BYTES = 64 * 1024 * 1024;

/** One part of a multipart body. */
export interface Part {
  name: string;
  /** Null for a plain field. */
  fileName: string | null;
  contentType: string;
  body: Buffer;
}

/**
 * Parses a multipart body. File names are read as UTF-8 and keep any path.
 *
 * @returns undefined if the body is not a well-formed multipart document
 */
export function parseMultipart(headers: IncomingHttpHeaders, body: Buffer): Promise<Part[] | undefined> {
  return new Promise((resolve) => {
    const parts: Part[] = [];
    const parser = startParser(headers);
    if (parser === null) {
      resolve(undefined);
      return;
    }
    parser.on('field', (name, value, info) => {
      parts.push({ name, fileName: null, contentType: info.mimeType, body: Buffer.from(value, 'utf8') });
    });
    parser.on('file', (name, stream, info) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('error', () => undefined);
      stream.on('end', () => {
        const fileName = info.filename ?? '';
        parts.push({ name, fileName, contentType: info.mimeType, body: Buffer.concat(chunks) });
      });
    });
    parser.on('error', () => resolve(undefined));
    parser.on('close', () => resolve(isValidUtf8(parts, body) ? parts : undefined));
    parser.end(body);
  });
}

function startParser(headers: IncomingHttpHeaders): busboy.Busboy | null {
  try {
    return busboy({ headers, defParamCharset: 'utf8', preservePath: true, limits: { fieldSize: MAX_FIELD_BYTES } });
  } catch {
    return null;
  }
}

// The parser replaces invalid UTF-8 with U+FFFD: more of them in the fields than were sent means invalid bytes.
function isValidUtf8(parts: Part[], body: Buffer): boolean {
  const replacement = Buffer.from('\uFFFD', 'utf8');
  const inFields = parts.filter((part) => part.fileName === null).map((part) => occurrences(part.body, replacement));
  return inFields.reduce((sum, count) => sum + count, 0) <= occurrences(body, replacement);
}

function occurrences(bytes: Buffer, wanted: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(wanted); at >= 0; at = bytes.indexOf(wanted, at + wanted.length)) count += 1;
  return count;
}
