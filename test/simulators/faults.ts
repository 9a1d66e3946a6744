import { z } from 'zod';
import type { RecordedRequest } from './http-server';

const milliseconds = z.number().int().min(0);
const httpStatus = z.number().int().min(200).max(599);
const commit = z.enum(['before', 'never']).default('never');

/**
 * The faults that a request can meet.
 *
 * - `status`: this status; without `body` in the system's own error shape. An object as `body` is sent as JSON, a text
 *   as text. `commit: 'before'` stores the request first (default `'never'`).
 * - `delay`: stores and answers `ms` later. `commit: 'before'` stores at once, `'after'` (default) directly before the
 *   answer, also when the client has left by then; `commitDelay` names the moment in milliseconds, at most `ms`.
 * - `resetBeforeCommit`, `resetAfterCommit`: the connection is reset without an answer.
 * - `truncateAfterCommit`: stored, then the head and half of the body, then the connection ends.
 * - `rateLimit`: 429 with `Retry-After` as a number of seconds or as an HTTP date.
 * - `html`: a page instead of JSON.
 * - `expiredToken`: the system's 401, although the credentials are good.
 * - `slowBody`: the good response, `bytesPerChunk` every `chunkMs`.
 * - `endless`: the good response's head, then an endless body.
 */
export const faultSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: httpStatus,
    headers: z.record(z.string(), z.string()).optional(),
    body: z.union([z.string(), z.record(z.string(), z.unknown())]).optional(),
    contentType: z.string().optional(),
    commit: commit.optional(),
  }),
  z.strictObject({
    kind: z.literal('delay'),
    ms: milliseconds,
    commit: z.enum(['before', 'after']).optional(),
    commitDelay: milliseconds.optional(),
  }),
  z.strictObject({ kind: z.literal('resetBeforeCommit') }),
  z.strictObject({ kind: z.literal('resetAfterCommit') }),
  z.strictObject({ kind: z.literal('truncateAfterCommit') }),
  z.strictObject({ kind: z.literal('rateLimit'), form: z.enum(['seconds', 'date']), seconds: z.number().int().min(0) }),
  z.strictObject({ kind: z.literal('html'), status: httpStatus, commit: commit.optional() }),
  z.strictObject({ kind: z.literal('expiredToken') }),
  z.strictObject({ kind: z.literal('slowBody'), chunkMs: milliseconds, bytesPerChunk: z.number().int().min(1) }),
  z.strictObject({ kind: z.literal('endless') }),
]);

/** One fault, see {@link faultSchema}. */
export type Fault = z.infer<typeof faultSchema>;

/** Which requests meet a fault. */
export interface FaultRule {
  /** Name of the operation. Default: every operation. */
  operation?: string;
  /** A further condition on the request. */
  match?: (request: RecordedRequest) => boolean;
  /** How many requests meet it. Default 1. */
  times?: number;
  fault: Fault;
}

/** Decides per request on a fault; null for none. */
export type FaultGenerator = (request: RecordedRequest) => Fault | null;

/** The faults that one simulator plays: scripted rules first, in the order they were added. */
export class FaultScript {
  private rules: { rule: FaultRule; left: number }[] = [];
  private generator: FaultGenerator | null = null;

  /** Appends a rule. */
  add(rule: FaultRule): void {
    this.rules.push({ rule, left: rule.times ?? 1 });
  }

  /** Sets what decides on requests that match no rule; null removes it. */
  setGenerator(generator: FaultGenerator | null): void {
    this.generator = generator;
  }

  /** Number of scripted faults not played yet. */
  get pending(): number {
    return this.rules.reduce((sum, { left }) => sum + left, 0);
  }

  /** Removes rules and generator. */
  clear(): void {
    this.rules = [];
    this.generator = null;
  }

  /** Takes the fault for this request; null for none. */
  take(request: RecordedRequest): Fault | null {
    const found = this.rules.find(({ rule }) => meets(rule, request));
    if (found === undefined) return this.generator?.(request) ?? null;
    found.left -= 1;
    if (found.left <= 0) this.rules = this.rules.filter((entry) => entry !== found);
    return found.rule.fault;
  }
}

function meets(rule: FaultRule, request: RecordedRequest): boolean {
  return (rule.operation === undefined || rule.operation === request.operation) && (rule.match?.(request) ?? true);
}
