import { findCv, fileNameOfUrl, readAttachments, withExtension, type Attachment } from '../../profile/attachments';
import { cutToCodePoints } from '../../util/code-points';
import { readDate, type ReadableDate } from '../../profile/dates';
import { isEmpty, list, object, present, text, textOrNumber, type Members } from '../../util/missing';
import { emailOf, namesOf } from '../../profile/person';
import type { Profile } from '../../profile/schema';
import type { OracleDocument } from './schemas';

const MINUTES_PER_YEAR = 365 * 24 * 60;

/** The lists inside an education or experience that are summed up in words, beside the skills, in this order. */
const NAMED_LISTS = ['certifications', 'courses', 'tasks', 'languages', 'interests'] as const;

function cut(value: unknown, maximum: number): string | undefined {
  const found = text(value);
  return found === undefined ? undefined : cutToCodePoints(found, maximum);
}

function nonEmpty<T>(entries: T[]): T[] | undefined {
  return entries.length === 0 ? undefined : entries;
}

function address(location: Members) {
  const fields = object(location.fields);
  return present({
    AddressLine1: cut(location.text, 240),
    Building: cut(fields.house, 240),
    FloorNumber: cut(fields.level, 40),
    City: cut(fields.city, 60),
    PostalCode: cut(fields.postcode, 30),
    Region1: cut(fields.country_region, 120),
    Region2: cut(fields.state, 120),
    Country: cut(fields.country, 60),
  });
}

/** `CategoryName` of the attachments: codes of the pod. */
interface OracleCategories {
  readonly resumeCategory: string;
  readonly coverCategory: string;
}

/** What the document depends on beside the profile. */
export interface OracleFormatOptions extends OracleCategories {
  /** See {@link namesOf}. */
  readonly splitFullName: boolean;
  /** Epoch milliseconds, see {@link readDate}. */
  readonly now: number;
}

function attachmentEntry(attachment: Attachment, { resumeCategory, coverCategory }: OracleCategories) {
  const name = withExtension(text(fileNameOfUrl(attachment.url)) ?? 'resume', attachment);
  return {
    DatatypeCode: 'FILE',
    CategoryName: attachment.kind === 'cover' ? coverCategory : resumeCategory,
    FileName: cutToCodePoints(name, 2048),
    UploadedFileName: name,
    UploadedFileContentType: attachment.contentType,
    FileContents: { $file: attachment.url, encoding: 'base64' as const },
  };
}

function attachmentEntries(profile: Profile, categories: OracleCategories) {
  const attachments = readAttachments(profile);
  const cv = findCv(attachments);
  return attachments
    .filter((attachment) => attachment === cv || attachment.kind === 'resume' || attachment.kind === 'cover')
    .map((attachment) => attachmentEntry(attachment, categories));
}

/** Two decimals, ties to the even digit as in the Python reference, and one decimal where the second is zero. */
function decimals(value: number): string {
  const rounded = value.toFixed(2);
  // toFixed takes a tie away from zero. Only odd eighths are ties: no other binary fraction ends in a 5 at the third
  // and last decimal.
  const isTie = Math.abs(value * 8) % 2 === 1;
  const last = Number(rounded.slice(-1));
  const even = isTie && last % 2 === 1 ? `${rounded.slice(0, -1)}${last - 1}` : rounded;
  return even.replace(/0$/, '');
}

function duration(start: ReadableDate | undefined, end: ReadableDate | undefined) {
  if (!start || !end || end.wallClockMinutes < start.wallClockMinutes) return {};
  const years = (end.wallClockMinutes - start.wallClockMinutes) / MINUTES_PER_YEAR;
  return { Duration: decimals(years), DurationUnits: 'years' };
}

function skillInWords(skill: Members): string | undefined {
  const name = text(skill.name);
  if (name === undefined) return undefined;
  const type = text(skill.type);
  const value = textOrNumber(skill.value);
  const typed = type === undefined ? `'${name}'` : `'${name}' of type '${type}'`;
  return value === undefined ? typed : `${typed} and value '${value}'`;
}

function namedInWords(entry: Members): string | undefined {
  const name = text(entry.name);
  if (name === undefined) return undefined;
  const value = textOrNumber(entry.value);
  return value === undefined ? `'${name}'` : `'${name}' and its value '${value}'`;
}

function sentence(
  opening: string,
  entries: unknown,
  inWords: (entry: Members) => string | undefined,
): string | undefined {
  const items = list(entries)
    .map(inWords)
    .filter((item) => item !== undefined);
  return items.length === 0 ? undefined : `${opening}: ${items.join(', ')}.`;
}

function namedSentence(entry: Members, name: (typeof NAMED_LISTS)[number]): string | undefined {
  return sentence(`Here is a list of ${name}, names, and optionally their values`, entry[name], namedInWords);
}

function summary(entry: Members): string | undefined {
  const skills = sentence(
    'Here is a list of skills, names, and optionally their types and values',
    entry.skills,
    skillInWords,
  );
  const sentences = [skills, ...NAMED_LISTS.map((name) => namedSentence(entry, name))];
  return text(sentences.filter((found) => found !== undefined).join(' '));
}

function educationEntry(education: Members, now: number) {
  const start = readDate(education.date_start, now);
  const end = readDate(education.date_end, now);
  return present({
    Title: cut(education.title, 240),
    EducationalEstablishment: cut(education.school, 2000),
    Description: text(education.description),
    ActivitySummary: summary(education),
    StartDate: start?.date,
    EndDate: end?.date,
    ...duration(start, end),
  });
}

function experienceEntry(experience: Members, now: number) {
  return present({
    JobTitle: cut(experience.title, 240),
    EmployerName: cut(experience.company, 240),
    StartDate: readDate(experience.date_start, now)?.date,
    EndDate: readDate(experience.date_end, now)?.date,
    AdditionalInformation: summary(experience),
    Responsibilities: namedSentence(experience, 'tasks'),
  });
}

function skillEntry(skill: Members) {
  const name = cut(skill.name, 240);
  if (name === undefined) return undefined;
  return present({ Skill: name, Speciality: cut(skill.type, 30), Description: textOrNumber(skill.value) });
}

function filled<T extends object>(entries: T[]): T[] | undefined {
  return nonEmpty(entries.filter((entry) => !isEmpty(entry)));
}

/**
 * The default format of `oracleORC.pushProfile`. Returns a document for every profile; what is missing is left out, lists
 * too. Texts above Oracle's maximum are cut to it, but the e-mail. Maxima: Oracle's field lengths for
 * `recruitingCandidates` and its children, as the Python reference carries them.
 *
 * @throws FormatError naming `info.email` if it is more than one address
 */
export function formatOracleCandidate(profile: Profile, options: OracleFormatOptions): OracleDocument {
  const info = object(profile.info);
  const { splitFullName, now } = options;
  const { first, last } = namesOf(info, splitFullName);
  const phone = cut(info.phone, 60);
  return present({
    FirstName: cut(first, 150),
    LastName: cut(last, 150),
    Email: emailOf(info),
    candidateAddress: filled([address(object(info.location))]),
    candidatePhones: phone === undefined ? undefined : [{ PhoneNumber: phone }],
    attachments: nonEmpty(attachmentEntries(profile, options)),
    education: filled(list(profile.educations).map((education) => educationEntry(education, now))),
    experience: filled(list(profile.experiences).map((experience) => experienceEntry(experience, now))),
    skills: nonEmpty(
      list(profile.skills)
        .map(skillEntry)
        .filter((skill) => skill !== undefined),
    ),
  });
}
