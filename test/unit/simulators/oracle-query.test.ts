import { describe, expect, test } from '@jest/globals';
import { QUERYABLE } from '../../simulators/oracleorc/attributes';
import { parseQuery } from '../../simulators/oracleorc/query';
import { Refusal } from '../../simulators/refusal';

const ROW = { LastName: "O'Neil", FullName: "Zoé O'Neil", CandLastModifiedDate: '2024-02-01T08:00:00.250+00:00' };

function matches(q: string, version = 4): boolean {
  return parseQuery(q, version, QUERYABLE)(ROW);
}

describe('expressions (framework version 2 and later)', () => {
  test.each([
    ["LastName = 'O''Neil'", true],
    ["LastName='O''Neil'", true],
    ["LastName = 'o''neil'", false],
    ["LastName != 'Else'", true],
    ["LastName <> 'O''Neil'", false],
    ["LastName like 'O%'", true],
    ["LastName like 'N%'", false],
    ["CandLastModifiedDate > '2024-02-01T08:00:00.249Z'", true],
    ["CandLastModifiedDate > '2024-02-01T08:00:00.250Z'", false],
    ["CandLastModifiedDate >= '2024-02-01T08:00:00.250Z'", true],
    ["CandLastModifiedDate < '2024-02-01T10:00:00+01:00'", true],
    ["LastName = 'O''Neil' and CandLastModifiedDate > '2024-01-01T00:00:00Z'", true],
    ["LastName = 'O''Neil' AND CandLastModifiedDate > '2025-01-01T00:00:00Z'", false],
    ["LastName = 'Else' or FullName = 'Zoé O''Neil'", true],
    ["(LastName = 'Else' or LastName = 'O''Neil') and FullName = 'Zoé O''Neil'", true],
    ["LastName = 'a and b = c'", false],
  ])('%s is %s', (q, expected) => {
    expect(matches(q)).toBe(expected);
  });

  test.each([
    "Email = 'zoe@example.test'",
    'LastName=Neil;FullName=Zoé',
    'LastName = Neil',
    "LastName = 'O'Neil'",
    "LastName = 'open",
    "LastName = 'a' and",
    "(LastName = 'a'",
    "LastName = 'a' FullName = 'b'",
    "CandLastModifiedDate > 'yesterday'",
    '',
  ])('%s is refused', (q) => {
    expect(() => matches(q)).toThrow(Refusal);
  });
});

describe('lists (framework version 1)', () => {
  test.each([
    ["LastName=O'Neil", 'refused'],
    ["LastName='O''Neil';CandLastModifiedDate>'2024-01-01T00:00:00Z'", true],
    ['FullName=Else', false],
    ['CandLastModifiedDate>2024-01-01', true],
    ["LastName = 'O''Neil' and FullName = 'x'", 'refused'],
    ['Email=zoe@example.test', 'refused'],
  ])('%s is %s', (q, expected) => {
    if (expected === 'refused') expect(() => matches(q, 1)).toThrow(Refusal);
    else expect(matches(q, 1)).toBe(expected);
  });
});
