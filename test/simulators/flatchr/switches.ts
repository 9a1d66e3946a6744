import type { Spelling } from '../spelling';

/** Behavior of Flatchr that the facts leave open (facts 2). */
export interface FlatchrSwitches {
  /** Whether `Authorization: <key>` without the word Bearer is taken. Default false. */
  acceptRawKey: boolean;
  /** Whether `?token=<key>` is taken. Default true, as documented. */
  acceptQueryToken: boolean;
  /** Whether a create has to carry the key in its body, too; a wrong one is always refused. Default `tolerated`. */
  tokenInBody: 'required' | 'tolerated';
  /** Whether a create needs a resume, which is documented and not proven. Default `checkedWhenPresent`. */
  resume: 'required' | 'checkedWhenPresent' | 'unchecked';
  /** Whether names need a Latin letter. Default false. */
  namePattern: boolean;
  /** Status of a successful create. Default 201. */
  createStatus: 200 | 201;
  /** Whether a second application of an e-mail address at a company joins the person there. Default `mergeByEmail`. */
  candidates: 'mergeByEmail' | 'alwaysNew';
  /** What a second application of an e-mail address to the same vacancy gets. Default `accept`. */
  duplicate: 'accept' | '409' | '400';
  /** What an enrichment for an unknown e-mail address gets. Default `404`. */
  enrichUnknown: '404' | '400' | 'accept';
  /** How the filter `email` of the search compares. Default `ignoreCase`. */
  emailFilter: 'ignoreCase' | 'exact' | 'contains';
  /** Whether rows of the search hold the number of the vacancy, which older documentation does not list. Default true. */
  vacancyIdInSearch: boolean;
  /** Whether rows of the search hold the e-mail address. Default true. */
  emailInSearch: boolean;
  /** How names and e-mail addresses change when they are stored. Default nothing. */
  storedSpelling: readonly Spelling[];
}

/** The defaults of {@link FlatchrSwitches}. */
export const FLATCHR_DEFAULTS: FlatchrSwitches = {
  acceptRawKey: false,
  acceptQueryToken: true,
  tokenInBody: 'tolerated',
  resume: 'checkedWhenPresent',
  namePattern: false,
  createStatus: 201,
  candidates: 'mergeByEmail',
  duplicate: 'accept',
  enrichUnknown: '404',
  emailFilter: 'ignoreCase',
  vacancyIdInSearch: true,
  emailInSearch: true,
  storedSpelling: [],
};
