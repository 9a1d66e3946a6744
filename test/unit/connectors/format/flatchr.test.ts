import { describe, expect, it } from '@jest/globals';
import { formatFlatchrCandidate, formatFlatchrEnrichment } from '../../../../src/connectors/flatchr/format';
import { FormatError } from '../../../../src/protocol/errors';
import { defaults, profileOf } from './support';

type Members = Readonly<Record<string, unknown>>;

const email = 'a@example.com';

function push(profile: Members) {
  return formatFlatchrCandidate(profileOf(profile), { vacancy: 'a1-testeur', ...defaults });
}

function sheetOf(profile: Members, info: Members = {}) {
  return formatFlatchrEnrichment(profileOf({ ...profile, info: { email, ...info } }), defaults).value;
}

describe('a missing e-mail', () => {
  it.each([undefined, null, '', '  ', 5, ['a@example.com']])(
    'is refused, naming the field and no value: %j',
    (value) => {
      const profile = profileOf({ info: { email: value, last_name: 'Secret' } });
      for (const format of [
        () => formatFlatchrCandidate(profile, { vacancy: 'v', ...defaults }),
        () => formatFlatchrEnrichment(profile, defaults),
      ]) {
        expect(format).toThrow(FormatError);
        expect(format).toThrow(/^info\.email: is missing; [^@]*$/);
        expect(format).not.toThrow(/Secret/);
      }
    },
  );

  it.each([{}, { info: null }, { info: [] }, { info: 'x' }])('is refused where info is empty: %j', (profile) => {
    expect(() => push(profile)).toThrow(expect.objectContaining({ name: 'FormatError', field: 'info.email' }));
  });
});

describe('the candidate', () => {
  it('has N/A for missing names and neither phone nor resume when there is none', () => {
    expect(push({ info: { email, first_name: ' ', phone: ' ' } })).toStrictEqual({
      vacancy: 'a1-testeur',
      firstname: 'N/A',
      lastname: 'N/A',
      type: 'document',
      email,
    });
  });

  it('has its CV under the name resume with the extension of the file', () => {
    const attachments = [{ type: 'original', public_url: 'https://a.test/1', original_file_name: 'Élodie.DOCX' }];
    expect(push({ info: { email }, attachments }).resume).toEqual({
      fileName: 'resume.docx',
      contentType: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      data: { $file: 'https://a.test/1', encoding: 'base64' },
    });
  });
});

describe('the enrichment', () => {
  it('of a profile that holds only an e-mail keeps the lists and the name, empty', () => {
    expect(sheetOf({})).toStrictEqual({
      name: {},
      phone: [],
      email: [{ address: email }],
      position: [],
      employment_positions: [],
      education: [],
      employment: [],
    });
  });

  it.each([
    [
      { full_name: 'Ada B. Lovelace', first_name: 'Ada' },
      { formattedName: 'Ada B. Lovelace', given: 'Ada' },
    ],
    [
      { full_name: ' ', first_name: 'Ada', last_name: 'Lovelace' },
      { formattedName: 'Ada Lovelace', given: 'Ada', family: 'Lovelace' },
    ],
    [{ last_name: 'Lovelace' }, { formattedName: 'Lovelace', family: 'Lovelace' }],
  ])('names the person of %j', (info, name) => {
    expect(sheetOf({}, info).name).toStrictEqual(name);
  });

  it.each([
    [7.99, 7],
    [0.9, 0],
    [0, 0],
    [25, 25],
  ])('cuts %d years to %d', (experiences_duration, experience) => {
    expect(sheetOf({ experiences_duration }).experience).toBe(experience);
  });

  it.each([null, undefined, '7', Infinity, -0.5, -3])(
    'leaves the years out when they are %p',
    (experiences_duration) => {
      expect(sheetOf({ experiences_duration })).not.toHaveProperty('experience');
    },
  );

  it('leaves the address out unless something is in it', () => {
    expect(sheetOf({}, { location: { text: ' ', lat: null, fields: { city: 'Lyon' } } })).not.toHaveProperty('address');
    expect(sheetOf({}, { location: { lat: 0, lng: '4.8' } }).address).toStrictEqual({ location_lat: 0 });
  });

  it('keeps the skeleton of an entry of which only one leaf is known', () => {
    const { education, employment } = sheetOf({
      educations: [{ location: { text: 'Lyon' } }],
      experiences: [{ location: { lng: 4.8 } }],
    });
    expect(education).toStrictEqual([
      {
        institution: { communication: { address: [{ formattedAddress: 'Lyon' }] } },
        educationLevelCodes: [{}],
        educationDegrees: [{ specializations: [] }],
        descriptions: [],
      },
    ]);
    expect(employment).toStrictEqual([
      {
        positionHistories: [
          {
            organization: { communication: { address: [{ geoLocation: { longitude: 4.8 } }] } },
            jobCategories: [],
            jobLevels: [],
          },
        ],
        descriptions: [],
      },
    ]);
  });

  it('leaves out entries of which nothing is taken, such as an experience with nothing but its end', () => {
    const { education, employment } = sheetOf({
      educations: [{ title: ' ', location: { lat: 1 } }],
      experiences: [{ date_end: '2020-01-01', tasks: [{ name: 'x' }] }],
    });
    expect(education).toEqual([]);
    expect(employment).toEqual([]);
  });

  it('copies dates as they are written', () => {
    expect(sheetOf({ experiences: [{ date_start: 'spring 2019' }] }).employment).toMatchObject([
      { start: 'spring 2019', positionHistories: [{ start: 'spring 2019' }] },
    ]);
  });
});
