import { describe, expect, it } from '@jest/globals';
import { formatOracleCandidate } from '../../../../src/connectors/oracleorc/format';
import { oracleOptions, profileOf } from './support';

type Members = Readonly<Record<string, unknown>>;

function format(profile: Members) {
  return formatOracleCandidate(profileOf(profile), oracleOptions);
}

function educationOf(education: Members) {
  return format({ educations: [education] }).education?.[0];
}

function filesOf(...attachments: Members[]) {
  const entries = format({ attachments }).attachments ?? [];
  return entries.map(({ CategoryName, FileName }) => [CategoryName, FileName]);
}

const rocket = '🚀';

describe('texts above the maximum', () => {
  it('are cut in code points', () => {
    const { FirstName, LastName } = format({ info: { first_name: rocket.repeat(151), last_name: 'x'.repeat(150) } });
    expect(FirstName).toBe(rocket.repeat(150));
    expect(LastName).toBe('x'.repeat(150));
  });

  it.each([
    ['text', 'AddressLine1', 240],
    ['house', 'Building', 240],
    ['level', 'FloorNumber', 40],
    ['city', 'City', 60],
    ['postcode', 'PostalCode', 30],
    ['country_region', 'Region1', 120],
    ['state', 'Region2', 120],
    ['country', 'Country', 60],
  ])('of the location: %s fills %s up to %d', (source, target, maximum) => {
    const long = 'é'.repeat(maximum + 1);
    const location = source === 'text' ? { text: long } : { fields: { [source]: long } };
    expect(format({ info: { location } }).candidateAddress).toEqual([{ [target]: 'é'.repeat(maximum) }]);
  });

  it('are cut in phones, entries and skills, and never in e-mails and descriptions', () => {
    const long = 'y'.repeat(3000);
    const document = format({
      info: { email: long, phone: long },
      educations: [{ title: long, school: long, description: long }],
      experiences: [{ title: long, company: long }],
      skills: [{ name: long, type: long, value: long }],
    });
    expect(document).toEqual({
      Email: long,
      candidatePhones: [{ PhoneNumber: 'y'.repeat(60) }],
      education: [{ Title: 'y'.repeat(240), EducationalEstablishment: 'y'.repeat(2000), Description: long }],
      experience: [{ JobTitle: 'y'.repeat(240), EmployerName: 'y'.repeat(240) }],
      skills: [{ Skill: 'y'.repeat(240), Speciality: 'y'.repeat(30), Description: long }],
    });
  });

  it('are cut in the file name and not in the name of the upload', () => {
    const name = 'z'.repeat(2100);
    const [attachment] = format({ attachments: [{ type: 'resume', public_url: `https://a.test/${name}.pdf` }] })
      .attachments ?? [{}];
    expect(attachment?.FileName).toBe(name.slice(0, 2048));
    expect(attachment?.UploadedFileName).toBe(`${name}.pdf`);
  });
});

describe('attachments', () => {
  const resume = { type: 'resume', public_url: 'https://a.test/r.pdf' };
  const cover = { type: 'Cover', public_url: 'https://a.test/c.pdf' };
  const original = { type: 'original', public_url: 'https://a.test/o.doc' };
  const other = { type: 'other', public_url: 'https://a.test/x.png' };

  it('are all resumes and covers in the order of the profile', () => {
    expect(filesOf(other, cover, original, resume, resume)).toEqual([
      ['cover', 'c.pdf'],
      ['resume', 'r.pdf'],
      ['resume', 'r.pdf'],
    ]);
  });

  it('hold the first original where there is no resume', () => {
    expect(filesOf(original, cover, { ...original, public_url: 'https://a.test/o2.doc' })).toEqual([
      ['resume', 'o.doc'],
      ['cover', 'c.pdf'],
    ]);
  });

  it('are left out when there is none to send', () => {
    expect(format({ attachments: [other, { type: 'resume' }] })).toStrictEqual({});
  });

  it.each([
    ['https://a.test/', 'resume.pdf'],
    ['https://a.test', 'resume.pdf'],
    ['https://a.test/%20', 'resume.pdf'],
    ['https://a.test/a%2Fb?c=d', 'a/b.pdf'],
  ])('of the URL %s are called %s', (public_url, name) => {
    expect(filesOf({ type: 'resume', extension: '.pdf', public_url })).toEqual([['resume', name]]);
  });
});

