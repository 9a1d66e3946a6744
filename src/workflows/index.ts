/**
 * Exports every workflow type of this package. To add them to your own worker, put one line into its workflows file:
 * `export * from 'hrflow-temporal/workflows'`.
 */
import { runAction } from './run-action';
import type { RunInput, RunOutcome } from '../protocol/messages';

/** Copies one profile from HrFlow.ai into an ATS, and enriches the candidate there if requested. */
export async function pushProfile(input: RunInput): Promise<RunOutcome> {
  return runAction('pushProfile', input);
}

/** Enriches a candidate that already exists in the ATS. */
export async function enrichProfile(input: RunInput): Promise<RunOutcome> {
  return runAction('enrichProfile', input);
}
