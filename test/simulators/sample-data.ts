import { createHash } from 'node:crypto';
import { HRFLOW_ACCOUNT } from './hrflow/simulator';
import { samplePdf } from './sample-pdf';

const CREATED = '2024-03-05T09:30:00+0000';

/** The person in an invented profile. */
export interface Person {
  first_name: string;
  last_name: string;
  email: string;
  phone: string;
  gender: 'male' | 'female' | null;
  city: string;
  postcode: string;
}

/** An invented profile in the shape of `data` of GET profile/indexing (facts 1.6). */
export type SampleProfile = ReturnType<typeof profileOf>;

/** File names of the CVs that {@link sampleProfiles} refers to, in its order. */
export const SAMPLE_CV_NAMES = ['cv-zoe.pdf', 'cv-bruno.pdf', 'cv-elodie.pdf', 'cv-nadia.pdf', 'cv-ines.pdf'] as const;

const PEOPLE: Person[] = [
  person('Zoé', 'Exemple', 'zoe.exemple@example.test', 'female', 'Lyon'),
  person('Bruno', 'Modèle', 'bruno.modele@example.test', 'male', 'Nantes'),
  person('Élodie "Zoé"', "O'Neil Łódź", 'elodie.oneil@example.test', 'female', 'Saint-Étienne'),
  person('Nadia', 'Fictive', 'nadia.fictive@example.test', 'female', 'Lille'),
  person('Inès', 'Inventée', 'ines.inventee@example.test', null, 'Brest'),
];

/**
 * Five invented profiles; the third has accents, quotes of both kinds and letters outside Latin-1 in the name.
 *
 * @param fileUrl - address of the CV of a name of {@link SAMPLE_CV_NAMES}
 */
export function sampleProfiles({ fileUrl }: { fileUrl: (name: string) => string }): SampleProfile[] {
  return PEOPLE.map((someone, index) => {
    const name = SAMPLE_CV_NAMES[index] ?? '';
    return profileOf(`sample ${index}`, someone, { url: fileUrl(name), size: samplePdf(`CV ${name}`).length });
  });
}

/** Returns a profile with a key, e-mail address and last name unique to its number. It states the given CV size. */
export function makeProfile(
  number: number,
  { cvUrl, cvSize = null }: { cvUrl: string; cvSize?: number | null },
): SampleProfile {
  const someone = person('Camille', `Numéro${number}`, `camille.${number}@example.test`, 'female', 'Rennes');
  return profileOf(`made ${number}`, someone, { url: cvUrl, size: cvSize });
}

function person(first_name: string, last_name: string, email: string, gender: Person['gender'], city: string): Person {
  return { first_name, last_name, email, phone: '+33 1 99 00 12 34', gender, city, postcode: '69001' };
}

interface Cv {
  readonly url: string;
  readonly size: number | null;
}

function profileOf(seed: string, someone: Person, cv: Cv) {
  const { first_name, last_name, email, phone, gender, city, postcode } = someone;
  const full_name = `${first_name} ${last_name}`;
  const text = `12 rue du Test, ${postcode} ${city}`;
  const location = { text, lat: 45.76, lng: 4.83, fields: { postcode, city, country: 'FRA' } };
  const names = { full_name, first_name, last_name };
  return {
    key: keyOf(`profile ${seed}`),
    reference: `invented ${seed}`,
    archived_at: null,
    source: {
      key: HRFLOW_ACCOUNT.source_key,
      name: 'Invented source',
      type: 'api',
      subtype: 'rest',
      environment: 'test',
    },
    created_at: CREATED,
    updated_at: CREATED,
    info: { ...names, email, phone, date_birth: '1990-04-12T00:00:00', gender, location, urls: [], summary: '' },
    text_language: 'fr',
    text: full_name,
    experiences_duration: 6.5,
    educations_duration: 5,
    experiences: [
      experience('Ateliers Imaginaires', 'Développeuse', text),
      experience('Bureau Inventé', 'Analyste', text),
    ],
    educations: [education('Université Fictive', 'Master informatique', text)],
    attachments: [attachment(cv, `cv ${full_name}`)],
    skills: [
      { name: 'TypeScript', type: 'hard', value: '4' },
      { name: 'écoute', type: 'soft', value: null },
    ],
    languages: [{ name: 'français', value: 'C2' }],
    tags: [
      { name: 'talentsoft_contract_type', value: 'CDI' },
      { name: 'talentsoft_education_level', value: 'BAC+5' },
    ],
    certifications: [],
    courses: [],
    tasks: [],
    interests: [],
    metadatas: [],
    labels: [],
  };
}

function experience(company: string, title: string, text: string) {
  const period = { date_start: '2018-01-01T00:00:00', date_end: '2021-06-30T00:00:00' };
  return { ...entry(`${company} ${title}`, title, text), company, ...period };
}

function education(school: string, title: string, text: string) {
  const period = { date_start: '2008-09-01T00:00:00', date_end: '2013-06-30T00:00:00' };
  return { ...entry(`${school} ${title}`, title, text), school, ...period };
}

function entry(seed: string, title: string, text: string) {
  return {
    key: keyOf(seed),
    title,
    description: `${title}, entièrement inventé.`,
    location: { text, lat: 45.76, lng: 4.83, fields: {} },
    skills: [],
    certifications: [],
    courses: [],
    tasks: [],
    languages: [],
    interests: [],
  };
}

function attachment({ url: public_url, size }: Cv, name: string) {
  return {
    type: 'resume',
    alt: keyOf(public_url),
    file_name: 'resume',
    original_file_name: `${name}.pdf`,
    file_size: size,
    extension: '.pdf',
    public_url,
    created_at: CREATED,
    updated_at: CREATED,
  };
}

function keyOf(seed: string): string {
  return createHash('sha1').update(seed).digest('hex');
}
