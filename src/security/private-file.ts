import { statSync } from 'node:fs';
import { UnusableFileError } from '../util/text-file';

/** Rights of others than the owner that make a file unfit to hold secrets. */
const forbidden = { 'read or write': 0o066, write: 0o022 } as const;

/**
 * Checks that others than its owner have no right to a file that they must not have. On Windows, which knows no such
 * modes, it only checks that the file is there.
 *
 * @throws Unusable with the remedy, or the error of the operating system
 */
export function assertOthersMayNot(right: keyof typeof forbidden, path: string): void {
  const { mode } = statSync(path);
  if (process.platform === 'win32' || (mode & forbidden[right]) === 0) return;
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  const remedy = right === 'write' ? 'chmod go-w' : 'chmod 600';
  throw new UnusableFileError(`it has mode ${octal}: others than its owner may ${right} it; run ${remedy} on it`);
}
