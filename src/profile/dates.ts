import { text } from '../util/missing';

const DAY = String.raw`(?<date>(?<year>\d{4})-\d{2}-\d{2})`;
const TIME = String.raw`(?<hour>[01]\d|2[0-3]):(?<minute>[0-5]\d)(?::(?<second>[0-5]\d)(?<fraction>\.\d+)?)?`;
const ZONE = String.raw`(?<zone>Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)`;
const SHAPE = new RegExp(`^${DAY}(?:[T ]${TIME}${ZONE}?)?$`);

const SECONDS_PER_DAY = 86_400;
const FIRST_YEAR = 1900;
const YEARS_AHEAD = 10;

/** A date of a profile that could be read. */
export interface ReadableDate {
  /** The day as written, `YYYY-MM-DD`. */
  readonly date: string;
  /** The year as written. */
  readonly year: number;
  /** Minutes from 1970-01-01T00:00 to the date, hour and minute as written, the zone ignored. */
  readonly wallClockMinutes: number;
  /** Whole seconds from the epoch to the instant, rounded down. Without a zone the date is UTC. */
  readonly instantSeconds: number;
  /** What the instant has beyond its whole seconds, in seconds: at least 0, less than 1. */
  readonly instantFraction: number;
}

function startOfDayMinutes(date: string): number | undefined {
  const midnight = new Date(`${date}T00:00:00Z`);
  // Some impossible days (31 February) are refused by Date, others are carried into the next month.
  if (Number.isNaN(midnight.getTime()) || !midnight.toISOString().startsWith(date)) return undefined;
  return midnight.getTime() / 60_000;
}

function zoneMinutes(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}

/**
 * Reads a date: `YYYY-MM-DD`, optionally followed by `T` or one blank, `HH:MM`, optional `:SS` with an optional
 * fraction, and an optional zone `Z`, `±HH:MM` or `±HHMM`. The day must be one of the calendar, not before 1900 and not more than ten
 * years ahead: systems write `0001-01-01` for "none" and `9999-12-31` for "still".
 *
 * @param now the time in epoch milliseconds
 * @returns `undefined` for everything else, such as `2019`, `2019-05`, words or another type
 */
export function readDate(value: unknown, now: number): ReadableDate | undefined {
  const read = readAnyDate(value);
  return read && !isStandIn(read, now) ? read : undefined;
}

/** A date as text, in whatever form, for rules that copy it; `undefined` if it is missing or stands for "none" or "still". */
export function dateText(value: unknown, now: number): string | undefined {
  const copied = text(value);
  const read = readAnyDate(copied);
  return copied?.startsWith('0000-') || (read && isStandIn(read, now)) ? undefined : copied;
}

function isStandIn({ year, instantSeconds }: ReadableDate, now: number): boolean {
  const latest = new Date(now);
  latest.setUTCFullYear(latest.getUTCFullYear() + YEARS_AHEAD);
  return year < FIRST_YEAR || instantSeconds * 1_000 > latest.getTime();
}

function readAnyDate(value: unknown): ReadableDate | undefined {
  const parts = typeof value === 'string' ? SHAPE.exec(value)?.groups : undefined;
  const { date, year, hour = '0', minute = '0', second = '0', fraction = '0', zone } = parts ?? {};
  if (date === undefined || year === undefined || year === '0000') return undefined;
  const midnight = startOfDayMinutes(date);
  if (midnight === undefined) return undefined;
  const wallClockMinutes = midnight + Number(hour) * 60 + Number(minute);
  return {
    date,
    year: Number(year),
    wallClockMinutes,
    instantSeconds: (wallClockMinutes - zoneMinutes(zone)) * 60 + Number(second),
    instantFraction: Number(fraction),
  };
}

/** Whole days from one instant to another, rounded down; negative if the second comes first. */
export function wholeDaysBetween(start: ReadableDate, end: ReadableDate): number {
  const seconds = end.instantSeconds - start.instantSeconds - (end.instantFraction < start.instantFraction ? 1 : 0);
  return Math.floor(seconds / SECONDS_PER_DAY);
}

const INSTANT = /T.*(?:Z|[+-]\d{2}:?\d{2})$/;

/**
 * The moment that an ATS wrote, in epoch milliseconds; `undefined` if it cannot be read or has no zone, since the clock
 * of the ATS may be in any.
 */
export function readInstant(value: string | null | undefined): number | undefined {
  const at = value && INSTANT.test(value) ? Date.parse(value) : NaN;
  return Number.isNaN(at) ? undefined : at;
}
