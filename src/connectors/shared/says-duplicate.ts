const ENGLISH_STATES = 'exist|in use|used|taken|registered|applied|submitted|created|present|known|recorded';
const FRENCH_STATES = 'exist|utilis|pris|inscri|enregistr|candidat|postul|soumis|cree|present|connu';

/** In both orders: "already applied" and "applied already", "déjà utilisé" and "existe déjà". */
const WORDS = new RegExp(
  [
    'duplicat|doublon',
    `\\balready (?:been |is |was )?(?:${ENGLISH_STATES})`,
    `\\b(?:${ENGLISH_STATES})\\w* already\\b`,
    `\\bdeja (?:ete )?(?:${FRENCH_STATES})`,
    `\\b(?:${FRENCH_STATES})\\w* deja\\b`,
  ].join('|'),
);

/**
 * Whether an error body says, in English or French, that the system has this applicant already. Some systems answer a 400 for it,
 * and none documents its words. A body that is taken for one by mistake costs a lookup.
 *
 * @param body of any kind, as JSON or as text
 */
export function saysDuplicate(body: unknown): boolean {
  const written = JSON.stringify(body ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '');
  return WORDS.test(written.replace(/(?:\\[nrt]|\s)+/g, ' ').toLowerCase());
}
