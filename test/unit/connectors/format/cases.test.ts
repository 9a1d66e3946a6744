import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { formatFlatchrCandidate, formatFlatchrEnrichment } from '../../../../src/connectors/flatchr/format';
import { asOfToday } from '../../../../src/profile/older-shapes';
import { formatOracleCandidate } from '../../../../src/connectors/oracleorc/format';
import { FormatError } from '../../../../src/protocol/errors';
import { formatTalentSoftApplicant } from '../../../../src/connectors/talentsoft/format';
import { readCase } from '../../../support/cases';
import { ACTIONS, defaults, formatOf, oracleOptions, profileOf, someParameters, talentSoftOptions } from './support';

type Members = Readonly<Record<string, unknown>>;

const members = z.record(z.string(), z.unknown());
const caseOf = (name: string) => members.parse(readCase(name));

/** The documents of a profile as the worker makes them. */
function documentsOf(profile: Members, changes: { splitFullName?: boolean } = {}) {
  const read = profileOf(asOfToday(profile));
  const { applicantApplication } = formatTalentSoftApplicant(read, { ...talentSoftOptions, ...changes });
  return {
    talentSoft: applicantApplication.applicant,
    oracle: formatOracleCandidate(read, { ...oracleOptions, ...changes }),
    flatchr: formatFlatchrCandidate(read, { ...defaults, vacancy: 'v', ...changes }),
    sheet: formatFlatchrEnrichment(read, { ...defaults, ...changes }).value,
  };
}

const withInfo = (info: Members): Members => ({ info: { email: 'zoe@example.test', last_name: 'Exemple', ...info } });

describe('names', () => {
  it('that are both missing are taken from the full name', () => {
    const { talentSoft, oracle, flatchr, sheet } = documentsOf(caseOf('p-full-name-only.json'));
    const [first, last] = ['Maria da Silva', 'Exemple'];
    expect(talentSoft.personalInformation).toMatchObject({ firstName: first, lastName: last });
    expect(oracle).toMatchObject({ FirstName: first, LastName: last });
    expect(flatchr).toMatchObject({ firstname: first, lastname: last });
    expect(sheet).toMatchObject({ name: { formattedName: `${first} ${last}`, given: first, family: last } });
  });

  it('stay missing where the setting says so', () => {
    const { talentSoft, oracle, flatchr, sheet } = documentsOf(caseOf('p-full-name-only.json'), {
      splitFullName: false,
    });
    expect(talentSoft.personalInformation).not.toHaveProperty('lastName');
    expect(oracle).not.toHaveProperty('LastName');
    expect(flatchr).toMatchObject({ firstname: 'N/A', lastname: 'N/A' });
    expect(sheet).toMatchObject({ name: { formattedName: 'Maria da Silva Exemple' } });
  });

  it('stay missing where there is no full name either', () => {
    const { talentSoft, oracle, flatchr, sheet } = documentsOf(caseOf('p-names-null.json'));
    expect(talentSoft.personalInformation).not.toHaveProperty('firstName');
    expect(oracle).not.toHaveProperty('LastName');
    expect(flatchr).toMatchObject({ firstname: 'N/A', lastname: 'N/A' });
    expect(sheet).toMatchObject({ name: {} });
  });

  it.each([
    [{ full_name: 'Madonna' }, undefined, 'Madonna'],
    [{ full_name: ' Zoé \u00a0 Anne  Exemple\n' }, 'Zoé \u00a0 Anne', 'Exemple'],
    [{ full_name: 'Ana Ana' }, 'Ana', 'Ana'],
    [{ full_name: 'Zoé Exemple', first_name: ' ', last_name: '' }, 'Zoé', 'Exemple'],
    [{ full_name: 'Zoé Exemple', first_name: 'Z.' }, 'Z.', undefined],
    [{ full_name: 'Zoé Exemple', last_name: 'E.' }, undefined, 'E.'],
    [{ full_name: ' ' }, undefined, undefined],
    [{ full_name: 5 }, undefined, undefined],
  ])('of %j', (info, first, last) => {
    const { oracle } = documentsOf(withInfo({ last_name: null, ...info }));
    expect([oracle.FirstName, oracle.LastName]).toEqual([first, last]);
  });

  it('are taken from a long full name in no time', () => {
    const full_name = `${'x'.repeat(200_000)}${' '.repeat(200_000)}y`;
    expect(documentsOf(withInfo({ last_name: null, full_name })).oracle.LastName).toBe('y');
  });
});

describe('dates that stand for "none" or "still"', () => {
  const { talentSoft, oracle, sheet } = documentsOf(caseOf('p-sentinel-dates.json'));

  it('are missing in TalentSoft, and so are lengths made of them, or negative ones', () => {
    expect(talentSoft.personalInformation).not.toHaveProperty('birthDate');
    expect(talentSoft.experiences?.experienceList?.map(({ company, length }) => [company, length])).toEqual([
      ['min', undefined],
      ['open end', undefined],
      ['reversed', undefined],
      ['two digits', undefined],
    ]);
    expect(talentSoft.education?.diplomas).toEqual([{ college: 'École Exemple' }, { college: 'École Exemple' }]);
  });

  it('are missing in Oracle', () => {
    expect(oracle.experience?.map(({ StartDate, EndDate }) => [StartDate, EndDate])).toEqual([
      [undefined, '2021-05-01'],
      ['2019-05-01', undefined],
      ['2021-05-01', '2019-05-01'],
      [undefined, '2015-05-01'],
    ]);
    for (const education of oracle.education ?? []) {
      expect(education).toMatchObject({ StartDate: '2012-09-01' });
      expect(education).not.toHaveProperty('EndDate');
      expect(education).not.toHaveProperty('Duration');
    }
  });

  it('are missing in Flatchr, which takes dates as texts', () => {
    expect(JSON.stringify(sheet)).toContain('2012-09-01');
    expect(JSON.stringify(sheet)).not.toMatch(/0001-|0014-|9999-/);
  });
});

