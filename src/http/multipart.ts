import { randomBytes } from 'node:crypto';

/** A part of a multipart body: a text, or a file. */
export type MultipartPart =
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly fileName: string; readonly contentType: string; readonly bytes: Buffer };

/**
 * Writes a `multipart/form-data` body (RFC 7578). Texts and names are UTF-8. Quotation marks in names are written as RFC 2183 has
 * it, with a backslash: servers that read headers undo that, while they leave the `%22` of browsers as it is.
 */
export function multipart(parts: readonly MultipartPart[]): { readonly contentType: string; readonly body: Buffer } {
  const boundary = `hrflow-temporal-${randomBytes(18).toString('hex')}`;
  const chunks = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n${headersOf(part)}\r\n\r\n`, 'utf8'),
    'text' in part ? Buffer.from(part.text, 'utf8') : part.bytes,
    Buffer.from('\r\n'),
  ]);
  const body = Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]);
  return { contentType: `multipart/form-data; boundary=${boundary}`, body };
}

function headersOf(part: MultipartPart): string {
  const disposition = `Content-Disposition: form-data; name=${quoted(part.name)}`;
  if ('text' in part) return disposition;
  return `${disposition}; filename=${quoted(part.fileName.trim())}\r\nContent-Type: ${oneLine(part.contentType)}`;
}

function quoted(text: string): string {
  return `"${oneLine(text).replace(/["\\]/g, '\\$&')}"`;
}

/** Control characters would end the header, or be refused. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}/gu, ' ');
}
