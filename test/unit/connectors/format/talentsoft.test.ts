import { describe, expect, it } from '@jest/globals';
import { formatTalentSoftApplicant } from '../../../../src/connectors/talentsoft/format';
import { defaultReferentials, talentSoftReferentialsSchema } from '../../../../src/connectors/talentsoft/referentials';
import { profileOf, talentSoftOptions } from './support';

type Members = Readonly<Record<string, unknown>>;

function format(profile: Members, job_reference?: string) {
  return formatTalentSoftApplicant(profileOf(profile), { ...talentSoftOptions, job_reference });
}

function applicantOf(profile: Members) {
  return format(profile).applicantApplication.applicant;
}

function preferencesWith(...tags: Members[]) {
  return applicantOf({ tags }).jobPreferences;
}

describe('a TalentSoft document of an empty profile', () => {
  it('holds the blocks that are always there, empty', () => {
    expect(format({})).toStrictEqual({
      applicantApplication: {
        applicant: {
          personalInformation: {},
          jobPreferences: {},
          education: { diplomas: [] },
          experiences: { experienceList: [] },
        },
        application: { type: 'offer' },
        uploadedFiles: [],
      },
      headers: {},
    });
  });
});

describe('tags', () => {
  it('count only when they are the first of their name, even without a value', () => {
    const later = { name: 'talentsoft_salary', value: '40000' };
    expect(preferencesWith({ name: 'talentsoft_salary', value: null }, later)).toEqual({});
    expect(preferencesWith({ name: 'other' }, later)).toEqual({ salaryPretensions: '40000' });
  });

  it.each(['cdi', 'CDI ', 'Freelance', 'constructor', '__proto__', 1044, true, null])(
    'leave the contract type out when their value is %j',
    (value) => {
      expect(preferencesWith({ name: 'talentsoft_contract_type', value })).toEqual({});
    },
  );

  it.each([
    [45000, '45000'],
    [3100.5, '3100.5'],
    [' 40 k€ ', ' 40 k€ '],
  ])('give the salary %j as the text %j', (value, salaryPretensions) => {
    expect(preferencesWith({ name: 'talentsoft_salary', value })).toEqual({ salaryPretensions });
  });

  it.each([true, false, '  ', null, undefined])('leave the salary %j out', (value) => {
    expect(preferencesWith({ name: 'talentsoft_salary', value })).toEqual({});
  });

  it('of the student level give no item, since it has no code', () => {
    const tags = [{ name: 'talentsoft_experience_level', value: 'Etudiant-e' }];
    expect(applicantOf({ tags }).experiences).toEqual({ experienceList: [] });
  });
});

describe('gender', () => {
  it.each(['undefined', 'Male', 'other', null, 1])('%j gives no civility', (gender) => {
    expect(applicantOf({ info: { gender } }).personalInformation).toEqual({});
  });
});

describe('diplomas and experiences', () => {
  it('put the education level first and leave out what says nothing', () => {
    const education = applicantOf({
      tags: [{ name: 'talentsoft_education_level', value: 'BAC' }],
      educations: [{ school: ' ' }, { date_end: '2020-12-31T23:30:00-0500' }, { school: 'Lycée', date_end: '2019' }, 7],
    }).education;
    expect(education?.diplomas).toEqual([
      { educationLevel: expect.objectContaining({ code: 262 }) },
      { yearObtained: 2020 },
      { college: 'Lycée' },
    ]);
  });

  it.each([
    ['2019-01-01', '2020-01-01', 1],
    ['2019-01-01', '2019-01-01', 0],
    ['2019-01-01T12:00', '2019-01-02T11:59:59', 0],
  ])('last from %s to %s %d years of 365 days', (date_start, date_end, length) => {
    expect(applicantOf({ experiences: [{ date_start, date_end }] }).experiences?.experienceList).toEqual([{ length }]);
  });

  it.each([
    ['2019-01', '2020-01-01'],
    ['2020-01-02', '2020-01-01'],
    ['2020-01-01T10:00', '2020-01-01T09:59:59'],
  ])('have no length unless both dates can be read and are in order: %s to %s', (date_start, date_end) => {
    const experiences = [{ title: 'a', date_start, date_end }];
    expect(applicantOf({ experiences }).experiences?.experienceList).toEqual([{ function: 'a' }]);
  });
});

describe('the job reference', () => {
  it('is both in the application and in a header', () => {
    const document = format({}, 'REF/É');
    expect(document.applicantApplication.application.offerReference).toBe('REF/É');
    expect(document.headers).toEqual({ 'Accept-Language': 'fr-FR', jobAdReference: 'REF/É' });
  });

  it('is missing when it is blank', () => {
    expect(format({}, ' ')).toEqual(format({}));
  });
});

describe('the file', () => {
  const cv = { type: 'resume', public_url: 'https://files.example.test/1', extension: 'pdf' };

  it('is described by the name the person gave it, and sent under that name with its extension', () => {
    const document = format({ attachments: [{ ...cv, original_file_name: 'Mon CV' }] });
    expect(document.applicantApplication.uploadedFiles).toEqual([
      { description: 'Mon CV', fileTypeId: 36, key: 'cv_file_id' },
    ]);
    expect(document.file).toMatchObject({ part: 'cv_file_id', fileName: 'Mon CV.pdf', contentType: 'application/pdf' });
  });

  it('is called resume when the person gave it no name', () => {
    const document = format({ attachments: [{ ...cv, extension: null }] });
    expect(document.applicantApplication.uploadedFiles).toMatchObject([{ description: 'resume' }]);
    expect(document.file).toMatchObject({ fileName: 'resume', contentType: 'application/octet-stream' });
  });
});

describe('referentials', () => {
  it('are replaced table by table', () => {
    const referentials = talentSoftReferentialsSchema.parse({
      contractType: { Freelance: { code: 7, clientCode: 'F', label: 'Free' } },
      cvFileTypeId: 12,
    });
    const tags = [{ name: 'talentsoft_contract_type', value: 'Freelance' }];
    const attachments = [{ type: 'resume', public_url: 'https://files.example.test/1.pdf' }];
    const profile = profileOf({ info: { gender: 'male' }, tags, attachments });
    const { applicant, uploadedFiles } = formatTalentSoftApplicant(profile, {
      ...talentSoftOptions,
      referentials,
    }).applicantApplication;
    expect(applicant.jobPreferences?.contractType).toEqual({
      code: 7,
      clientCode: 'F',
      label: 'Free',
      type: 'contractType',
      parentType: '',
    });
    expect(applicant.personalInformation.civility).toMatchObject({ code: 280 });
    expect(uploadedFiles).toMatchObject([{ fileTypeId: 12 }]);
  });

  it('refuse tables and members that do not exist', () => {
    expect(talentSoftReferentialsSchema.safeParse({ civilities: {} }).success).toBe(false);
    const item = { code: 1, clientCode: 'x', label: 'x', kind: 'y' };
    expect(talentSoftReferentialsSchema.safeParse({ civility: { male: item } }).success).toBe(false);
  });

  it('leave the defaults as they were', () => {
    expect(talentSoftReferentialsSchema.parse({})).toEqual(defaultReferentials);
    expect(defaultReferentials.experienceLevel['Supérieure à 3 ans']?.clientCode).toBe(
      '_TS_niveau_exp_superieur_3ans ',
    );
  });
});
