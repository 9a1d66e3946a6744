import { msToNumber } from '@temporalio/common/lib/time';
import { z } from 'zod';

const MAX_HOLD_MS = 365 * 86_400_000;
/** The spellings that Temporal's `Duration` takes. */
const DURATION =
  /^\d+(?:\.\d+)? ?(?:milliseconds?|msecs?|ms|seconds?|secs?|s|minutes?|mins?|m|hours?|hrs?|h|days?|d|weeks?|w)$/i;

const functionName = z.string().min(1, 'must not be empty').max(200);

/** The parameters that all actions share. */
export const actionParametersSchema = z.strictObject({
  logics: z
    .array(functionName)
    .default([])
    .describe('Names of functions of the worker, applied in this order; null drops the profile'),
  format: functionName.optional().describe("Name of a function of the worker; default: the connector's own format"),
  read_mode: z
    .enum(['sync', 'incremental'])
    .default('sync')
    .describe('incremental: the read starts where the last one ended'),
  onFailure: z
    .enum(['fail', 'hold'])
    .default('fail')
    .describe('hold: the run waits for an operator instead of failing'),
  holdFor: z
    .string()
    .regex(DURATION, { error: 'expected a duration such as "7 days" or "12h"', abort: true })
    .refine((duration) => msToNumber(duration) <= MAX_HOLD_MS, 'must be a year at the most')
    .default('7 days')
    .describe('How long a held run waits'),
  lookupFirst: z.boolean().default(false).describe('Look whether the applicant is there before the first create'),
});

/** How long a held run waits, in milliseconds. */
export function holdForMs({ holdFor }: z.infer<typeof actionParametersSchema>): number {
  return msToNumber(holdFor);
}
