import { z } from 'zod';
import { personal } from '../security/sensitivity';
import { lenient } from './fields';

const text = lenient(z.string());
const number = lenient(z.number());

// Personal data, marked leaf by leaf so that a redacted profile still shows its structure.
const personalText = personal(text);
const personalNumber = personal(number);
const personalScalar = personal(lenient(z.union([z.string(), z.number(), z.boolean()])));

/** HrFlow writes an empty object as an empty list in places. */
const emptyList = z.tuple([]);

const locationFields = z.looseObject({
  category: personalText,
  city: personalText,
  city_district: personalText,
  country: personalText,
  country_region: personalText,
  entrance: personalText,
  house: personalText,
  house_number: personalText,
  island: personalText,
  level: personalText,
  near: personalText,
  po_box: personalText,
  postcode: personalText,
  road: personalText,
  staircase: personalText,
  state: personalText,
  state_district: personalText,
  suburb: personalText,
  text: personalText,
  unit: personalText,
  world_region: personalText,
});

const location = lenient(
  z.union([
    z.looseObject({
      text: personalText,
      lat: personalNumber,
      lng: personalNumber,
      fields: lenient(z.union([locationFields, emptyList])),
    }),
    emptyList,
  ]),
);

const urls = lenient(
  z.union([
    z.array(z.looseObject({ type: text, url: personalText }).catch({})),
    z.looseObject({
      from_resume: lenient(z.array(personal(z.string()))),
      linkedin: personalText,
      twitter: personalText,
      facebook: personalText,
      github: personalText,
    }),
  ]),
);

const info = lenient(
  z.union([
    z.looseObject({
      full_name: personalText,
      first_name: personalText,
      last_name: personalText,
      email: personalText,
      phone: personalText,
      date_birth: personalText,
      gender: personalText,
      location,
      urls,
      picture: personalText,
      summary: personalText,
      driving_license: personalText,
    }),
    emptyList,
  ]),
);

const named = lenient(z.array(z.looseObject({ name: personalText, value: personalScalar }).catch({})));
const skills = lenient(
  z.array(z.looseObject({ name: personalText, type: personalText, value: personalScalar }).catch({})),
);

const period = {
  key: text,
  logo: personalText,
  title: personalText,
  description: personalText,
  location,
  date_start: personalText,
  date_end: personalText,
  skills,
  certifications: named,
  courses: named,
  tasks: named,
  languages: named,
  interests: named,
};

const attachment = z.looseObject({
  type: text,
  alt: personalText,
  file_name: personalText,
  original_file_name: personalText,
  file_size: lenient(z.union([z.number(), z.string()])),
  extension: text,
  public_url: personalText,
  created_at: text,
  updated_at: text,
});

const label = z.looseObject({
  board_key: text,
  job_key: text,
  job_reference: text,
  stage: text,
  date_stage: text,
  rating: personalNumber,
  date_rating: text,
});

const permissions = lenient(z.record(z.string(), lenient(z.boolean())));

/**
 * An HrFlow profile, as `data` of `GET profile/indexing` holds it.
 *
 * It accepts every JSON object, because profiles of all years are pushed: unknown members are kept, every member may
 * be absent or null, a value of another type than HrFlow documents is read as null, and a list entry that is no object
 * as an empty entry. Dates are texts, durations are years. Source: HrFlow's profile object and the schemas
 * of its Python client 4.3.0.
 */
export const profileSchema = z.looseObject({
  id: lenient(z.union([z.number(), z.string()])),
  key: text,
  reference: personalText,
  source_key: text,
  source: lenient(z.looseObject({ key: text, name: text, type: text, subtype: text, environment: text })),
  archived_at: text,
  created_at: text,
  updated_at: text,
  consent_algorithmic: lenient(z.looseObject({ owner: permissions, controller: permissions })),
  info,
  text_language: text,
  text: personalText,
  experiences_duration: personalNumber,
  educations_duration: personalNumber,
  experiences: lenient(z.array(z.looseObject({ ...period, company: personalText }).catch({}))),
  educations: lenient(z.array(z.looseObject({ ...period, school: personalText }).catch({}))),
  attachments: lenient(z.array(attachment.catch({}))),
  skills,
  languages: named,
  certifications: named,
  courses: named,
  tasks: named,
  interests: named,
  tags: named,
  metadatas: named,
  labels: lenient(z.array(label.catch({}))),
});

/** An HrFlow profile. See {@link profileSchema} for what is accepted. */
export type Profile = z.infer<typeof profileSchema>;
