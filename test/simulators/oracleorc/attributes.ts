/** What a value of an attribute looks like; `max` counts Unicode code points. */
export type AttributeType =
  { kind: 'text'; max: number } | { kind: 'flag' | 'integer' | 'number' | 'date' | 'base64' | 'longBytes' };

/** A resource: the candidate or one of its children (facts 4.3). */
export interface Resource {
  attributes: Map<string, AttributeType>;
  readOnly: string[];
  required: string[];
  /** The facts do not list every attribute, so others are let through. */
  open: boolean;
}

const UNLIMITED = Number.POSITIVE_INFINITY;

function text(max: number, names: string): Record<string, AttributeType> {
  return typed({ kind: 'text', max }, names);
}

function typed(type: AttributeType, names: string): Record<string, AttributeType> {
  return Object.fromEntries(names.split(' ').map((name) => [name, type]));
}

function resource(attributes: Record<string, AttributeType>, rest: Partial<Resource> = {}): Resource {
  return { attributes: new Map(Object.entries(attributes)), readOnly: [], required: [], open: false, ...rest };
}

const SERVER_SET = [
  'CandidateNumber',
  'PersonId',
  'FullName',
  'DisplayName',
  'ListName',
  'CandidateType',
  'CreatedBy',
  'CreationDate',
  'LastUpdatedBy',
  'LastUpdateDate',
  'CandLastModifiedDate',
];

/** The candidate itself, without its children. */
export const CANDIDATE = resource(
  {
    ...text(150, 'FirstName LastName PreviousLastName PreNameAdjunct'),
    ...text(80, 'MiddleNames KnownAs Honors MilitaryRank Suffix'),
    ...text(30, 'Title'),
    ...text(240, 'Email'),
    ...text(4, 'PreferredLanguage'),
    ...text(255, 'PreferredTimezone'),
    ...text(32, 'SourceMedium'),
    ...text(2000, 'SourceName'),
    ...text(1, 'CampaignOptIn'),
    ...text(UNLIMITED, SERVER_SET.filter((name) => name !== 'PersonId').join(' ')),
    ...typed({ kind: 'integer' }, 'PersonId'),
  },
  { readOnly: SERVER_SET },
);

const attachments = resource(
  {
    ...text(30, 'DatatypeCode CategoryName'),
    ...text(2048, 'FileName'),
    ...text(255, 'Description DmDocumentId DmVersionNumber'),
    ...text(1000, 'DmFolderPath'),
    ...text(4000, 'Uri FileUrl'),
    ...text(UNLIMITED, 'UploadedFileName UploadedFileContentType UploadedText Title DownloadInfo AsyncTrackerId'),
    ...text(UNLIMITED, 'ErrorStatusCode ErrorStatusMessage ContentRepositoryFileShared'),
    ...typed({ kind: 'integer' }, 'UploadedFileLength AttachedDocumentId'),
    ...typed({ kind: 'date' }, 'ExpirationDate'),
    ...typed({ kind: 'base64' }, 'FileContents'),
  },
  { readOnly: ['AttachedDocumentId'] },
);

const candidateAddress = resource({
  ...text(240, 'AddressLine1 AddressLine2 AddressLine3 Building'),
  ...text(60, 'City Country'),
  ...text(30, 'PostalCode LongPostalCode'),
  ...text(120, 'Region1 Region2 Region3'),
  ...text(40, 'FloorNumber'),
  ...text(150, [1, 2, 3, 4, 5].map((number) => `AddlAddressAttribute${number}`).join(' ')),
});

const candidatePhones = resource({
  ...text(30, 'AreaCode CountryCodeNumber'),
  ...text(60, 'PhoneNumber'),
  ...text(4, 'LegislationCode'),
  ...text(UNLIMITED, 'PhoneType Extension'),
  ...typed({ kind: 'integer' }, 'PhoneId'),
  ...typed({ kind: 'flag' }, 'PrimaryFlag'),
});

