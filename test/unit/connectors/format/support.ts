import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { z } from 'zod';
import { formatFlatchrCandidate, formatFlatchrEnrichment } from '../../../../src/connectors/flatchr/format';
import { profileSchema, type Profile } from '../../../../src/profile/schema';
import { formatOracleCandidate } from '../../../../src/connectors/oracleorc/format';
import { formatTalentSoftApplicant } from '../../../../src/connectors/talentsoft/format';
import { defaultReferentials } from '../../../../src/connectors/talentsoft/referentials';

const FIXTURES = join(__dirname, '../../../fixtures/format');

export const ACTIONS = [
  'talentSoft.pushProfile',
  'oracleORC.pushProfile',
  'flatchr.pushProfile',
  'flatchr.enrichProfile',
] as const;

export type Action = (typeof ACTIONS)[number];

const expectation = z.object({
  payload: z.record(z.string(), z.unknown()).nullable(),
  failure: z.object({ reason: z.literal('format_failure'), field: z.string() }).optional(),
});

const parametersSchema = z.object({
  talentSoft: z.object({ job_reference: z.string().optional() }),
  flatchr: z.object({ vacancy: z.string() }),
});

const fixtureSchema = z.object({
  name: z.string(),
  targetParameters: parametersSchema,
  profile: z.record(z.string(), z.unknown()),
  expected: z.record(z.enum(ACTIONS), expectation),
});

export type Fixture = z.infer<typeof fixtureSchema>;
export type TargetParameters = z.infer<typeof parametersSchema>;

export function readFixtures(): Fixture[] {
  return readdirSync(FIXTURES)
    .filter((file) => file.endsWith('.json'))
    .sort()
    .map((file) => fixtureSchema.parse(JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'))));
}

/** A profile that no schema has looked at, as a user's logic may give it back. */
export const unchecked = z.custom<Profile>(() => true);

export function profileOf(members: Readonly<Record<string, unknown>>): Profile {
  return profileSchema.parse(members);
}

export const someParameters: TargetParameters = {
  talentSoft: { job_reference: 'REF-1' },
  flatchr: { vacancy: 'a1-testeur' },
};

/** The time at which these tests make their documents. */
export const NOW = Date.UTC(2026, 10, 27);

/** What the formats depend on where no setting says otherwise. */
export const defaults = { splitFullName: true, now: NOW };
export const oracleOptions = { resumeCategory: 'resume', coverCategory: 'cover', ...defaults };
export const talentSoftOptions = { referentials: defaultReferentials, ...defaults };

export const formatOf: Readonly<
  Record<Action, (profile: Profile, parameters: TargetParameters) => Record<string, unknown>>
> = {
  'talentSoft.pushProfile': (profile, { talentSoft }) =>
    formatTalentSoftApplicant(profile, { ...talentSoftOptions, ...talentSoft }),
  'oracleORC.pushProfile': (profile) => formatOracleCandidate(profile, oracleOptions),
  'flatchr.pushProfile': (profile, { flatchr }) => formatFlatchrCandidate(profile, { ...defaults, ...flatchr }),
  'flatchr.enrichProfile': (profile) => formatFlatchrEnrichment(profile, defaults),
};

/** A value as it is after a way through JSON. */
export function asJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

const MEMBERS = [
  ...['info', 'location', 'fields', 'attachments', 'experiences', 'educations', 'skills', 'tags', 'tasks', 'languages'],
  ...[
    'certifications',
    'courses',
    'interests',
    'experiences_duration',
    'full_name',
    'first_name',
    'last_name',
    'email',
  ],
  ...['phone', 'gender', 'date_birth', 'date_start', 'date_end', 'title', 'company', 'school', 'description', 'text'],
  ...[
    'lat',
    'lng',
    'city',
    'postcode',
    'country',
    'state',
    'house',
    'level',
    'country_region',
    'name',
    'value',
    'type',
  ],
  ...['public_url', 'extension', 'file_name', 'original_file_name', 'urls', 'constructor', 'toString', 'unknown'],
];

const SPOKEN = [
  ...['', ' ', '\t\n', 'resume', 'original', 'cover', 'male', 'female', 'CDI', 'BAC+5', 'a@example.com', '.PDF', '.'],
  ...['2019', '2019-05-01', '2019-05-01T10:00:00+0200', '2020-02-30', '2020-02-29 23:59', 'constructor', '__proto__'],
  ...['talentsoft_contract_type', 'talentsoft_salary', 'talentsoft_education_level', 'talentsoft_experience_level'],
  ...['https://files.example.test/a/CV%20%F0%9F%9A%80.pdf?x=1#y', 'https://files.example.test', '%E0%A4%A', '\ud83d'],
];

const { value: anyValue } = fc.letrec<{ value: unknown; members: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    { arbitrary: fc.constantFrom(...SPOKEN), weight: 4 },
    { arbitrary: fc.string({ unit: 'binary', maxLength: 300 }), weight: 2 },
    fc.constant(null),
    fc.boolean(),
    // JSON knows no -0 and no NaN; Infinity is what JSON.parse makes of 1e999.
    fc.double({ noNaN: true }).map((number) => (number === 0 ? 0 : number)),
    { arbitrary: fc.array(tie('value'), { maxLength: 4 }), weight: 3 },
    { arbitrary: tie('members'), weight: 6 },
  ),
  members: fc.dictionary(fc.constantFrom(...MEMBERS), tie('value'), { maxKeys: 8, noNullPrototype: true }),
}));

/** Entries as profiles have them, with anything at all as the values. */
const entries = fc.array(
  fc.oneof(
    anyValue,
    fc.dictionary(fc.constantFrom(...MEMBERS), fc.oneof(fc.constantFrom(...SPOKEN), anyValue), {
      maxKeys: 10,
      noNullPrototype: true,
    }),
  ),
  { maxLength: 4 },
);

/** Objects that are more or less a profile: known names, with usable and unusable values in every place. */
export const anyProfile = fc.oneof(
  fc.dictionary(fc.constantFrom(...MEMBERS), anyValue, { maxKeys: 10, noNullPrototype: true }),
  fc.record(
    {
      info: fc.oneof(
        anyValue,
        fc
          .dictionary(fc.constantFrom(...MEMBERS), anyValue, { noNullPrototype: true })
          .map((info) => ({ ...info, email: 'a@example.com' })),
      ),
      experiences_duration: anyValue,
      experiences: entries,
      educations: entries,
      attachments: entries,
      skills: entries,
      tags: entries,
    },
    { requiredKeys: [] },
  ),
);
