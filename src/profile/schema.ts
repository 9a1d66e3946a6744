import { z } from 'zod';
import { personal } from '../security/sensitivity';
import { lenient } from './fields';

const text = lenient(z.string());
const number = lenient(z.number());

// What tells something about the person. Marked leaf by leaf, so that a redacted profile still shows its structure.
const ownText = personal(text);
const ownNumber = personal(number);
const ownScalar = personal(lenient(z.union([z.string(), z.number(), z.boolean()])));

/** HrFlow writes an empty object as an empty list in places. */
const emptyList = z.tuple([]);

const locationFields = z.looseObject({
  category: ownText,
  city: ownText,
  city_district: ownText,
  country: ownText,
  country_region: ownText,
  entrance: ownText,
  house: ownText,
  house_number: ownText,
  island: ownText,
  level: ownText,
  near: ownText,
  po_box: ownText,
  postcode: ownText,
  road: ownText,
  staircase: ownText,
  state: ownText,
  state_district: ownText,
  suburb: ownText,
  text: ownText,
  unit: ownText,
  world_region: ownText,
});

const location = lenient(
  z.union([
    z.looseObject({
      text: ownText,
      lat: ownNumber,
      lng: ownNumber,
      fields: lenient(z.union([locationFields, emptyList])),
    }),
    emptyList,
  ]),
);

const urls = lenient(
  z.union([
    z.array(z.looseObject({ type: text, url: ownText }).catch({})),
    z.looseObject({
      from_resume: lenient(z.array(personal(z.string()))),
      linkedin: ownText,
      twitter: ownText,
      facebook: ownText,
      github: ownText,
    }),
  ]),
);

const info = lenient(
  z.union([
    z.looseObject({
      full_name: ownText,
      first_name: ownText,
      last_name: ownText,
      email: ownText,
      phone: ownText,
      date_birth: ownText,
      gender: ownText,
      location,
      urls,
      picture: ownText,
      summary: ownText,
      driving_license: ownText,
    }),
    emptyList,
  ]),
);

const named = lenient(z.array(z.looseObject({ name: ownText, value: ownScalar }).catch({})));
const skills = lenient(z.array(z.looseObject({ name: ownText, type: ownText, value: ownScalar }).catch({})));

const period = {
  key: text,
  logo: ownText,
  title: ownText,
  description: ownText,
  location,
  date_start: ownText,
  date_end: ownText,
  skills,
  certifications: named,
  courses: named,
  tasks: named,
  languages: named,
  interests: named,
};

const attachment = z.looseObject({
  type: text,
  alt: ownText,
  file_name: ownText,
  original_file_name: ownText,
  file_size: lenient(z.union([z.number(), z.string()])),
  extension: text,
  public_url: ownText,
  created_at: text,
  updated_at: text,
});

const label = z.looseObject({
  board_key: text,
  job_key: text,
  job_reference: text,
  stage: text,
  date_stage: text,
  rating: ownNumber,
  date_rating: text,
});

const permissions = lenient(z.record(z.string(), lenient(z.boolean())));

/**
 * An HrFlow profile, as `data` of `GET profile/indexing` holds it.
 *
 * It accepts every JSON object, because profiles of all years are pushed: unknown members are kept, every member may
 * be absent or null, a value of another type than HrFlow documents is read as null, and a list entry that is no object
 * as an entry that says nothing. Dates are texts, durations are years. Source: HrFlow's profile object and the schemas
 * of its Python client 4.3.0.
 */
export const profileSchema = z.looseObject({
  id: lenient(z.union([z.number(), z.string()])),
  key: text,
  reference: ownText,
  source_key: text,
  source: lenient(z.looseObject({ key: text, name: text, type: text, subtype: text, environment: text })),
  archived_at: text,
  created_at: text,
  updated_at: text,
  consent_algorithmic: lenient(z.looseObject({ owner: permissions, controller: permissions })),
  info,
  text_language: text,
  text: ownText,
  experiences_duration: ownNumber,
  educations_duration: ownNumber,
  experiences: lenient(z.array(z.looseObject({ ...period, company: ownText }).catch({}))),
  educations: lenient(z.array(z.looseObject({ ...period, school: ownText }).catch({}))),
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
