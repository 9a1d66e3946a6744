import type { Spelling } from '../spelling';

/** Behavior of TalentSoft that the facts leave open (facts 3). */
export interface TalentSoftSwitches {
  /** Life of a token in seconds, default 1199. */
  tokenSeconds: number;
  /** What the front office does with a scope in a token request. Default `tolerated`. */
  frontScope: 'tolerated' | 'refused';
  /** Whether a second application of an e-mail address joins the candidate that is there. Default `mergeByEmail`. */
  candidates: 'mergeByEmail' | 'alwaysNew';
  /** What a second application of an e-mail address to the same offer, or to none, gets. Default `accept`. */
  duplicate: 'accept' | '400';
  /** Offers that exist; null (default) takes any reference. */
  offers: string[] | null;
  /** Members of `personalInformation` that the form of the client demands. Default none. */
  requiredFields: string[];
  /** What happens to a file part that no `uploadedFiles[].key` names. Default `refused`. */
  undeclaredFile: 'refused' | 'tolerated';
  /** Whether the 201 holds the applicant as a member (default) or its members beside `application`. */
  answer: 'nested' | 'flat';
  /** Form of the front office's error bodies. Default `json`. */
  errorBody: 'json' | 'html';
  /** How the filter `email::` compares. Default `ignoreCase`. */
  emailFilter: 'ignoreCase' | 'exact';
  /** Most candidates that one page of an export may hold. Default 100. */
  exportLimit: number;
  /** Whether candidates of an export come with their applications. Default true. */
  applicationsInExport: boolean;
  /** Whether applications of an export say to which offer they are. Default true. */
  vacancyReferenceInExport: boolean;
  /** Whether candidates of an export come with their e-mail address. Default true. */
  emailInExport: boolean;
  /** How names and e-mail addresses change when they are stored. Default nothing. */
  storedSpelling: readonly Spelling[];
}

/** The defaults of {@link TalentSoftSwitches}. */
export const TALENTSOFT_DEFAULTS: TalentSoftSwitches = {
  tokenSeconds: 1199,
  frontScope: 'tolerated',
  candidates: 'mergeByEmail',
  duplicate: 'accept',
  offers: null,
  requiredFields: [],
  undeclaredFile: 'refused',
  answer: 'nested',
  errorBody: 'json',
  emailFilter: 'ignoreCase',
  exportLimit: 100,
  applicationsInExport: true,
  vacancyReferenceInExport: true,
  emailInExport: true,
  storedSpelling: [],
};
