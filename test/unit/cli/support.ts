import { Readable } from 'node:stream';
import type { Cli } from '../../../src/cli/cli';
import type { ExitStatus } from '../../../src/cli/output/exit-status';
import { plain } from '../../../src/cli/output/style';

/** A command line that keeps what was written. */
export interface RecordedCli extends Cli {
  readonly stdout: string[];
  readonly stderr: string[];
  readonly status: () => ExitStatus | undefined;
}

export function recordCli(
  options: Partial<Pick<Cli, 'env' | 'overrides' | 'style'>> & { readonly input?: string } = {},
): RecordedCli {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  let ended: ExitStatus | undefined;
  return {
    env: options.env ?? {},
    stdin: Readable.from([options.input ?? '']),
    overrides: options.overrides ?? [],
    style: options.style ?? plain,
    progress: false,
    out: (line) => void stdout.push(line),
    err: (line) => void stderr.push(line),
    end: (status) => {
      ended = status;
    },
    onInterrupt: () => undefined,
    stdout,
    stderr,
    status: () => ended,
  };
}
