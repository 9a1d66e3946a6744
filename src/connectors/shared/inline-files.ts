import type { Files, JsonObject } from '../connector';
import { base64FileSchema, fileReferenceSchema, type FileReference } from './file-reference';

/** The document with every base64 file reference replaced by the bytes of the file in base64. */
export function inlineFiles(document: JsonObject, files: Files): JsonObject {
  const members = Object.entries(document).map(([name, member]) => [name, inline(member, files)] as const);
  return Object.fromEntries(members);
}

/** The files that a document refers to, each once. */
export function fileReferences(document: unknown): FileReference[] {
  const found = new Map<string, FileReference>();
  collect(document, found);
  return [...found.values()];
}

function inline(value: unknown, files: Files): unknown {
  if (Array.isArray(value)) return value.map((item: unknown) => inline(item, files));
  if (typeof value !== 'object' || value === null) return value;
  const file = '$file' in value ? base64FileSchema.safeParse(value) : null;
  if (file?.success) return files(file.data).toString('base64');
  return inlineFiles({ ...value }, files);
}

function collect(value: unknown, found: Map<string, FileReference>): void {
  if (Array.isArray(value)) value.forEach((item: unknown) => collect(item, found));
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
  const file = '$file' in value ? fileReferenceSchema.safeParse(value) : null;
  if (file?.success) found.set(file.data.$file, file.data);
  else Object.values(value).forEach((member: unknown) => collect(member, found));
}
