import { connect, type Runs } from '../client';
import type { Cli } from './cli';

/**
 * Connects to Temporal for one operation on runs.
 *
 * @throws TemporalUnreachableError, EncryptionKeyMissingError
 */
export async function withRuns<T>(cli: Cli, operation: (runs: Runs) => Promise<T>): Promise<T> {
  const hrflow = await connect({ env: cli.env });
  try {
    return await operation(hrflow.runs);
  } finally {
    await hrflow.close();
  }
}