describe('profiles of earlier years', () => {
  it('with wrapped dates are read as today’s', () => {
    const { talentSoft, oracle, sheet } = documentsOf(caseOf('p-iso8601-dates.json'));
    expect(oracle.experience).toMatchObject([{ StartDate: '2019-05-01', EndDate: '2021-05-01' }]);
    expect(oracle.education).toMatchObject([{ StartDate: '2012-09-01', EndDate: '2015-06-30', Duration: '2.83' }]);
    expect(talentSoft.experiences?.experienceList).toMatchObject([{ length: 731 / 365 }]);
    expect(talentSoft.education?.diplomas).toMatchObject([{ yearObtained: 2015 }]);
    expect(sheet).toMatchObject({ employment: [{ start: '2019-05-01T00:00:00' }] });
  });

  it('with hard and soft skills have skills of those types', () => {
    const { oracle } = documentsOf(caseOf('p-hard-soft-skills.json'));
    const top = caseOf('p-hard-soft-skills.json');
    const names = (list: unknown) =>
      z
        .array(z.object({ name: z.string() }))
        .parse(list)
        .map(({ name }) => name);
    expect(oracle.skills?.map(({ Skill, Speciality }) => [Skill, Speciality])).toEqual([
      ...names(top['hard_skills']).map((name) => [name, 'hard']),
      ...names(top['soft_skills']).map((name) => [name, 'soft']),
    ]);
    expect(oracle.experience?.[0]?.AdditionalInformation).toBe(
      "Here is a list of skills, names, and optionally their types and values: 'sap' of type 'hard', 'rigueur' of type 'soft'.",
    );
  });

  it('with texts for skills, languages and the like have their names', () => {
    const older = {
      skills: ['a'],
      languages: ['fr', { name: 'en' }],
      educations: [{ hard_skills: ['b'], tasks: ['c'] }],
    };
    expect(asOfToday(older)).toEqual({
      skills: [{ name: 'a' }],
      languages: [{ name: 'fr' }, { name: 'en' }],
      educations: [{ hard_skills: [{ name: 'b' }], skills: [{ name: 'b', type: 'hard' }], tasks: [{ name: 'c' }] }],
    });
  });

  it('are left alone where they are today’s', () => {
    for (const profile of [
      { info: { email: 'a' }, skills: [{ name: 'a' }], hard_skills: [{ name: 'b' }] },
      { info: null, skills: null, hard_skills: [], soft_skills: null, experiences: null, attachments: {} },
      { info: [], experiences: [5, null, { date_start: '2019' }], labels: [{}] },
      { info: { date_birth: { iso: 'x' } } },
    ]) {
      expect(asOfToday(profile)).toEqual(profile);
    }
  });

  it('keep what a skill says of itself, and dates wherever they stand', () => {
    const date = { iso8601: '2020-01-01' };
    const entry = { date_start: date, hard_skills: [{ name: 'a', type: 'x' }, 5] };
    const older = {
      created_at: date,
      info: { date_birth: date },
      educations: [entry],
      attachments: [{ created_at: date }],
    };
    expect(asOfToday(older)).toEqual({
      created_at: '2020-01-01',
      info: { date_birth: '2020-01-01' },
      educations: [{ ...entry, date_start: '2020-01-01', skills: [{ name: 'a', type: 'x' }, 5] }],
      attachments: [{ created_at: '2020-01-01' }],
    });
  });
});

describe('the e-mail', () => {
  const emailsOf = (email: unknown) => {
    const { talentSoft, oracle, flatchr, sheet } = documentsOf(withInfo({ email }));
    return [talentSoft.personalInformation.email, oracle.Email, flatchr.email, dig(sheet)];
  };
  const dig = (sheet: unknown) =>
    z.object({ email: z.array(z.object({ address: z.string() })) }).parse(sheet).email[0]?.address;

  it.each([
    ' zoe@example.test\n',
    'mailto:zoe@example.test',
    ' MAILTO: zoe@example.test ',
    '\u00a0zoe@example.test\u2003',
  ])('is sent without what is around it: %j', (email) => {
    expect(new Set(emailsOf(email))).toEqual(new Set(['zoe@example.test']));
  });

  it.each(['Zoe\u0301@Ex\u00c4mple.test', 'zoe@mailto:', 'zo e@example.test', '"z@e"@example.test'])(
    'is copied otherwise: %j',
    (email) => {
      expect(new Set(emailsOf(email))).toEqual(new Set([email]));
    },
  );

  it.each(['mailto:', ' mailto: '])('is missing where nothing is left of it: %j', (email) => {
    expect(formatOf['oracleORC.pushProfile'](profileOf(withInfo({ email })), someParameters)).not.toHaveProperty(
      'Email',
    );
  });

  describe.each(ACTIONS)('for %s', (action) => {
    it.each([
      'a@x.test, b@y.test',
      'a@x.test,b@y.test',
      'a@x.test;b@y.test',
      'a@x.test / b@y.test',
      'a@x.test b@y.test',
      'Zoé, Exemple',
    ])('is refused where it is more than one, naming the field and the fix: %j', (email) => {
      const format = () => formatOf[action](profileOf(withInfo({ email })), someParameters);
      expect(format).toThrow(FormatError);
      expect(format).toThrow(/^info\.email: is more than one e-mail address .* give one address alone$/);
    });
  });
});
