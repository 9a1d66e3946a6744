import { describe, expect, it } from '@jest/globals';
import {
  flatchrApplicantsSchema,
  flatchrDocumentSchema,
  flatchrEnrichmentDocumentSchema,
  flatchrVacanciesSchema,
} from '../../../../src/connectors/flatchr/schemas';
import { profileSchema } from '../../../../src/profile/schema';
import {
  oracleCandidatePageSchema,
  oracleCandidateSchema,
  oracleDocumentSchema,
  oracleErrorSchema,
} from '../../../../src/connectors/oracleorc/schemas';
import { fileReferenceSchema } from '../../../../src/connectors/shared/file-reference';
import {
  talentSoftCandidateSchema,
  talentSoftCreatedId,
  talentSoftDocumentSchema,
  talentSoftTokenAnswerSchema,
} from '../../../../src/connectors/talentsoft/schemas';
import { redact } from '../../../../src/security/sensitivity';
import { readFixtures } from './support';

const file = { $file: 'https://a.test/1', encoding: 'base64' };

describe('the profile schema', () => {
  it('reads values of the wrong type as null and keeps what it does not know', () => {
    const read = profileSchema.parse({
      info: { email: 5, urls: 'x', location: { fields: ['odd'] }, extra: { kept: true } },
      experiences: [3, { title: 'a' }],
      skills: {},
      attachments: null,
      tags: [{ name: 'n', value: { deep: 1 } }],
    });
    expect(read).toEqual({
      info: { email: null, urls: null, location: { fields: null }, extra: { kept: true } },
      experiences: [{}, { title: 'a' }],
      skills: null,
      attachments: null,
      tags: [{ name: 'n', value: null }],
    });
  });

  it.each([null, [], 'x', 3])('refuses what is no object: %j', (value) => {
    expect(profileSchema.safeParse(value).success).toBe(false);
  });

  it('marks everything that tells something about the person', () => {
    const [rich] = readFixtures();
    const shown = JSON.stringify(redact(profileSchema, rich?.profile));
    expect(shown).toContain('Invented source');
    for (const own of [
      'Basile',
      'Exemple',
      'Atelier',
      'Lyon',
      'TypeScript',
      'CDI',
      '2019-09',
      '1990',
      'signature',
      '99 00',
    ]) {
      expect(shown).not.toContain(own);
    }
    expect(shown).not.toContain('files.example.test');
  });
});

describe('a document of a custom format', () => {
  const talentSoft = {
    applicantApplication: {
      applicant: { personalInformation: { firstName: 'A', middleName: 'B' }, customFields: {} },
      application: { type: 'offer', origin: 'x' },
      uploadedFiles: [{ description: 'cv', fileTypeId: 36, key: 'cv' }],
    },
    headers: {},
    file: { part: 'cv', fileName: 'cv.pdf', contentType: 'application/pdf', content: { ...file, encoding: 'binary' } },
  };

  it('may hold members that the default does not write', () => {
    expect(talentSoftDocumentSchema.parse(talentSoft)).toEqual(talentSoft);
    expect(oracleDocumentSchema.safeParse({ SourceName: 'x', languages: [{ Language: 'fr' }] }).success).toBe(true);
    const link = {
      vacancy: 'v',
      firstname: 'A',
      lastname: 'B',
      type: 'link',
      resume: 'https://a.test/1',
      comment: 'x',
    };
    expect(flatchrDocumentSchema.safeParse(link).success).toBe(true);
    expect(flatchrEnrichmentDocumentSchema.safeParse({ reference: 'a@b.c', value: { note: 'x' } }).success).toBe(true);
  });

  it('may write whatever it likes in the value of a Flatchr enrichment', () => {
    const value = { experience: 'five years', education: 'none' };
    expect(flatchrEnrichmentDocumentSchema.parse({ reference: 'a@b.c', value }).value).toEqual(value);
  });

  it.each([
    ['a TalentSoft document without headers', talentSoftDocumentSchema, { ...talentSoft, headers: undefined }],
    [
      'a TalentSoft file that no entry names',
      talentSoftDocumentSchema,
      { ...talentSoft, file: { ...talentSoft.file, part: 'x' } },
    ],
    ['a TalentSoft entry without its file', talentSoftDocumentSchema, { ...talentSoft, file: undefined }],
    [
      'a TalentSoft file as base64',
      talentSoftDocumentSchema,
      { ...talentSoft, file: { ...talentSoft.file, content: file } },
    ],
    ['an Oracle document that is a list', oracleDocumentSchema, []],
    ['an Oracle list that is an object', oracleDocumentSchema, { skills: {} }],
    ['an Oracle skill without a name', oracleDocumentSchema, { skills: [{ Description: 'x' }] }],
    ['an Oracle file as plain text', oracleDocumentSchema, { attachments: [{ FileContents: 'JVBERi0=' }] }],
    [
      'a Flatchr candidate without a vacancy',
      flatchrDocumentSchema,
      { firstname: 'A', lastname: 'B', type: 'document' },
    ],
    [
      'a Flatchr candidate with a blank name',
      flatchrDocumentSchema,
      { vacancy: 'v', firstname: ' ', lastname: 'B', type: 'document' },
    ],
    ['a Flatchr enrichment without a reference', flatchrEnrichmentDocumentSchema, { value: {} }],
    ['a Flatchr enrichment whose value is a text', flatchrEnrichmentDocumentSchema, { reference: 'a@b.c', value: 'x' }],
  ])('is refused: %s', (_, schema, document) => {
    expect(schema.safeParse(document).success).toBe(false);
  });

  it('is refused with the path of what is wrong', () => {
    const { error } = talentSoftDocumentSchema.safeParse({ ...talentSoft, file: undefined });
    expect(error?.issues[0]?.path).toEqual(['applicantApplication', 'uploadedFiles', 0, 'key']);
  });

  it('refers to files by address and encoding and nothing else', () => {
    expect(fileReferenceSchema.safeParse(file).success).toBe(true);
    expect(fileReferenceSchema.safeParse({ ...file, data: 'x' }).success).toBe(false);
    expect(fileReferenceSchema.safeParse({ ...file, $file: ' ' }).success).toBe(false);
    expect(fileReferenceSchema.safeParse({ ...file, encoding: 'hex' }).success).toBe(false);
  });
});