describe('dates and durations', () => {
  it.each([
    // Computed with Python's round(seconds / 31536000, 2).
    ['2020-01-01T00:00', '2020-02-15T15:00', '0.12'],
    ['2019-01-01T00:00', '2019-05-17T21:00', '0.38'],
    ['2020-01-01T00:00', '2020-08-16T03:00', '0.62'],
    ['2021-01-01T00:00', '2021-01-02T19:48', '0.01'],
    ['2021-01-01', '2031-01-01', '10.01'],
    ['2021-01-01', '2021-02-06', '0.1'],
    ['2021-01-01', '2021-01-01', '0.0'],
  ])('from %s to %s are %s years', (date_start, date_end, Duration) => {
    expect(educationOf({ date_start, date_end })).toMatchObject({ Duration, DurationUnits: 'years' });
  });

  it.each([
    ['2024-01-01', '2020-01-01'],
    ['2021-01-02', '2021-01-01'],
    ['2021-01-01T10:00', '2021-01-01T09:59'],
  ])('from %s to %s are out of order, and have no duration', (date_start, date_end) => {
    expect(educationOf({ date_start, date_end })).toStrictEqual({
      StartDate: date_start.slice(0, 10),
      EndDate: date_end.slice(0, 10),
    });
  });

  it('ignore seconds and zones in the duration', () => {
    const years = educationOf({ date_start: '2020-01-01T00:00:00+1200', date_end: '2020-12-31T00:00:59-1200' });
    expect(years?.Duration).toBe('1.0');
  });

  it('leave out a date that cannot be read and keep the entry', () => {
    expect(educationOf({ title: 'a', date_start: '2020-02-30', date_end: '2020-03-01T10:00:00Z' })).toStrictEqual({
      Title: 'a',
      EndDate: '2020-03-01',
    });
    expect(format({ experiences: [{ date_start: '2020' }] })).toStrictEqual({});
  });
});

describe('the lists of an entry in words', () => {
  it('stand in a fixed order with types and values where there are any', () => {
    const summary = educationOf({
      interests: [{ name: 'chess', value: 3 }],
      courses: [{ name: "it's", value: ' ' }],
      skills: [
        { name: 'a', value: '1' },
        { name: 'b', type: 'hard' },
        { name: 'c', type: 'soft', value: 2.5 },
        { name: 'd', value: true },
      ],
    })?.ActivitySummary;
    expect(summary).toBe(
      'Here is a list of skills, names, and optionally their types and values: ' +
        "'a' and value '1', 'b' of type 'hard', 'c' of type 'soft' and value '2.5', 'd'. " +
        "Here is a list of courses, names, and optionally their values: 'it's'. " +
        "Here is a list of interests, names, and optionally their values: 'chess' and its value '3'.",
    );
  });

  it('are left out when nothing in them has a name', () => {
    expect(format({ experiences: [{ tasks: [{ value: 'x' }, { name: ' ' }, 5], skills: null }] })).toStrictEqual({});
  });

  it('give the responsibilities from the tasks alone', () => {
    const [experience] = format({ experiences: [{ tasks: [{ name: 'Here' }], languages: [{ name: 'fr' }] }] })
      .experience ?? [{}];
    expect(experience?.Responsibilities).toBe("Here is a list of tasks, names, and optionally their values: 'Here'.");
  });
});

describe('skills', () => {
  it('need a name, and write a number as text', () => {
    const skills = [
      { type: 'hard', value: 'x' },
      { name: 'calcul', value: 3 },
      { name: 'tri', value: false },
    ];
    expect(format({ skills }).skills).toEqual([{ Skill: 'calcul', Description: '3' }, { Skill: 'tri' }]);
  });
});
