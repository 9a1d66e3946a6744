import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { profileSchema } from '../../../../src/profile/schema';
import { cutToCodePoints } from '../../../../src/util/code-points';
import { readDate, wholeDaysBetween } from '../../../../src/profile/dates';
import { FormatError } from '../../../../src/protocol/errors';
import { dig } from '../../simulators/support';
import { ACTIONS, NOW, anyProfile, asJson, formatOf, someParameters, unchecked, type Action } from './support';

type Outcome = { document: Record<string, unknown> } | { failedField: string };

function outcomeOf(action: Action, profile: unknown): Outcome {
  try {
    return { document: formatOf[action](unchecked.parse(profile), someParameters) };
  } catch (error) {
    if (error instanceof FormatError) return { failedField: error.field };
    throw error;
  }
}

function leavesOf(value: unknown, path = ''): { path: string; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [{ path, value }];
  return Object.entries(value).flatMap(([name, member]) => leavesOf(member, `${path}/${name}`));
}

function deepFreeze(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Object.values(value).forEach(deepFreeze);
  Object.freeze(value);
}

describe.each(ACTIONS)('the default format of %s, on any JSON object', (action) => {
  it('gives a document or a format failure that names the e-mail, and leaves the profile alone', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        deepFreeze(profile);
        const outcome = outcomeOf(action, profile);
        if ('failedField' in outcome) {
          expect(outcome.failedField).toBe('info.email');
          if (!action.startsWith('flatchr')) expect(dig(profile, 'info', 'email')).toMatch(/[,;]|@.*@/s);
        } else {
          expect(asJson(outcome.document)).toStrictEqual(outcome.document);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('writes neither null nor a blank text, but the constant parentType', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const outcome = outcomeOf(action, profile);
        const leaves = 'document' in outcome ? leavesOf(outcome.document) : [];
        const empty = leaves.filter(({ value }) => value === null || (typeof value === 'string' && !value.trim()));
        expect(empty.filter(({ path }) => !path.endsWith('/parentType'))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('does not read the text of the CV, which may be left out of a profile that is too large', () => {
    fc.assert(
      fc.property(anyProfile, fc.string({ minLength: 1 }), (profile, text) => {
        expect(outcomeOf(action, { ...profile, text })).toEqual(outcomeOf(action, { ...profile, text: null }));
      }),
      { numRuns: 500 },
    );
  });

  it('makes the same document of a profile before and after the schema has read it', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        expect(outcomeOf(action, profileSchema.parse(profile))).toEqual(outcomeOf(action, profile));
      }),
      { numRuns: 500 },
    );
  });
});

describe('the profile schema, on any JSON object', () => {
  it('accepts it, and finds nothing to change the second time', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        const read = profileSchema.parse(profile);
        expect(profileSchema.parse(read)).toEqual(read);
      }),
    );
  });

  it('keeps every top-level member, known or not', () => {
    fc.assert(
      fc.property(anyProfile, (profile) => {
        expect(Object.keys(profileSchema.parse(profile)).sort()).toEqual(Object.keys(profile).sort());
      }),
    );
  });
});

describe('cutting a text', () => {
  const texts = fc.string({ unit: 'binary', maxLength: 60 });

  it('keeps the start of the text and at most the maximum of code points', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 70 }), (text, maximum) => {
        const cut = cutToCodePoints(text, maximum);
        expect(text.startsWith(cut)).toBe(true);
        expect(Array.from(cut)).toHaveLength(Math.min(maximum, Array.from(text).length));
      }),
    );
  });

  it('never cuts a character in two', () => {
    fc.assert(
      fc.property(texts, fc.integer({ min: 0, max: 70 }), (text, maximum) => {
        // encodeURIComponent refuses half a surrogate pair.
        expect(() => encodeURIComponent(cutToCodePoints(text, maximum))).not.toThrow();
      }),
    );
  });
});

describe('reading dates', () => {
  const days = fc.date({
    min: new Date('1900-01-01T00:00:00Z'),
    max: new Date('2036-11-27T00:00:00Z'),
    noInvalidDate: true,
  });

  it('reads every instant that JavaScript writes', () => {
    fc.assert(
      fc.property(days, (day) => {
        const read = readDate(day.toISOString(), NOW);
        expect(read?.date).toBe(day.toISOString().slice(0, 10));
        expect(read?.instantSeconds).toBe(Math.floor(day.getTime() / 1000));
        expect(read?.instantFraction).toBeCloseTo((day.getTime() - Math.floor(day.getTime() / 1000) * 1000) / 1000, 9);
      }),
    );
  });

  it('counts whole days between any two of them, rounded down', () => {
    fc.assert(
      fc.property(days, days, (start, end) => {
        const [from, to] = [readDate(start.toISOString(), NOW), readDate(end.toISOString(), NOW)];
        const counted = from && to && wholeDaysBetween(from, to);
        expect(counted).toBe(Math.floor((end.getTime() - start.getTime()) / 86_400_000) + 0);
      }),
    );
  });

  it('never throws, whatever it is given', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.anything(), fc.stringMatching(/^[0-9T:Z+ .-]{1,30}$/)), (value) => {
        const read = readDate(value, NOW);
        expect(read === undefined || read.date.length === 10).toBe(true);
      }),
    );
  });
});
