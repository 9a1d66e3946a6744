import { z } from 'zod';
import { personal } from '../../security/sensitivity';
import { base64FileSchema } from '../shared/file-reference';
import { externalId, lenient, notBlank, personalNumber, personalText } from '../../profile/fields';

const ownNotBlank = personal(notBlank);

const resumeFile = z.looseObject({ fileName: ownNotBlank, contentType: notBlank, data: base64FileSchema });

/**
 * What `flatchr.pushProfile` sends: the body of `POST /vacancy/candidate/json`, without the API key. A custom format
 * may add members that Flatchr knows and may send the résumé as a link.
 */
export const flatchrDocumentSchema = z.looseObject({
  vacancy: notBlank,
  firstname: ownNotBlank,
  lastname: ownNotBlank,
  type: z.enum(['document', 'link', 'json']),
  email: personalText,
  phone: personalText,
  resume: z.union([ownNotBlank, resumeFile]).optional(),
});

/** The document of `flatchr.pushProfile`. */
export type FlatchrDocument = z.infer<typeof flatchrDocumentSchema>;

const place = { formattedAddress: personalText };

const education = z.looseObject({
  institution: z.looseObject({
    communication: z.looseObject({ address: z.array(z.looseObject(place)) }),
    name: personalText,
  }),
  educationLevelCodes: z.array(z.looseObject({ name: personalText })),
  educationDegrees: z.array(
    z.looseObject({ name: personalText, date: personalText, specializations: z.array(personal(z.unknown())) }),
  ),
  end: personalText,
  descriptions: z.array(personalText),
});

const employerPlace = z.looseObject({
  ...place,
  geoLocation: z.looseObject({ latitude: personalNumber, longitude: personalNumber }).nullish(),
});

const employment = z.looseObject({
  title: personalText,
  positionHistories: z.array(
    z.looseObject({
      organization: z.looseObject({
        communication: z.looseObject({ address: z.array(employerPlace) }),
        name: personalText,
      }),
      jobCategories: z.array(personal(z.unknown())),
      jobLevels: z.array(personal(z.unknown())),
      start: personalText,
    }),
  ),
  start: personalText,
  descriptions: z.array(personalText),
});

const sheet = z.looseObject({
  name: z.looseObject({ formattedName: personalText, given: personalText, family: personalText }).nullish(),
  phone: z.array(z.looseObject({ dialNumber: personalText })).nullish(),
  email: z.array(z.looseObject({ address: personalText })).nullish(),
  address: z
    .looseObject({
      administrative_area_level_1: personalText,
      location_lat: personalNumber,
      location_lng: personalNumber,
    })
    .nullish(),
  experience: personalNumber,
  position: z.array(personalText).nullish(),
  employment_positions: z.array(personalText).nullish(),
  education: z.array(education).nullish(),
  employment: z.array(employment).nullish(),
});

/**
 * What `flatchr.enrichProfile` sends: the body of `POST /company/{company}/search/candidate`. `reference` is the e-mail
 * by which Flatchr finds the candidate; Flatchr takes any content in `value`, and the names here are those of the
 * default format.
 */
export const flatchrEnrichmentDocumentSchema = z.looseObject({
  app_name: z.string().nullish(),
  reference: ownNotBlank,
  name: z.string().nullish(),
  type: z.string().nullish(),
  // The first branch types and marks what is known; the second lets a custom format write what it likes.
  value: z.union([sheet, z.looseObject({})]),
});

/** The document of `flatchr.enrichProfile`. */
export type FlatchrEnrichmentDocument = z.infer<typeof flatchrEnrichmentDocumentSchema>;

/**
 * Rows of `GET /company/{company}/vacancies`: `vacancy_id` is the number, `id` the encoded one, `slug` what a push
 * names.
 */
export const flatchrVacanciesSchema = z.array(
  z.looseObject({
    id: externalId.nullish(),
    vacancy_id: externalId.nullish(),
    slug: z.string().nullish(),
    reference: lenient(externalId),
    title: lenient(z.string()),
  }),
);

/**
 * Rows of `POST /company/{company}/search/applicants`. What tells whether a candidate is there (e-mail and vacancy) is
 * checked strictly: a lookup that overlooked an unreadable row would take the candidate for absent. `created_at` is
 * written `DD/MM/YY`; `status` is 0 for archived applicants and 1 for active ones.
 */
export const flatchrApplicantsSchema = z.array(
  z.looseObject({
    applicant: lenient(externalId),
    vacancy: lenient(z.string()),
    vacancy_id: externalId.nullish(),
    external_id: lenient(externalId),
    status: lenient(z.coerce.number()),
    firstname: personal(lenient(z.string())),
    lastname: personal(lenient(z.string())),
    email: personalText,
    phone: personal(lenient(z.string())),
    created_at: lenient(z.string()),
  }),
);

/** One applicant that a Flatchr search gives. */
export type FlatchrApplicant = z.infer<typeof flatchrApplicantsSchema>[number];
