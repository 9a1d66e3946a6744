import { z } from 'zod';
import type { Problem } from '../protocol/delivery';
import { completeFacts, FormatError, StepError, type ErrorFacts, InputError } from '../protocol/errors';
import type { Reason, Stage } from '../protocol/names';
import type { SecretScrubber } from '../security/secrets/secret-scrubber';
import { describeIssues } from '../util/zod-issues';

/** Where in a push a step belongs. */
export interface StepLabel {
  readonly stage: Stage;
  readonly reason: Reason;
}

/** Returns the problem that an error stands for. */
export function toProblem(error: unknown, label: StepLabel, scrubber: SecretScrubber): Problem {
  const facts = factsOf(error, scrubber);
  const { stage, reason } = facts.label ?? label;
  const { type, message, whoMustAct, nextStep } = facts;
  return { type, stage, reason: error instanceof InputError ? error.reason : reason, message, whoMustAct, nextStep };
}

/**
 * Returns the facts of an error. Of an unexpected error only its name is told, because its text may hold anything. Every text that
 * leaves a step passes here, so secrets are hidden here.
 */
export function factsOf(error: unknown, scrubber: SecretScrubber): ErrorFacts {
  const facts = ownFacts(error);
  return { ...facts, message: scrubber.scrub(facts.message) };
}

function ownFacts(error: unknown): ErrorFacts {
  if (error instanceof StepError) return error.facts;
  if (error instanceof FormatError) return formatFacts(error.message);
  if (error instanceof z.ZodError) return formatFacts(describeIssues(error));
  return completeFacts({
    type: 'internal',
    message: `An unexpected ${nameOfError(error)} was thrown.`,
    nextStep: 'Check the log of the worker, report the error, and retry once it is fixed.',
  });
}

/** Returns the class of an error, which holds no data. */
export function nameOfError(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

function formatFacts(message: string): ErrorFacts {
  return completeFacts({ type: 'format', message });
}
