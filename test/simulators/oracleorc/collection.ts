import { scalarText, type JsonObject } from '../json';
import { Refusal } from '../refusal';
import { CANDIDATE, QUERYABLE } from './attributes';
import { attributesOf, type StoredOracleCandidate } from './candidates';
import { parseQuery, type Predicate } from './query';

const DEFAULT_LIMIT = 25;
const LARGEST_LIMIT = 500;

/** What a GET on the collection asks for. */
export interface CollectionRequest {
  query: Record<string, string>;
  /** `REST-Framework-Version` of the request. */
  version: number;
  /** See {@link OracleSwitches.deepestOffset}. */
  deepestOffset: number;
  /** Address of the collection, for the links. */
  href: string;
}

/**
 * Answers a GET on `recruitingCandidates` (facts 4.2).
 *
 * @throws Refusal naming the invalid parameter
 */
export function readCollection(candidates: StoredOracleCandidate[], request: CollectionRequest): JsonObject {
  const { query, href } = request;
  const predicates = [queryOf(request), finderOf(query.finder)];
  const rows = candidates.map(attributesOf).filter((row) => predicates.every((predicate) => predicate(row)));
  const ordered = sort(rows, query.orderBy);
  const limit = Math.min(wholeNumber(query.limit, DEFAULT_LIMIT, 'limit'), LARGEST_LIMIT);
  const offset = wholeNumber(query.offset, 0, 'offset');
  const page = ordered.slice(offset, offset + limit);
  const fields = fieldsOf(query.fields);
  const onlyData = query.onlyData === 'true';
  const end = offset + page.length;
  return {
    items: page.map((row) => ({ ...pick(row, fields), ...(!onlyData && { links: itemLinks(row, href) }) })),
    count: page.length,
    hasMore: end < ordered.length && end < request.deepestOffset,
    limit,
    offset,
    ...(query.totalResults === 'true' && { totalResults: ordered.length }),
    ...(!onlyData && { links: [{ rel: 'self', href, name: 'recruitingCandidates', kind: 'collection' }] }),
  };
}

/** The links of one candidate. */
export function itemLinks(row: JsonObject, href: string): JsonObject[] {
  const self = `${href}/${String(row.CandidateNumber)}`;
  const properties = { changeIndicator: Buffer.from(String(row.LastUpdateDate)).toString('hex').toUpperCase() };
  return [
    { rel: 'self', href: self, name: 'recruitingCandidates', kind: 'item', properties },
    { rel: 'canonical', href: self, name: 'recruitingCandidates', kind: 'item' },
  ];
}

function queryOf({ query, version }: CollectionRequest): Predicate {
  return query.q === undefined ? () => true : parseQuery(query.q, version, QUERYABLE);
}

function finderOf(finder: string | undefined): Predicate {
  if (finder === undefined) return () => true;
  const [, name = '', value = ''] = /^(\w+;\w+)=(.+)$/.exec(finder) ?? [];
  const text = value.replace(/^"(.*)"$/, '$1').toLowerCase();
  switch (name) {
    case 'PrimaryKey;CandidateNumber':
      return (row) => row.CandidateNumber === text;
    case 'findByPersonId;personId':
      return (row) => String(row.PersonId) === text;
    case 'search;keywords':
      return (row) => [row.FullName, row.Email].some((one) => String(one).toLowerCase().includes(text));
    default:
      throw new Refusal(`There is no such finder: ${finder}`);
  }
}

function sort(rows: JsonObject[], orderBy: string | undefined): JsonObject[] {
  const keys = (orderBy ?? '').split(',').filter((key) => key !== '');
  const directions = keys.map((key) => {
    const [, name = '', direction = 'asc'] = /^(\w+)(?::(asc|desc))?$/.exec(key.trim()) ?? [];
    if (!CANDIDATE.attributes.has(name)) throw new Refusal(`orderBy is wrong at ${key}.`);
    return { name, sign: direction === 'desc' ? -1 : 1 };
  });
  return [...rows].sort((one, other) => {
    for (const { name, sign } of directions) {
      const [left, right] = [scalarText(one[name]) ?? '', scalarText(other[name]) ?? ''];
      if (left !== right) return left < right ? -sign : sign;
    }
    return 0;
  });
}

function wholeNumber(text: string | undefined, fallback: number, name: string): number {
  if (text === undefined) return fallback;
  if (!/^\d+$/.test(text)) throw new Refusal(`${name} has to be a whole number.`);
  return Number(text);
}

function fieldsOf(fields: string | undefined): string[] | null {
  if (fields === undefined) return null;
  const names = fields.split(',');
  const unknown = names.find((name) => !CANDIDATE.attributes.has(name));
  if (unknown !== undefined) throw new Refusal(`There is no attribute ${unknown}.`);
  return names;
}

function pick(row: JsonObject, fields: string[] | null): JsonObject {
  return fields === null ? row : Object.fromEntries(fields.map((name) => [name, row[name] ?? null]));
}
