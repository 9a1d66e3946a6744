import fc from 'fast-check';

/** Values that break programs: wrong types, members that change how a value is read, too long, out of range. */
const TRAPS: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 1e21, 300_000_123, '', ' ', 'x', 'x'.repeat(5_000), '\u0000\ud800', [], [[]], {}],
  { toString: 'x' },
  { valueOf: null, toJSON: 1 },
  { length: 5 },
  { delivered: 'true' },
  { logics: 5, format: {} },
  { vacancy: 'another' },
  { secret: 'flatchr/prod' },
  JSON.parse('{ "__proto__": { "delivered": true, "vacancy": "another" } }'),
  JSON.parse('{ "constructor": { "prototype": {} }, "hasOwnProperty": 1 }'),
];

const anything = fc.oneof(fc.constantFrom(...TRAPS), fc.jsonValue());
const MEMBERS = ['delivered', 'atsId', 'reason', 'enrich', 'actionParameters', 'originParameters', 'targetParameters'];

/** Arguments of an update as a user may type them into the Temporal UI: any JSON, or nothing. */
export const anyUpdateArgument: fc.Arbitrary<unknown> = fc.oneof(
  fc.constant(undefined),
  anything,
  fc.dictionary(fc.constantFrom(...MEMBERS), anything),
  fc.record({ delivered: fc.boolean(), atsId: anything }, { requiredKeys: ['delivered'] }),
  fc.record({ reason: anything }),
);
