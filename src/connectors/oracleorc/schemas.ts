import { z } from 'zod';
import { personal } from '../../security/sensitivity';
import { base64FileSchema } from '../shared/file-reference';
import { externalId, lenient, notBlank, personalText } from '../../profile/fields';

const text = z.string().nullish();

const address = z.looseObject({
  AddressLine1: personalText,
  Building: personalText,
  FloorNumber: personalText,
  City: personalText,
  PostalCode: personalText,
  Region1: personalText,
  Region2: personalText,
  Country: personalText,
});

const attachment = z.looseObject({
  DatatypeCode: text,
  CategoryName: text,
  FileName: personalText,
  UploadedFileName: personalText,
  UploadedFileContentType: text,
  FileContents: base64FileSchema.optional(),
});

const education = z.looseObject({
  Title: personalText,
  EducationalEstablishment: personalText,
  Description: personalText,
  ActivitySummary: personalText,
  StartDate: personalText,
  EndDate: personalText,
  Duration: personalText,
  DurationUnits: text,
});

const experience = z.looseObject({
  JobTitle: personalText,
  EmployerName: personalText,
  StartDate: personalText,
  EndDate: personalText,
  AdditionalInformation: personalText,
  Responsibilities: personalText,
});

const skill = z.looseObject({
  Skill: personal(notBlank),
  Speciality: personalText,
  Description: personalText,
});

/**
 * What `oracleORC.pushProfile` sends: the body of `POST recruitingCandidates` with the children inside. A custom format
 * may add members that Oracle knows; Oracle's maximum lengths are not checked here.
 */
export const oracleDocumentSchema = z.looseObject({
  FirstName: personalText,
  LastName: personalText,
  Email: personalText,
  candidateAddress: z.array(address).optional(),
  candidatePhones: z.array(z.looseObject({ PhoneNumber: personalText })).optional(),
  attachments: z.array(attachment).optional(),
  education: z.array(education).optional(),
  experience: z.array(experience).optional(),
  skills: z.array(skill).optional(),
});

/** The document of `oracleORC.pushProfile`. */
export type OracleDocument = z.infer<typeof oracleDocumentSchema>;

/**
 * A candidate as Oracle answers it, after the create (201) and in lists. `CandidateNumber` comes as a text or as a
 * number and is read as text. Timestamps are ISO texts, with or without fractions of a second.
 */
export const oracleCandidateSchema = z.looseObject({
  CandidateNumber: externalId.nullish(),
  PersonId: lenient(externalId),
  FirstName: personalText,
  LastName: personalText,
  Email: personalText,
  CreationDate: text,
  CandLastModifiedDate: text,
});

/** One candidate of Oracle's. */
export type OracleCandidate = z.infer<typeof oracleCandidateSchema>;

/**
 * One page of `GET recruitingCandidates`. `items` and `hasMore` must be there: a lookup that took another body for an
 * empty or last page would take the candidate for absent.
 */
export const oracleCandidatePageSchema = z.looseObject({
  items: z.array(oracleCandidateSchema),
  hasMore: z.boolean(),
  count: lenient(z.number()),
  limit: lenient(z.number()),
  offset: lenient(z.number()),
  totalResults: lenient(z.number()),
});

/** An error body of `REST-Framework-Version` 4 and later; `status` comes as a text or as a number. */
export const oracleErrorSchema = z.looseObject({
  title: lenient(z.string()),
  status: lenient(z.coerce.number().int()),
  'o:errorDetails': lenient(
    z.array(
      z
        .looseObject({
          detail: lenient(z.string()),
          'o:errorCode': lenient(externalId),
          'o:errorPath': lenient(z.string()),
        })
        .catch({}),
    ),
  ),
});
