import { findCv, readAttachments } from '../shared/attachments';
import { FormatFailure } from '../shared/format-failure';
import { allMissing, isEmpty, list, number, object, present, text, type Members } from '../shared/missing';
import type { Profile } from '../hrflow/schemas';
import type { FlatchrDocument, FlatchrEnrichmentDocument } from './schemas';

/** Stands for a name that is missing, since Flatchr requires both. */
const NO_NAME = 'N/A';

function requiredEmail(info: Members): string {
  const email = text(info.email);
  if (email === undefined) {
    throw new FormatFailure('info.email', 'is missing; Flatchr finds its candidates by their e-mail');
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
 * @throws FormatFailure naming `info.email` when the profile has no e-mail
 */
export function formatFlatchrCandidate(profile: Profile, options: { readonly vacancy: string }): FlatchrDocument {
  const info = object(profile.info);
  return present({
    vacancy: options.vacancy,
    firstname: text(info.first_name) ?? NO_NAME,
    lastname: text(info.last_name) ?? NO_NAME,
    type: 'document',
    email: requiredEmail(info),
    phone: text(info.phone),
    resume: resume(profile),
  });
}

function fullName(info: Members): string | undefined {
  const parts = [text(info.first_name), text(info.last_name)].filter((part) => part !== undefined);
  return text(info.full_name) ?? text(parts.join(' '));
}

function nameBlock(info: Members) {
  return present({
    formattedName: fullName(info),
    given: text(info.first_name),
    family: text(info.last_name),
  });
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
  // Adding 0 turns the -0 that cutting makes of -0.5 into 0.
  return years === undefined ? undefined : Math.trunc(years) + 0;
}

function textsOf(entries: unknown, member: string): string[] {
  return list(entries)
    .map((entry) => text(entry[member]))
    .filter((value) => value !== undefined);
}

function educationBlock(education: Members) {
  const formattedAddress = text(object(education.location).text);
  const school = text(education.school);
  const title = text(education.title);
  const start = text(education.date_start);
  const end = text(education.date_end);
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

function employmentBlock(experience: Members) {
  const location = object(experience.location);
  const formattedAddress = text(location.text);
  const latitude = number(location.lat);
  const longitude = number(location.lng);
  const company = text(experience.company);
  const title = text(experience.title);
  const start = text(experience.date_start);
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

function blocks<T>(entries: unknown, block: (entry: Members) => T | undefined): T[] {
  return list(entries)
    .map(block)
    .filter((found) => found !== undefined);
}

/**
 * The default format of `flatchr.enrichProfile`: what Flatchr shows on the sheet of the candidate with that e-mail.
 *
 * @throws FormatFailure naming `info.email` when the profile has no e-mail
 */
export function formatFlatchrEnrichment(profile: Profile): FlatchrEnrichmentDocument {
  const info = object(profile.info);
  const email = requiredEmail(info);
  const phone = text(info.phone);
  return {
    app_name: 'HRMatch',
    reference: email,
    name: 'parsing',
    type: 'applicants',
    value: present({
      name: nameBlock(info),
      phone: phone === undefined ? [] : [{ dialNumber: phone }],
      email: [{ address: email }],
      address: addressBlock(info),
      experience: wholeYears(profile.experiences_duration),
      position: textsOf(profile.experiences, 'title'),
      employment_positions: textsOf(profile.experiences, 'company'),
      education: blocks(profile.educations, educationBlock),
      employment: blocks(profile.experiences, employmentBlock),
    }),
  };
}
