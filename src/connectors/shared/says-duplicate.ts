/** How a language says that something is there already. Without accents, in lower case; regular expressions. */
interface Language {
  readonly already: string;
  /** How words for being there, being used or having applied begin. */
  readonly states: string;
  readonly not: string;
}

const LANGUAGES: readonly Language[] = [
  {
    already: 'already',
    states: 'exist|in use|used|taken|registered|applied|submitted|created|present|known|recorded',
    not: 'not|no',
  },
  {
    already: 'deja',
    states: 'exist|utilis|pris|inscri|enregistr|candidat|postul|soumis|cree|present|connu',
    not: 'pas|plus',
  },
  {
    already: 'bereits|schon',
    states:
      'existier|vorhanden|registrier|vergeben|verwende|in verwendung|in gebrauch|benutzt|genutzt|belegt|angelegt|beworben|eingereicht|erfasst|bekannt',
    not: 'nicht|kein\\w*',
  },
  {
    already: 'ya',
    states:
      'exist|registrad|en uso|utilizad|usad|inscrit|postul|aplicad|solicitad|enviad|presentad|cread|dad[oa] de alta|candidat',
    not: 'no',
  },
  {
    already: 'al|reeds',
    states:
      'bestaa|in gebruik|gebruikt|geregistreerd|aanwezig|bekend|gesolliciteerd|aangemeld|ingediend|ingeschreven|toegevoegd',
    not: 'niet|geen',
  },
  {
    already: 'gia',
    states: 'esist|present|registrat|in uso|utilizzat|usat|iscritt|candidat|inviat|inserit|creat',
    not: 'non',
  },
  {
    already: 'ja',
    states: 'exist|cadastrad|registr?ad|em uso|utilizad|usad|inscrit|candidat|enviad|submetid|associad|criad',
    not: 'nao',
  },
];

const DUPLICATE =
  'duplica[dt]|duplicaat|duplikat|dublette|doublon|doppione|\\bdubbele? (?:sollicit|kandida|invoer|aanmeld)';

/** In both orders: "already applied" and "applied already", with a few words between, and no "not" beside it ("ya no existe"). */
function phrases({ already, states, not }: Language): string[] {
  const between = `(?: (?!(?:${not})\\b)[^\\s.,;:!?"]+)`;
  return [
    `\\b(?:${already})${between}{0,4} (?:${states})`,
    `(?<!\\b(?:${not}) )\\b(?:${states})\\w*${between}{0,2} (?:${already})\\b(?! (?:${not})\\b)`,
  ];
}

const WORDS = new RegExp([DUPLICATE, ...LANGUAGES.flatMap(phrases)].join('|'));

/**
 * Whether an error body says in English, French, German, Spanish, Dutch, Italian or Portuguese that the system has this applicant
 * already. Some systems answer a 400 for it, and none documents its words. A body that is taken for one by mistake costs a lookup.
 *
 * @param body of any kind, as JSON or as text
 */
export function isDuplicate(body: unknown): boolean {
  const written = JSON.stringify(body ?? '')
    .normalize('NFD')
    .replace(/\p{M}/gu, '');
  return WORDS.test(written.replace(/(?:\\[nrt]|\s)+/g, ' ').toLowerCase());
}