describe('answers of TalentSoft', () => {
  it('give the token, and its life where it can be read', () => {
    expect(talentSoftTokenAnswerSchema.parse({ access_token: 't', expires_in: '1199' }).expires_in).toBe(1199);
    expect(talentSoftTokenAnswerSchema.parse({ access_token: 't', expires_in: 'soon' }).expires_in).toBeNull();
    expect(talentSoftTokenAnswerSchema.safeParse({ token_type: 'bearer' }).success).toBe(false);
  });

  it.each([
    [{ id: 1, application: { id: 77 } }, '77'],
    [{ application: {}, applicant: { id: 'A-1' } }, 'A-1'],
    [{ application: null, applicantId: 12 }, '12'],
    [{ id: 'x9' }, 'x9'],
    [{ application: { id: ' ' }, id: {} }, null],
    ['<html>', null],
    [null, null],
  ])('give of %j the id %j', (answer, id) => {
    expect(talentSoftCreatedId(answer)).toBe(id);
  });

  it('are refused when a lookup could not tell whose they are', () => {
    expect(talentSoftCandidateSchema.parse({ candidateDetail: { id: 5, email: 'a@b.c' } }).candidateDetail.id).toBe(
      '5',
    );
    expect(talentSoftCandidateSchema.safeParse({ candidateDetail: { email: 5 } }).success).toBe(false);
    expect(talentSoftCandidateSchema.safeParse({ candidateDetail: {}, applications: 'none' }).success).toBe(false);
  });
});

describe('answers of Oracle', () => {
  it.each(['100234', 100234])('give the candidate number %j as text', (CandidateNumber) => {
    expect(oracleCandidateSchema.parse({ CandidateNumber, PersonId: null }).CandidateNumber).toBe('100234');
  });

  it('are pages only with items and hasMore', () => {
    expect(oracleCandidatePageSchema.parse({ items: [{ Email: 'a@b.c' }], hasMore: false }).items).toHaveLength(1);
    expect(oracleCandidatePageSchema.safeParse({ items: [] }).success).toBe(false);
    expect(oracleCandidatePageSchema.safeParse({ hasMore: false }).success).toBe(false);
  });

  it.each(['400', 400])('are errors with the status %j', (status) => {
    const body = {
      title: 'Bad Request',
      status,
      'o:errorDetails': [{ detail: 'missing', 'o:errorCode': 27014 }, 'odd'],
    };
    expect(oracleErrorSchema.parse(body)).toEqual({
      title: 'Bad Request',
      status: 400,
      'o:errorDetails': [{ detail: 'missing', 'o:errorCode': '27014' }, {}],
    });
  });
});

describe('answers of Flatchr', () => {
  it('are rows with ids as text', () => {
    expect(flatchrVacanciesSchema.parse([{ id: 'enc', vacancy_id: 12, slug: 's' }])).toEqual([
      { id: 'enc', vacancy_id: '12', slug: 's' },
    ]);
    expect(flatchrApplicantsSchema.parse([{ vacancy_id: 12, email: 'a@b.c', status: '0', score: 3 }])).toEqual([
      { vacancy_id: '12', email: 'a@b.c', status: 0, score: 3 },
    ]);
  });

  it.each([{}, { message: [] }, [{ email: 5 }], [{ vacancy_id: {} }]])(
    'are refused when they could hide a row: %j',
    (answer) => {
      expect(flatchrApplicantsSchema.safeParse(answer).success).toBe(false);
    },
  );
});
