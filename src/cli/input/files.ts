import { readFileSync } from 'node:fs';
import { codeOf } from '../../util/objects';
import { jsonOf, textOf, whyUnusable } from '../../util/text-file';
import { UsageError, type Cli } from '../cli';

/**
 * Runs something that reads a file which a flag names, and puts its trouble into words.
 *
 * @throws UsageError naming flag and file if the operating system refuses to read it; other errors as they are
 */
export function unreadable(flag: string, path: string): (error: unknown) => never {
  return (error) => {
    const code = codeOf(error);
    if (code === '') throw error;
    throw new UsageError(`${flag}: ${nameOf(path)} cannot be read (${code})`);
  };
}

/**
 * Reads the JSON in the file of a flag; `-` is standard input.
 *
 * @throws UsageError naming flag, file and what is wrong with it
 */
export async function readJson(cli: Cli, flag: string, path: string): Promise<unknown> {
  try {
    return jsonOf(textOf(path === '-' ? await wholeOf(cli.stdin) : readFileSync(path)));
  } catch (error) {
    throw new UsageError(`${flag}: ${nameOf(path)}: ${whyUnusable(error)}`);
  }
}

async function wholeOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const chunk of stream) pieces.push(bytesOf(chunk));
  return Buffer.concat(pieces);
}

/** The bytes of a piece of a stream. */
export function bytesOf(chunk: unknown): Uint8Array {
  return chunk instanceof Uint8Array ? chunk : Buffer.from(String(chunk));
}

/** What the file of a flag is called in messages. */
export function nameOf(path: string | undefined): string {
  return path === '-' ? 'standard input' : String(path);
}
