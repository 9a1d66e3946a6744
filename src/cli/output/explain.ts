import { OperationUnansweredError, OperationRefusedError } from '../../client/runs/errors';
import { TemporalUnreachableError } from '../../client/reach';
import { EgressAllowListInvalidError } from '../../http/egress/allow-list';
import { InputError } from '../../protocol/errors';
import { EncryptionKeyInvalidError, EncryptionKeyMissingError } from '../../security/encryption/key-ring';
import { PayloadDecryptionError } from '../../security/encryption/payload-codec';
import { ConfigurationError } from '../../config/settings';
import { UsageError, type Cli } from '../cli';
import { EXIT, type ExitStatus } from './exit-status';
import { isTemporalTrouble, wordsOf } from './report';

const REFUSALS = [
  UsageError,
  InputError,
  OperationRefusedError,
  ConfigurationError,
  EgressAllowListInvalidError,
  EncryptionKeyMissingError,
  EncryptionKeyInvalidError,
  PayloadDecryptionError,
];

/** What is said of an error that keeps a command from being carried out, and its exit status. */
export function explained(error: unknown): { readonly message: string; readonly status: ExitStatus } {
  if (error instanceof TemporalUnreachableError || error instanceof OperationUnansweredError) {
    return { message: error.message, status: EXIT.unreachable };
  }
  if (error instanceof Error && REFUSALS.some((kind) => error instanceof kind)) {
    return { message: error.message, status: EXIT.refused };
  }
  return { message: wordsOf(error), status: isTemporalTrouble(error) ? EXIT.unreachable : EXIT.failed };
}

/** Says it on standard error. */
export function explain({ err }: Pick<Cli, 'err'>, error: unknown): ExitStatus {
  const { message, status } = explained(error);
  err(`error: ${message}`);
  return status;
}
