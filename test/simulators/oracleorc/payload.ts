import { decodeBase64, isObject, type JsonObject } from '../json';
import { Refusal } from '../refusal';
import { CANDIDATE, CHILDREN, type AttributeType, type Resource } from './attributes';
import type { OracleSwitches } from './switches';

const DATATYPES = ['FILE', 'TEXT', 'WEB_PAGE'];

/** A file that came as an attachment. */
export interface OracleFile {
  fileName: string | null;
  contentType: string | null;
  categoryName: string | null;
  bytes: Buffer;
}

/**
 * Checks the body of a POST (facts 4.3).
 *
 * @throws Refusal at the first invalid value
 */
export function checkCandidate(document: JsonObject, switches: OracleSwitches): void {
  const required = requiredOf(switches);
  const own = Object.fromEntries(Object.entries(document).filter(([name]) => !CHILDREN.has(name)));
  checkResource(own, { ...CANDIDATE, required }, '', switches);
  for (const [name, child] of CHILDREN) checkChildren(document[name], child, `/${name}`, switches);
}

/** The bytes of the attachments that hold any; call it on a document without problems. */
export function filesOf(document: JsonObject): OracleFile[] {
  const attachments = Array.isArray(document.attachments) ? document.attachments.filter(isObject) : [];
  return attachments.flatMap(({ FileContents, FileName, UploadedFileContentType, CategoryName }) => {
    const bytes = typeof FileContents === 'string' ? decodeBase64(FileContents) : null;
    if (bytes === null) return [];
    const fileName = stringOrNull(FileName);
    return [
      { fileName, contentType: stringOrNull(UploadedFileContentType), categoryName: stringOrNull(CategoryName), bytes },
    ];
  });
}

function requiredOf({ lastNameRequired, emailRequired }: OracleSwitches): string[] {
  return [...(lastNameRequired ? ['LastName'] : []), ...(emailRequired ? ['Email'] : [])];
}

function checkChildren(list: unknown, child: Resource, path: string, switches: OracleSwitches): void {
  if (list === undefined) return;
  if (!Array.isArray(list)) throw new Refusal('A list of child resources is expected.', path);
  for (const [index, item] of list.entries()) {
    const itemPath = `${path}/${index}`;
    if (!isObject(item)) throw new Refusal('An object is expected.', itemPath);
    checkResource(item, child, itemPath, switches);
    checkDatatype(item, itemPath);
  }
}

function checkResource(item: JsonObject, resource: Resource, path: string, switches: OracleSwitches): void {
  const { attributes, readOnly, required, open } = resource;
  for (const [name, value] of Object.entries(item)) {
    const type = attributes.get(name);
    const at = `${path}/${name}`;
    if (type === undefined && !open) throw new Refusal(`There is no attribute ${name}.`, at);
    if (readOnly.includes(name) && switches.refuseReadOnly) throw new Refusal(`${name} cannot be set.`, at);
    const wrong = type === undefined || value === null ? null : checkValue(value, type, switches);
    if (wrong !== null) throw new Refusal(`The value of ${name} ${wrong}.`, at);
  }
  for (const name of required) {
    if ((item[name] ?? '') === '') throw new Refusal(`A value is required: ${name}.`, `${path}/${name}`);
  }
}

function checkValue(value: unknown, type: AttributeType, { longTexts }: OracleSwitches): string | null {
  switch (type.kind) {
    case 'text':
      if (typeof value !== 'string') return 'is no text';
      return Array.from(value).length > type.max ? `is longer than ${type.max} characters` : null;
    case 'flag':
      return typeof value === 'boolean' ? null : 'is neither true nor false';
    case 'integer':
      return Number.isInteger(value) ? null : 'is no integer';
    case 'number':
      return typeof value === 'number' ? null : 'is no number';
    case 'date':
      return isDate(value) ? null : 'is no date';
    case 'base64':
      return typeof value === 'string' && decodeBase64(value) !== null ? null : 'is no base64';
    case 'longBytes':
      if (typeof value !== 'string') return 'is no text';
      return longTexts === 'plain' || decodeBase64(value) !== null ? null : 'is no base64';
  }
}

function isDate(value: unknown): boolean {
  if (typeof value !== 'string' || !/^\d{4}-\d{2}-\d{2}(T[\d:.]+(Z|[+-]\d{2}:\d{2})?)?$/.test(value)) return false;
  const day = new Date(`${value.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value.slice(0, 10));
}

function checkDatatype({ DatatypeCode: code }: JsonObject, path: string): void {
  if (code === undefined || code === null || (typeof code === 'string' && DATATYPES.includes(code))) return;
  throw new Refusal('DatatypeCode is none of FILE, TEXT and WEB_PAGE.', `${path}/DatatypeCode`);
}

function stringOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
