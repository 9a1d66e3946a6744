import { types } from 'node:util';
import { DefaultLogger, type LogEntry, type LogLevel as TemporalLogLevel, type LogMetadata } from '@temporalio/worker';
import type { LogLevel } from '../config/environment';
import { PayloadDecryptionError } from '../security/encryption/payload-codec';

/** Members of a log entry that say where something happened, and nothing about a person. */
const SHOWN = [
  'sdkComponent',
  'taskQueue',
  'workflowType',
  'workflowId',
  'runId',
  'activityType',
  'activityId',
  'attempt',
  'stage',
  'type',
  'error',
  'state',
  'durationMs',
];

const LEVELS = { debug: 'DEBUG', info: 'INFO', warn: 'WARN', error: 'ERROR' } as const satisfies Record<
  LogLevel,
  TemporalLogLevel
>;

/**
 * The worker's logger: one line per entry, `time level message {where}`. Of an error it prints the type alone, since its message
 * may hold the words of an ATS; only of those that are known to quote nobody it prints the message, too. Other objects are named
 * by their kind.
 */
export function createLogger(level: LogLevel, write: (line: string) => void = writeToStderr): DefaultLogger {
  return new DefaultLogger(LEVELS[level], (entry) => write(lineOf(entry)));
}

function lineOf({ level, message, timestampNanos, meta }: LogEntry): string {
  const time = new Date(Number(timestampNanos / 1_000_000n)).toISOString();
  const where = Object.fromEntries(shownMembers(meta));
  return `${time} ${level.toLowerCase()} ${message}${Object.keys(where).length > 0 ? ` ${JSON.stringify(where)}` : ''}`;
}

function shownMembers(meta: LogMetadata | undefined): [string, unknown][] {
  const members = Object.entries(meta ?? {}).filter(([name]) => SHOWN.includes(name));
  return members.map(([name, value]) => [name, shown(value)]);
}

function shown(value: unknown): unknown {
  if (isError(value)) return errorName(value);
  const isPlain = value === undefined || value === null || ['string', 'number', 'boolean'].includes(typeof value);
  return isPlain ? value : Object.prototype.toString.call(value);
}

/** Errors of another realm, such as the workflow sandbox, are no instances of this one's `Error`. */
function isError(value: unknown): value is Error {
  return value instanceof Error || types.isNativeError(value);
}

function errorName(error: Error): string {
  if (error instanceof PayloadDecryptionError) return `${error.name}: ${error.message}`;
  const type: unknown = 'type' in error ? error.type : undefined;
  return typeof type === 'string' ? `${error.name}: ${type}` : error.name;
}

function writeToStderr(line: string): void {
  process.stderr.write(`${line}\n`);
}
