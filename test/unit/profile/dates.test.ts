import { describe, expect, it } from '@jest/globals';
import { dateText, readDate as readDateAt, wholeDaysBetween } from '../../../src/profile/dates';
import { NOW } from '../connectors/format/support';

const EPOCH_2020 = Date.UTC(2020, 0, 1) / 1000;
const readDate = (value: unknown) => readDateAt(value, NOW);

describe('a readable date', () => {
  it.each([
    ['2020-01-01', 0],
    ['2020-01-01T00:00', 0],
    ['2020-01-01 00:00:00', 0],
    ['2020-01-01T00:00:00Z', 0],
    ['2020-01-01T12:34Z', 45_240],
    ['2020-01-01T12:34:56.789', 45_296],
    ['2020-01-01T02:00:00+0200', 0],
    ['2020-01-01T02:00:00+02:00', 0],
    ['2019-12-31T18:30:00-05:30', 0],
    ['2020-01-01T23:59:59-23:59', 86_399 + 86_340],
  ])('%s is the right instant', (written, offset) => {
    expect(readDate(written)?.instantSeconds).toBe(EPOCH_2020 + offset);
  });

  it('keeps day, year and wall clock as written, whatever the zone', () => {
    const read = readDate('2020-01-01T00:30:59.5+0100');
    expect(read).toMatchObject({ date: '2020-01-01', year: 2020, instantFraction: 0.5 });
    expect(read?.wallClockMinutes).toBe(EPOCH_2020 / 60 + 30);
  });

  it.each(['1900-01-01', '1999-12-31', '2000-02-29', '2024-02-29', '2036-11-27'])('may be %s', (written) => {
    expect(readDate(written)).toMatchObject({ date: written, year: Number(written.slice(0, 4)) });
  });

  it.each([
    ...['2019', '2019-05', 'yesterday', '', ' 2019-05-01', '2019-05-01 ', '2019-05-01\n', '2019-5-1', '20190501'],
    ...['2019-02-29', '1900-02-29', '2019-02-30', '2019-04-31', '2019-13-01', '2019-00-10', '2019-01-00', '0000-01-01'],
    ...['2019-05-01T', '2019-05-01T10', '2019-05-01T24:00', '2019-05-01T10:60', '2019-05-01T10:00:60', '2019-05-01Z'],
    ...['2019-05-01T10:00:00,5', '2019-05-01T10:00.5', '2019-05-01T10:00:00+02', '2019-05-01T10:00:00+24:00'],
    ...['2019-05-01t10:00', '2019-05-01T10:00z', '2019-05-01  10:00', '٢٠١٩-٠٥-٠١', '+02019-05-01'],
  ])('is not %j', (written) => {
    expect(readDate(written)).toBeUndefined();
  });

  it.each([null, undefined, 20190501, new Date(0), { iso8601: '2019-05-01' }, ['2019-05-01']])(
    'is not a value of another type: %p',
    (value) => {
      expect(readDate(value)).toBeUndefined();
    },
  );
});

const STAND_INS = [
  ...['0000-00-00', '0000-01-01', '0001-01-01', '0001-01-01T00:00:00', '0014-05-01', '1899-12-31T23:59:59'],
  ...['2036-11-27T00:00:01Z', '2036-11-28', '2999-12-31', '9999-12-31', '9999-12-31T23:59:59.9999999+0000'],
];

describe('a date that stands for "none" or "still"', () => {
  it.each(STAND_INS)('is missing: %s', (written) => {
    expect(readDate(written)).toBeUndefined();
    expect(dateText(written, NOW)).toBeUndefined();
  });

  it('depends on the time', () => {
    expect(readDateAt('2036-11-28', NOW + 86_400_000)?.year).toBe(2036);
    expect(readDateAt('2034-02-28', Date.UTC(2024, 1, 29))?.year).toBe(2034);
    expect(dateText('2036-11-28', NOW + 86_400_000)).toBe('2036-11-28');
  });
});

describe('a date that is copied as text', () => {
  it.each(['1990-04-12T00:00:00', '2019', '2019-05', 'le 3 mai', '2019-02-30', ' 1990-04-12 '])(
    'stays %j',
    (written) => {
      expect(dateText(written, NOW)).toBe(written);
    },
  );

  it.each([null, undefined, '', ' ', 1990, { iso8601: '1990-04-12' }])('is missing when it is %j', (value) => {
    expect(dateText(value, NOW)).toBeUndefined();
  });
});

describe('days between two dates', () => {
  it.each([
    ['2016-05-01T22:00:00', '2016-05-03T21:59:59', 1],
    ['2020-01-01', '2020-01-01', 0],
    ['2020-01-02', '2020-01-01T00:00:01', -1],
    ['2020-01-01T00:00:00+0200', '2020-01-01T22:00:00Z', 1],
    ['2020-01-01T00:00:00.0000002', '2020-01-02T00:00:00.0000001', 0],
    ['2020-01-01T00:00:00.0000001', '2020-01-02T00:00:00.0000001', 1],
    ['1901-01-01', '1902-01-01', 365],
  ])('from %s to %s are %d, rounded down', (start, end, days) => {
    const [from, to] = [readDate(start), readDate(end)];
    expect(from && to && wholeDaysBetween(from, to)).toBe(days);
  });
});
