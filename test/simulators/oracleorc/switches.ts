import type { Spelling } from '../spelling';

/** Behavior of Oracle that the facts leave open (facts 4). */
export interface OracleSwitches {
  /** Whether attributes that the server sets are refused in a POST. Default true. */
  refuseReadOnly: boolean;
  /** Whether a candidate needs a last name. Default true. */
  lastNameRequired: boolean;
  /** Whether a candidate needs an e-mail address. Default false. */
  emailRequired: boolean;
  /** What happens to an e-mail address that is known already. Default `create`. */
  duplicateEmail: 'create' | 'reject';
  /** How `Achievements` and `AdditionalInformation` of an experience come. Default `plain`. */
  longTexts: 'plain' | 'base64';
  /** Type of `status` in JSON errors. Default `string`. */
  statusType: 'string' | 'number';
  /** Body of a 401. Default `html`. */
  unauthorizedBody: 'html' | 'empty';
  /** From this offset on a collection says that there is no more. Default 10000. */
  deepestOffset: number;
  /** How names and e-mail addresses change when they are stored. Default nothing. */
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
