import { InvalidArgumentError, type Command } from 'commander';
import { generateEncryptionKey, isKeyId } from '../../security/encryption/key-ring';
import type { Cli } from '../cli';
import { EXIT } from '../output/exit-status';

interface Options {
  readonly id: string;
  readonly json?: boolean;
}

const EXAMPLES = `
The key alone goes to standard output. Workers and clients take it from HRFLOW_TEMPORAL_ENCRYPTION_KEYS, or from the file that
HRFLOW_TEMPORAL_ENCRYPTION_KEYS_FILE names. The first key encrypts, all decrypt: to rotate, put the new key first and keep the old ones.

Example:
  $ export HRFLOW_TEMPORAL_ENCRYPTION_KEYS="$(hrflow-temporal keys generate)"`;

/** `keys generate`: a new encryption key. */
export function define(command: Command, cli: Cli): void {
  command
    .description('Make encryption keys.')
    .command('generate')
    .description('Print a new encryption key.')
    .option(
      '--id <id>',
      'the public name of the key',
      parseId,
      `k${new Date().toISOString().slice(0, 10).replaceAll('-', '')}`,
    )
    .option('--json', 'print { "id", "key" }, the key as HRFLOW_TEMPORAL_ENCRYPTION_KEYS takes it')
    .addHelpText('after', EXAMPLES)
    .action(({ id, json = false }: Options) => {
      const key = generateEncryptionKey(id);
      cli.out(json ? JSON.stringify({ id, key }) : key);
      cli.err('Keep this key: without it nothing that it encrypted can be read.');
      cli.end(EXIT.ok);
    });
}

function parseId(text: string): string {
  if (isKeyId(text)) return text;
  throw new InvalidArgumentError('expected 1 to 64 letters, digits, "-", "_" and "."');
}
