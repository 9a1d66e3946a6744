import { UsageError } from './cli';

/**
 * Runs something that reads a file which a flag names, and puts its trouble into words.
 *
 * @throws UsageError naming flag and file where the operating system refuses to read it; other errors as they are
 */
export function unreadable(flag: string, path: string): (error: unknown) => never {
  return (error) => {
    // Not instanceof: an error of Node itself can be of another realm.
    if (typeof error !== 'object' || error === null || !('code' in error)) throw error;
    throw new UsageError(`${flag}: ${nameOf(path)} cannot be read (${String(error.code)})`);
  };
}

/** What the file of a flag is called in messages. */
export function nameOf(path: string | undefined): string {
  return path === '-' ? 'standard input' : String(path);
}