const experience = resource({
  ...text(240, 'EmployerName JobTitle EmployerCity Department StartingPosition OtherJobFunction OtherCompensation'),
  ...text(240, 'BusinessType SupervisorName SupervisorTitle SupervisorPhone SupervisorEmail EmployerPhone'),
  ...text(30, 'JobFunction CountryCode FullTimeCode'),
  ...text(360, 'StateProvinceCode'),
  ...text(2000, 'CompanyURL'),
  ...text(UNLIMITED, 'Responsibilities LeavingReason'),
  ...typed({ kind: 'longBytes' }, 'Achievements AdditionalInformation'),
  ...typed({ kind: 'date' }, 'StartDate EndDate'),
  ...typed({ kind: 'flag' }, 'CurrentJobFlag InternalFlag ContactSupervisorFlag'),
  ...typed({ kind: 'number' }, 'StartCompensation EndCompensation'),
  ...typed({ kind: 'integer' }, 'DirectReports EmployerCountryId EmployerStateId JobFamilyId PreviousEmploymentId'),
  ...typed({ kind: 'integer' }, 'SectionId'),
});

const education = resource({
  ...text(2000, 'EducationalEstablishment EducationURL'),
  ...text(240, 'DegreeName Title Major Minor AreaOfStudy City Department Duration Educator AwardingBody AverageGrade'),
  ...text(240, 'CompletedTraningUnits'),
  ...text(30, 'EducationLevel HighestEduLevel CountryCode Status DurationUnits AcademicStanding TuitionMethod'),
  ...text(30, 'FeeCurrency'),
  ...text(360, 'StateProvinceCode'),
  ...text(UNLIMITED, 'Description ActivitySummary Reimbursements Comments'),
  ...typed({ kind: 'date' }, 'StartDate EndDate DateAcquired ProjectedCompletionDate'),
  ...typed({ kind: 'flag' }, 'GraduatedFlag PartTimeFlag TrmnlDegDiscpFlag EduLevelCompletedFlag RequiredFlag'),
  ...typed({ kind: 'number' }, 'GPA'),
  ...typed({ kind: 'integer' }, 'YearAcquired Fee TotalAmount CompletedAmount EducationId EducationalEstablishmentId'),
  ...typed({ kind: 'integer' }, 'CountryId StateProvinceId ContentItemId SectionId'),
});

const skills = resource(
  {
    ...text(240, 'Skill'),
    ...text(30, 'Speciality'),
    ...text(2000, 'ProjectName'),
    ...text(UNLIMITED, 'Description Comments'),
    ...typed({ kind: 'integer' }, 'YearsOfExperience SkillId SectionId'),
    ...typed({ kind: 'date' }, 'DateAchieved'),
  },
  { required: ['Skill'] },
);

const languages = resource(
  {
    ...text(240, 'Language EvaluationLocation'),
    ...typed({ kind: 'flag' }, 'AbleToTranslateFlag AbleToTeachFlag NativeSpeakerFlag'),
    ...typed({ kind: 'date' }, 'EvaluatedOn'),
    ...typed({ kind: 'integer' }, 'LanguageId'),
  },
  { open: true },
);

const licensesAndCertificates = resource(
  {
    ...text(240, 'CertificationName CertificationNumber IssuedBy EducationalEstablishment Title'),
    ...text(240, 'CompletedTrainingUnits'),
    ...text(30, 'CountryCode Status'),
    ...text(360, 'StateProvinceCode'),
  },
  { open: true },
);

const workPreferences = resource(
  {
    ...text(30, 'PayRange PayFrequency CurrencyCode WorkDays NatTravelFrequency IntlTravelFrequency'),
    ...text(240, 'RelocationReason'),
    ...typed({ kind: 'date' }, 'DateFrom DateTo'),
    ...typed({ kind: 'integer' }, 'MinimumPay'),
  },
  { required: ['DateFrom'], open: true },
);

/** The children of a candidate that may be nested in its POST, by their name in the document. */
export const CHILDREN: ReadonlyMap<string, Resource> = new Map(
  Object.entries({
    attachments,
    candidateAddress,
    candidatePhones,
    education,
    experience,
    skills,
    languages,
    licensesAndCertificates,
    workPreferences,
    citizenships: resource({}, { open: true }),
  }),
);

/** The attributes that `q` may name; the e-mail address is not one of them (facts 4.2). */
export const QUERYABLE = ['CandLastModifiedDate', 'CandidateType', 'FullName', 'LastName', 'PreferredTimezone'];
