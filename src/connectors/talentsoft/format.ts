import { findCv, readAttachments, withExtension, type Attachment } from '../../profile/attachments';
import { dateText, readDate, wholeDaysBetween } from '../../profile/dates';
import { isEmpty, list, object, present, text, textOrNumber, type Members } from '../../util/missing';
import { emailOf, namesOf } from '../../profile/person';
import type { Profile } from '../../profile/schema';
import type { TalentSoftReferentials } from './referentials';
import type { TalentSoftDocument } from './schemas';

const CV_PART = 'cv_file_id';
const DAYS_PER_YEAR = 365;

type ReferentialName = Exclude<keyof TalentSoftReferentials, 'cvFileTypeId'>;

function referentialItem(referentials: TalentSoftReferentials, type: ReferentialName, key: unknown) {
  const table = referentials[type];
  const item = typeof key === 'string' && Object.hasOwn(table, key) ? table[key] : undefined;
  return item && { ...item, type, parentType: '' };
}

/** The value of the first tag of that name, even when that tag has none and a later one has. */
function tagValue(profile: Profile, name: string): unknown {
  return list(profile.tags).find((tag) => tag.name === name)?.value;
}

function personalInformation(profile: Profile, { referentials, splitFullName, now }: TalentSoftFormatOptions) {
  const info = object(profile.info);
  const { first, last } = namesOf(info, splitFullName);
  const location = object(info.location);
  const fields = object(location.fields);
  return present({
    firstName: first,
    lastName: last,
    email: emailOf(info),
    phoneNumber: text(info.phone),
    birthDate: dateText(info.date_birth, now),
    address: text(location.text),
    city: text(fields.city),
    postalCode: text(fields.postcode),
    civility: referentialItem(referentials, 'civility', info.gender),
  });
}

function diplomas(profile: Profile, { referentials, now }: TalentSoftFormatOptions) {
  const educationLevel = referentialItem(
    referentials,
    'educationLevel',
    tagValue(profile, 'talentsoft_education_level'),
  );
  const obtained = list(profile.educations).map((education) =>
    present({ yearObtained: readDate(education.date_end, now)?.year, college: text(education.school) }),
  );
  return [present({ educationLevel }), ...obtained].filter((diploma) => !isEmpty(diploma));
}

/** Years of 365 days, from whole days; undefined unless both dates can be read and are in order. */
function lengthInYears(experience: Members, now: number): number | undefined {
  const start = readDate(experience.date_start, now);
  const end = readDate(experience.date_end, now);
  const days = start && end && wholeDaysBetween(start, end);
  return days === undefined || days < 0 ? undefined : days / DAYS_PER_YEAR;
}

function experienceList(profile: Profile, now: number) {
  return list(profile.experiences)
    .map((experience) =>
      present({
        company: text(experience.company),
        function: text(experience.title),
        length: lengthInYears(experience, now),
      }),
    )
    .filter((experience) => !isEmpty(experience));
}

function applicant(profile: Profile, options: TalentSoftFormatOptions) {
  const { referentials, now } = options;
  const contractType = tagValue(profile, 'talentsoft_contract_type');
  const experienceLevel = tagValue(profile, 'talentsoft_experience_level');
  return {
    personalInformation: personalInformation(profile, options),
    jobPreferences: present({
      contractType: referentialItem(referentials, 'contractType', contractType),
      salaryPretensions: textOrNumber(tagValue(profile, 'talentsoft_salary')),
    }),
    education: { diplomas: diplomas(profile, options) },
    experiences: present({
      experienceLevel: referentialItem(referentials, 'experienceLevel', experienceLevel),
      experienceList: experienceList(profile, now),
    }),
  };
}

function cvFileName(cv: Attachment): string {
  return withExtension(cv.originalFileName ?? 'resume', cv);
}

function filePart(cv: Attachment): NonNullable<TalentSoftDocument['file']> {
  return {
    part: CV_PART,
    fileName: cvFileName(cv),
    contentType: cv.contentType,
    content: { $file: cv.url, encoding: 'binary' },
  };
}

function headers(reference: string | undefined): TalentSoftDocument['headers'] {
  return reference === undefined ? {} : { 'Accept-Language': 'fr-FR', jobAdReference: reference };
}

/** What the document depends on beside the profile. */
export interface TalentSoftFormatOptions {
  /** Reference of the offer applied to; without one the application names no offer. */
  readonly job_reference?: string | undefined;
  readonly referentials: TalentSoftReferentials;
  /** See {@link namesOf}. */
  readonly splitFullName: boolean;
  /** Epoch milliseconds, see {@link readDate}. */
  readonly now: number;
}

/**
 * The default format of `talentSoft.pushProfile`. Returns a document for every profile; one without a CV has no file.
 *
 * Nothing is computed from the durations of a profile: contract, salary and the two levels come from the tags
 * `talentsoft_contract_type`, `talentsoft_salary`, `talentsoft_education_level` and `talentsoft_experience_level`.
 *
 * @throws FormatError naming `info.email` if it is more than one address
 */
export function formatTalentSoftApplicant(profile: Profile, options: TalentSoftFormatOptions): TalentSoftDocument {
  const { referentials } = options;
  const reference = text(options.job_reference);
  const cv = findCv(readAttachments(profile));
  const uploadedFile = cv && {
    description: cv.originalFileName ?? cvFileName(cv),
    fileTypeId: referentials.cvFileTypeId,
    key: CV_PART,
  };
  return present({
    applicantApplication: {
      applicant: applicant(profile, options),
      application: present({ type: 'offer', offerReference: reference }),
      uploadedFiles: uploadedFile ? [uploadedFile] : [],
    },
    headers: headers(reference),
    file: cv && filePart(cv),
  });
}
