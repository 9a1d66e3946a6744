import { z } from 'zod';
import type { Problem } from '../protocol/delivery';
import { ACTIVITY_NAMES, FAILURE_TYPES, OUTCOMES, REASONS, WHO_MUST_ACT } from '../protocol/names';
import type { HoldMemo, RunResult } from '../protocol/messages';

/** What the client reads back from Temporal: written by workflows, perhaps of another release, so checked. */

export const problemSchema: z.ZodType<Problem> = z.object({
  type: z.enum(FAILURE_TYPES),
  reason: z.enum(REASONS),
  stage: z.enum(ACTIVITY_NAMES),
  message: z.string(),
  whoMustAct: z.enum(WHO_MUST_ACT),
  nextStep: z.string(),
});

const counter = z.int();

/** Drops what is not part of the result (the `known` of a workflow's return value). */
export const runResultSchema: z.ZodType<RunResult> = z.object({
  status: z.enum(['success', 'success_with_failures', 'fatal']),
  reason: z.enum(REASONS),
  read_from: z.string().nullable(),
  events: z.object({
    read_success: counter,
    read_failure: counter,
    format_failure: counter,
    logics_discard: counter,
    logics_failure: counter,
    write_failure: counter,
    callback_failure: counter,
    callback_executed: counter,
    item_to_read_from_failure: counter,
  }),
  items: z.array(
    z.object({
      key: z.string(),
      outcome: z.enum(OUTCOMES),
      enriched: z.boolean().nullable(),
      stage: z.enum(ACTIVITY_NAMES),
      ats_id: z.string().nullable(),
      message: z.string().nullable(),
    }),
  ),
});

const holdMemoSchema: z.ZodType<HoldMemo> = z.object({
  number: z.int(),
  until: z.string(),
  error: problemSchema,
  result: runResultSchema,
});

/** The memo that the client gives a run. */
export const runMemoSchema = z.looseObject({
  startId: z.string(),
  identity: z.string(),
  connector: z.string(),
  action: z.string(),
  profileKey: z.string(),
  hold: holdMemoSchema.nullish(),
});

export type RunMemo = z.infer<typeof runMemoSchema>;
