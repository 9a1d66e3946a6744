import type { Readable } from 'node:stream';
import type { Env } from '../config/environment';
import type { ExitStatus } from './output/exit-status';
import type { Style } from './output/style';

/** The groups of parameters in a request. */
export type ParameterGroup = 'actionParameters' | 'originParameters' | 'targetParameters';

/** A flag such as `--target.hostAndPort.port 443`: where its value goes in a request, and the value. */
export interface Override {
  readonly path: readonly [ParameterGroup, ...string[]];
  readonly value: unknown;
}

/** What a command may touch of its process. */
export interface Cli {
  readonly env: Env;
  readonly stdin: Readable;
  /** The `--origin.x`, `--target.y` and `--action.z` of the command line. */
  readonly overrides: readonly Override[];
  /** How standard output looks: plain unless it is a terminal. */
  readonly style: Style;
  /** Whether a person follows standard error: then it shows progress, else messages only. */
  readonly progress: boolean;
  /** Writes one line to standard output, which is for results and nothing else. */
  readonly out: (line: string) => void;
  /** Writes one line to standard error. Never the words of an ATS: those are in results only. */
  readonly err: (line: string) => void;
  /** Says with what status the process is to end. */
  readonly end: (status: ExitStatus) => void;
  /** What to say when a person or a process manager ends the command while it waits; without this it ends at once. */
  readonly onInterrupt: (lines: () => readonly string[]) => void;
}

/** The command cannot be carried out as it was given. The message names the flag or field and the fix. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
