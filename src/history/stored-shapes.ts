import { z } from 'zod';
import type { Problem, Delivery, LookupAnswer } from '../protocol/delivery';
import { ACTIVITY_NAMES, FAILURE_TYPES, OUTCOMES, REASONS, WHO_MUST_ACT, WORKFLOW_TYPES } from '../protocol/names';
import type { HoldMemo, RunResult } from '../protocol/messages';
import type { Timing } from '../protocol/timing';
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

/** Drops what is not part of the result (the `knowledge` of a workflow's return value). */
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

/**
 * What `recall` believes of earlier runs, which an older release may have written: read strictly, so that what is not understood
 * counts as unknown and not as absent.
 */

const jsonObject = z.record(z.string(), z.unknown());

const lookupKeys = z.record(z.string(), z.string()).nullable();

/** Entered in the Temporal UI, it may be a number. */
const atsId = z.union([z.string(), z.number().transform(String)]);

const delivery: z.ZodType<Delivery> = z.object({
  applicant: z.enum(['absent', 'there', 'unknown']),
  deliveredAs: z.enum(['created', 'already_there']).nullable(),
  atsId: atsId.nullable(),
  enriched: z.boolean(),
  sent: z.boolean(),
  everUnknown: z.boolean(),
  unknownSince: z.number().nullable(),
  attemptedAt: z.number().nullable(),
  firstAttemptAt: z.number().nullable(),
  lookupKeys,
  secondApplication: z
    .lazy(() => z.object({ matchesBefore: z.array(z.string()).nullable(), earlier: delivery }))
    .nullable(),
});

/** Null if a member is missing or invalid: the timing of the reading worker is used then. */
const timing: z.ZodType<Timing | null> = z
  .object({
    connectTimeoutMs: z.number(),
    responseTimeoutMs: z.number(),
    sendWindowMs: z.number(),
    settleMs: z.number(),
    retryInitialMs: z.number(),
    retryMaximumMs: z.number(),
    giveUpAfterMs: z.number(),
    repeatEnrichment: z.boolean(),
  })
  .nullable()
  .catch(null);

const options = z.object({
  create: z.boolean(),
  enrich: z.boolean(),
  lookupFirst: z.boolean(),
  again: z.boolean(),
  onFailure: z.enum(['fail', 'hold']),
  holdForMs: z.number(),
});

/** The `knowledge` of a result, and of the details of a failure. */
export const knowledgeSchema = z.object({ conclusive: z.boolean(), delivery });

export const resultSchema = z.looseObject({ knowledge: knowledgeSchema });

/** The input of a run, as far as its history needs it. */
export const runInputSchema = z
  .looseObject({
    enrich: z.boolean(),
    holdForMs: z.number(),
    actionParameters: z.looseObject({ lookupFirst: z.boolean(), onFailure: z.enum(['fail', 'hold']) }),
    again: z.boolean(),
    previousRun: z.looseObject({}).nullable(),
    continued: z
      .looseObject({
        options,
        delivery,
        recalled: z.boolean(),
        timing,
        pendingRefusal: problemSchema.nullable(),
        preflightDone: z.boolean(),
      })
      .transform((run) => {
        const { recalled, timing, pendingRefusal, preflightDone } = run;
        return { options: run.options, delivery: run.delivery, recalled, timing, pendingRefusal, preflightDone };
      })
      .optional(),
  })
  .transform(({ enrich, holdForMs, actionParameters, again, previousRun, continued }) => ({
    previousRun,
    continued,
    options: {
      create: true,
      enrich,
      holdForMs,
      again,
      lookupFirst: actionParameters.lookupFirst,
      onFailure: actionParameters.onFailure,
    },
  }));

export const pushInputSchema = z.looseObject({
  connector: z.string(),
  action: z.enum(WORKFLOW_TYPES),
  targetParameters: jsonObject,
  document: jsonObject,
  timing,
});

export const pushAnswerSchema = z.looseObject({ atsId: z.string().nullable() });

export const recallAnswerSchema = z.object({ delivery, timing });

export const findInputSchema = z.object({
  purpose: z.enum(['settle', 'refusal', 'first', 'again']),
  afterSettle: z.boolean(),
  lookupKeys,
});

export const lookupAnswerSchema: z.ZodType<LookupAnswer> = z.discriminatedUnion('answer', [
  z.object({
    answer: z.literal('found'),
    matches: z.array(z.object({ ref: z.string(), atsId: z.string().nullable() })),
  }),
  z.object({ answer: z.literal('not_found') }),
  z.object({ answer: z.literal('inconclusive'), problem: problemSchema }),
  z.object({ answer: z.literal('unavailable'), problem: problemSchema }),
]);

/** That the applicant was found counts even if its id cannot be read. */
export const resolveArgsSchema = z.looseObject({ delivered: z.boolean(), atsId: atsId.nullable().catch(null) });
