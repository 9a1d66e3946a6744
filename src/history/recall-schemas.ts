import { z } from 'zod';
import { problemSchema } from './stored-shapes';
import type { Delivery, LookupAnswer, Numbers } from '../protocol/delivery';
import { WORKFLOW_TYPES } from '../protocol/names';

/**
 * What `recall` believes of earlier runs, which an older release may have written: read strictly, so that what is not understood
 * counts as unknown and not as absent.
 */

const jsonObject = z.record(z.string(), z.unknown());

const keys = z.record(z.string(), z.string()).nullable();

/** A person in the Temporal UI may have written a number. */
const atsId = z.union([z.string(), z.number().transform(String)]);

const delivery: z.ZodType<Delivery> = z.object({
  applicant: z.enum(['absent', 'there', 'unknown']),
  how: z.enum(['created', 'already_there']).nullable(),
  atsId: atsId.nullable(),
  enriched: z.boolean(),
  sent: z.boolean(),
  doubted: z.boolean(),
  unknownSince: z.number().nullable(),
  attemptedAt: z.number().nullable(),
  t0: z.number().nullable(),
  keys,
  again: z.lazy(() => z.object({ seen: z.array(z.string()).nullable(), earlier: delivery })).nullable(),
});

/** Null where one is missing or is none: the reader's own worker's stand in then. */
const numbers: z.ZodType<Numbers | null> = z
  .object({
    connectTimeoutMs: z.number(),
    responseTimeoutMs: z.number(),
    sendWindowMs: z.number(),
    settleMs: z.number(),
    retryInitialMs: z.number(),
    retryMaximumMs: z.number(),
    giveUpAfterMs: z.number(),
    enrichRepeatable: z.boolean(),
  })
  .nullable()
  .catch(null);

const ask = z.object({
  create: z.boolean(),
  enrich: z.boolean(),
  lookupFirst: z.boolean(),
  again: z.boolean(),
  onFailure: z.enum(['fail', 'hold']),
  holdForMs: z.number(),
});

/** The `known` of a result, and the third detail of a failure. */
export const knowledgeSchema = z.object({ says: z.boolean(), delivery });

export const resultSchema = z.looseObject({ known: knowledgeSchema });

/** The input of a run, as far as its history needs it. */
export const runInputSchema = z
  .looseObject({
    enrich: z.boolean(),
    holdForMs: z.number(),
    actionParameters: z.looseObject({ lookupFirst: z.boolean(), onFailure: z.enum(['fail', 'hold']) }),
    again: z.boolean(),
    further: z.looseObject({}).nullable(),
    continued: z
      .looseObject({
        ask,
        delivery,
        recalled: z.boolean(),
        numbers,
        refusal: problemSchema.nullable(),
        lookedBefore: z.boolean(),
      })
      .transform((run) => {
        const { recalled, numbers: measured, refusal, lookedBefore } = run;
        return { ask: run.ask, delivery: run.delivery, recalled, numbers: measured, refusal, lookedBefore };
      })
      .optional(),
  })
  .transform(({ enrich, holdForMs, actionParameters, again, further, continued }) => ({
    further,
    continued,
    ask: {
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
  numbers,
});

export const pushAnswerSchema = z.looseObject({ atsId: z.string().nullable() });

export const recallAnswerSchema = z.object({ delivery, numbers });

export const findInputSchema = z.object({
  purpose: z.enum(['settle', 'refusal', 'first', 'again']),
  last: z.boolean(),
  keys,
});

export const lookupAnswerSchema: z.ZodType<LookupAnswer> = z.discriminatedUnion('answer', [
  z.object({
    answer: z.literal('found'),
    matches: z.array(z.object({ ref: z.string(), atsId: z.string().nullable() })),
  }),
  z.object({ answer: z.literal('nothing') }),
  z.object({ answer: z.literal('cannot_tell'), problem: problemSchema }),
  z.object({ answer: z.literal('cannot_look_up'), problem: problemSchema }),
]);

/** That the applicant was seen counts also where its id cannot be understood. */
export const resolveArgsSchema = z.looseObject({ delivered: z.boolean(), atsId: atsId.nullable().catch(null) });
