import { z } from 'zod';

const itemSchema = z.strictObject({
  code: z.number().int(),
  clientCode: z.string(),
  label: z.string(),
});

const tableSchema = z.record(z.string(), itemSchema);

type Table = z.infer<typeof tableSchema>;

const civility: Table = {
  male: { code: 280, clientCode: '_TS_CO_Civility_Mr', label: 'Mr.' },
  female: { code: 281, clientCode: '_TS_CO_Civility_Mme', label: 'Ms.' },
};

const contractType: Table = {
  Alternance: { code: 1047, clientCode: '_TS_CO_Contract_Alternance', label: 'Apprenticeship' },
  CDD: { code: 1045, clientCode: '_TS_CO_Contract_CDD', label: 'Fixed Term contract' },
  CDI: { code: 1044, clientCode: '_TS_CO_Contract_CDI', label: 'Permanent' },
  CIFRE: { code: 1049, clientCode: '_TS_CO_Contract_CIFRE', label: 'CIFRE' },
  Stage: { code: 1046, clientCode: '_TS_CO_Contract_Stage', label: 'Internship / Student' },
  VIE: { code: 1048, clientCode: '_TS_CO_Contract_VIE', label: 'VIE' },
};

const educationLevel: Table = {
  'Aucun diplôme': { code: 261, clientCode: '_TS_etude_min_Aucun_diplome', label: 'No Degree' },
  BAC: { code: 262, clientCode: '_TS_etude_min_BAC', label: 'Bac' },
  'BAC+2': { code: 2859, clientCode: '_TS_etude_min_BAC2', label: 'A Levels, Diploma' },
  'BAC+3': { code: 4028, clientCode: '_TS_etude_min_Licence', label: 'Licence' },
  'BAC+4': { code: 2860, clientCode: '_TS_etude_min_BAC4', label: "Bachelor's Degree" },
  'BAC+5': { code: 266, clientCode: '_TS_etude_min_BAC5', label: 'Master Degree' },
  'CAP, BEP': { code: 2858, clientCode: '_TS_etude_min_CAP_BEP', label: 'GCSEs' },
  DOCTORAT: { code: 2861, clientCode: '_TS_etude_min_DOCTORAT', label: 'PhD, Doctorate' },
  Mastère: { code: 4030, clientCode: '_TS_etude_min_Mastere', label: 'Mastère' },
};

// The student level (`Etudiant-e`) has no code in the Python reference, so it stands in no table and is left out.
const experienceLevel: Table = {
  'Débutant-e/première expérience': {
    code: 274,
    clientCode: '_TS_niveau_exp_premiere_exp',
    label: 'First experience',
  },
  // The blank at the end of this client code is the Python reference's.
  'Supérieure à 3 ans': { code: 1785, clientCode: '_TS_niveau_exp_superieur_3ans ', label: 'More than 3 years' },
  'Supérieure à 5 ans': { code: 1783, clientCode: '_TS_niveau_exp_superieur_5ans', label: 'More than 5 years' },
  'Supérieure à 8 ans': { code: 275, clientCode: '_TS_niveau_exp_superieur_8ans', label: 'More than 8 years' },
};

/**
 * The codes of one TalentSoft tenant, as data that a user can replace. Each table leads from what a profile says (the
 * gender, or the exact value of a tag) to the tenant's item; a table that is left out keeps its default, a table that
 * is given stands in place of the whole default. `cvFileTypeId` is the tenant's file type for a CV (default 36).
 *
 * The defaults are those of the tenant that the Python reference was written for (hrflow-connectors, TalentSoft).
 */
export const talentSoftReferentialsSchema = z.strictObject({
  civility: tableSchema.default(civility),
  contractType: tableSchema.default(contractType),
  educationLevel: tableSchema.default(educationLevel),
  experienceLevel: tableSchema.default(experienceLevel),
  cvFileTypeId: z.number().int().default(36),
});

/** The referential tables of one tenant, complete. */
export type TalentSoftReferentials = z.infer<typeof talentSoftReferentialsSchema>;

/** The referentials that stand where a user gives none. */
export const defaultReferentials: TalentSoftReferentials = talentSoftReferentialsSchema.parse({});
