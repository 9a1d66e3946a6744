import type { Spelling } from '../spelling';

/** Where the facts on Oracle leave room (facts 4). */
export interface OracleSwitches {
  /** Whether attributes that the server sets are refused in a POST; default true. */
  refuseReadOnly: boolean;
  /** Whether a candidate needs a last name; default true. */
  lastNameRequired: boolean;
  /** Whether a candidate needs an e-mail address; default false. */
  emailRequired: boolean;
  /** What happens to an e-mail address that is known already; default `create`. */
  duplicateEmail: 'create' | 'reject';
  /** How `Achievements` and `AdditionalInformation` of an experience come; default `plain`. */
  longTexts: 'plain' | 'base64';
  /** Type of `status` in JSON errors; default `string`. */
  statusType: 'string' | 'number';
  /** Body of a 401; default `html`. */
  unauthorizedBody: 'html' | 'empty';
  /** From this offset on a collection says that there is no more; default 10000. */
  deepestOffset: number;
  /** What becomes of names and e-mail addresses when they are stored; default nothing. */
  storedSpelling: readonly Spelling[];
}

/** The defaults of {@link OracleSwitches}. */
export const ORACLE_DEFAULTS: OracleSwitches = {
  refuseReadOnly: true,
  lastNameRequired: true,
  emailRequired: false,
  duplicateEmail: 'create',
  longTexts: 'plain',
  statusType: 'string',
  unauthorizedBody: 'html',
  deepestOffset: 10_000,
  storedSpelling: [],
};
