import { openContext, type ClientContext } from '../client/context';
import type { Cli } from './cli';

/**
 * Connects to Temporal for the time of one operation.
 *
 * @throws TemporalUnreachableError, EncryptionKeyMissingError
 */
export async function withTemporal<T>(cli: Cli, operation: (context: ClientContext) => Promise<T>): Promise<T> {
  const context = await openContext({ env: cli.env });
  try {
    return await operation(context);
  } finally {
    await context.close();
  }
}
