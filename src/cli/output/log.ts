import type { Logger } from '@temporalio/common';
import { LOG_LEVELS, type LogLevel } from '../../config/environment';
import type { Cli } from '../cli';

/** A log on standard error for commands without a worker: `time level message {where}`, as the worker's. */
export function createLog({ err }: Pick<Cli, 'err'>, threshold: LogLevel): Pick<Logger, 'info' | 'warn'> {
  const log = (level: LogLevel) => (message: string, where?: object) => {
    if (LOG_LEVELS.indexOf(level) < LOG_LEVELS.indexOf(threshold)) return;
    err(`${new Date().toISOString()} ${level} ${message}${where ? ` ${JSON.stringify(where)}` : ''}`);
  };
  return { info: log('info'), warn: log('warn') };
}
