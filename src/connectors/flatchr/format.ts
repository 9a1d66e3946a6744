import { findCv, readAttachments } from '../../profile/attachments';
import { FormatError } from '../../protocol/errors';
import { dateText } from '../../profile/dates';
import { allMissing, isEmpty, list, number, object, present, text, type Members } from '../../util/missing';
import { emailOf, namesOf, type Names } from '../../profile/person';
import type { Profile } from '../../profile/schema';
import type { FlatchrDocument, FlatchrEnrichmentDocument } from './schemas';

/** Stands for a name that is missing, since Flatchr requires both. */
const NO_NAME = 'N/A';

function requiredEmail(info: Members): string {
  const email = emailOf(info);
  if (email === undefined) {
    throw new FormatError('info.email', 'is missing; Flatchr finds its candidates by their e-mail');
  }
  return email;
}

function resume(profile: Profile): FlatchrDocument['resume'] {
  const cv = findCv(readAttachments(profile));
  return (
    cv && {
      fileName: `resume${cv.extension}`,
      contentType: cv.contentType,
      data: { $file: cv.url, encoding: 'base64' },
    }
  );
}

/**
 * The default format of `flatchr.pushProfile`.
 *
 * @param options.vacancy slug of the vacancy, copied
 * @param options.splitFullName see {@link namesOf}
 * @throws FormatError naming `info.email` if the profile has no e-mail, or more than one
 */
export function formatFlatchrCandidate(
  profile: Profile,
  options: { readonly vacancy: string; readonly splitFullName: boolean },
): FlatchrDocument {
  const info = object(profile.info);
  const { first, last } = namesOf(info, options.splitFullName);
  return present({
    vacancy: options.vacancy,
    firstname: first ?? NO_NAME,
    lastname: last ?? NO_NAME,
    type: 'document',
    email: requiredEmail(info),
    phone: text(info.phone),
    resume: resume(profile),
  });
}

function nameBlock(info: Members, { first, last }: Names) {
  const joined = [first, last].filter((part) => part !== undefined).join(' ');
  return present({ formattedName: text(info.full_name) ?? text(joined), given: first, family: last });
}

function addressBlock(info: Members) {
  const location = object(info.location);
  const address = present({
    administrative_area_level_1: text(location.text),
    location_lat: number(location.lat),
    location_lng: number(location.lng),
  });
  return isEmpty(address) ? undefined : address;
}

function wholeYears(duration: unknown): number | undefined {
  const years = number(duration);
  // Adding 0 turns -0 into 0.
  return years === undefined || years < 0 ? undefined : Math.trunc(years) + 0;
}

function textsOf(entries: unknown, member: string): string[] {
  return list(entries)
    .map((entry) => text(entry[member]))
    .filter((value) => value !== undefined);
}

function educationBlock(education: Members, now: number) {
  const formattedAddress = text(object(education.location).text);
  const school = text(education.school);
  const title = text(education.title);
  const start = dateText(education.date_start, now);
  const end = dateText(education.date_end, now);
  const description = text(education.description);
  if (allMissing(formattedAddress, school, title, start, end, description)) return undefined;
  return present({
    institution: present({ communication: { address: [present({ formattedAddress })] }, name: school }),
    educationLevelCodes: [present({ name: title })],
    educationDegrees: [present({ name: title, date: start, specializations: [] })],
    end,
    descriptions: description === undefined ? [] : [description],
  });
}

function employmentBlock(experience: Members, now: number) {
  const location = object(experience.location);
  const formattedAddress = text(location.text);
  const latitude = number(location.lat);
  const longitude = number(location.lng);
  const company = text(experience.company);
  const title = text(experience.title);
  const start = dateText(experience.date_start, now);
  const description = text(experience.description);
  if (allMissing(formattedAddress, latitude, longitude, company, title, start, description)) return undefined;
  const address = present({ geoLocation: present({ latitude, longitude }), formattedAddress });
  const organization = present({ communication: { address: [address] }, name: company });
  return present({
    title,
    positionHistories: [present({ organization, jobCategories: [], jobLevels: [], start })],
    start,
    descriptions: description === undefined ? [] : [description],
  });
}

function blocks<T>(entries: unknown, now: number, block: (entry: Members, now: number) => T | undefined): T[] {
  return list(entries)
    .map((entry) => block(entry, now))
    .filter((found) => found !== undefined);
}

/**
 * The default format of `flatchr.enrichProfile`: what Flatchr shows on the sheet of the candidate with that e-mail.
 *
 * @param options.splitFullName see {@link namesOf}
 * @param options.now epoch milliseconds, see {@link dateText}
 * @throws FormatError naming `info.email` if the profile has no e-mail, or more than one
 */
export function formatFlatchrEnrichment(
  profile: Profile,
  { splitFullName, now }: { readonly splitFullName: boolean; readonly now: number },
): FlatchrEnrichmentDocument {
  const info = object(profile.info);
  const email = requiredEmail(info);
  const phone = text(info.phone);
  return {
    app_name: 'HRMatch',
    reference: email,
    name: 'parsing',
    type: 'applicants',
    value: present({
      name: nameBlock(info, namesOf(info, splitFullName)),
      phone: phone === undefined ? [] : [{ dialNumber: phone }],
      email: [{ address: email }],
      address: addressBlock(info),
      experience: wholeYears(profile.experiences_duration),
      position: textsOf(profile.experiences, 'title'),
      employment_positions: textsOf(profile.experiences, 'company'),
      education: blocks(profile.educations, now, educationBlock),
      employment: blocks(profile.experiences, now, employmentBlock),
    }),
  };
}
