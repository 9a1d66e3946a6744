import { z } from 'zod';
import { personal } from '../../security/sensitivity';
import { binaryFileSchema } from '../shared/file-reference';
import { externalId, lenient, notBlank, personalNumber, personalText } from '../../profile/fields';

const referentialItem = z
  .looseObject({
    code: personalNumber,
    clientCode: personalText,
    label: personalText,
    type: z.string().nullish(),
    parentType: z.string().nullish(),
  })
  .nullish();

const personalInformation = z.looseObject({
  firstName: personalText,
  lastName: personalText,
  email: personalText,
  phoneNumber: personalText,
  birthDate: personalText,
  address: personalText,
  city: personalText,
  postalCode: personalText,
  civility: referentialItem,
});

const diploma = z.looseObject({ educationLevel: referentialItem, yearObtained: personalNumber, college: personalText });
const experience = z.looseObject({ company: personalText, function: personalText, length: personalNumber });

const applicant = z.looseObject({
  personalInformation,
  jobPreferences: z.looseObject({ contractType: referentialItem, salaryPretensions: personalText }).nullish(),
  education: z.looseObject({ diplomas: z.array(diploma).nullish() }).nullish(),
  experiences: z
    .looseObject({ experienceLevel: referentialItem, experienceList: z.array(experience).nullish() })
    .nullish(),
});

const headerName = z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/, 'must be the name of an HTTP header');
const headerValue = z.string().regex(/^\P{Cc}*$/u, 'must not hold control characters');

const uploadedFile = z.looseObject({ description: personalText, fileTypeId: z.number(), key: notBlank });

const file = z.looseObject({
  part: notBlank,
  fileName: personal(notBlank),
  contentType: notBlank,
  content: binaryFileSchema,
});

/**
 * What `talentSoft.pushProfile` sends: the JSON text part, the extra request headers and the file part of
 * `POST /api/v2/applicants/applicationswithoutaccount`. A custom format may add members that TalentSoft knows. The file
 * part and `uploadedFiles` go together: the part's name is the key of one entry, and no entry is without a part.
 */
export const talentSoftDocumentSchema = z
  .looseObject({
    applicantApplication: z.looseObject({
      applicant,
      application: z.looseObject({ type: notBlank, offerReference: z.string().nullish() }),
      uploadedFiles: z.array(uploadedFile),
    }),
    headers: z.record(headerName, headerValue),
    file: file.optional(),
  })
  .superRefine((document, context) => {
    for (const [index, { key }] of document.applicantApplication.uploadedFiles.entries()) {
      if (key === document.file?.part) continue;
      context.addIssue({
        code: 'custom',
        path: ['applicantApplication', 'uploadedFiles', index, 'key'],
        message: 'must be the name of the file part',
      });
    }
    if (document.file && document.applicantApplication.uploadedFiles.length === 0) {
      context.addIssue({ code: 'custom', path: ['file', 'part'], message: 'must be the key of an uploaded file' });
    }
  });

/** The document of `talentSoft.pushProfile`. */
export type TalentSoftDocument = z.infer<typeof talentSoftDocumentSchema>;

/** A number beyond it (a year, in seconds) is none that can be meant. */
const MAX_EXPIRY_SECONDS = 31_536_000;

/** Answer of `POST /api/token`. `expires_in` is in seconds (about 20 minutes in Cegid's pages). */
export const talentSoftTokenAnswerSchema = z.looseObject({
  access_token: notBlank,
  token_type: lenient(z.string()),
  expires_in: lenient(z.coerce.number().positive().max(MAX_EXPIRY_SECONDS)),
});

const withId = lenient(z.looseObject({ id: lenient(externalId) }));

/**
 * The 201 answer of the create: the applicant with the application in it. Cegid documents the members, not their exact
 * nesting, so every place where an identifier may stand is optional.
 */
const talentSoftCreatedSchema = z.looseObject({
  id: lenient(externalId),
  applicantId: lenient(externalId),
  applicant: withId,
  application: withId,
});

/**
 * The identifier that the create answered with: the application's, else the applicant's, else null. Anything may be
 * given, since a 201 counts whatever its body is.
 */
export function talentSoftCreatedId(answer: unknown): string | null {
  const { data } = talentSoftCreatedSchema.safeParse(answer);
  return data?.application?.id ?? data?.applicant?.id ?? data?.applicantId ?? data?.id ?? null;
}

/**
 * The entry `applicantdetail` of one candidate's zip in `GET /api/exports/v1/candidates`. The e-mail, the dates and the
 * applications are checked strictly: a lookup that overlooked an unreadable one would take the candidate for absent.
 */
export const talentSoftCandidateSchema = z.looseObject({
  candidateDetail: z.looseObject({
    id: externalId.nullish(),
    chronoNumber: externalId.nullish(),
    email: personalText,
    firstName: personalText,
    lastName: personalText,
    creationDate: z.string().nullish(),
  }),
  applications: z.array(z.looseObject({ id: externalId.nullish(), vacancyReference: z.string().nullish() })).nullish(),
  attachments: lenient(
    z.array(
      z.looseObject({
        id: lenient(externalId),
        isResume: lenient(z.boolean()),
        mimeType: lenient(z.string()),
        filename: personal(lenient(z.string())),
      }),
    ),
  ),
});

/** One candidate of a TalentSoft export. */
export type TalentSoftCandidate = z.infer<typeof talentSoftCandidateSchema>;
