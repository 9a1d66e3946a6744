import { profileSchema, type Profile } from '../connectors/connector';
import { StepError } from '../protocol/errors';
import { functionsNamed, type Logic } from '../push/functions';
import type { JsonObject, LogicsInput } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { assertFilteredFits } from '../push/payload-size';
import { runStep } from './step';

const STEP = { stage: 'applyLogics', reason: 'logics_failure' } as const;

/** Applies the named logics in order. Null: one of them dropped the profile. */
export function applyLogics(dependencies: Dependencies, input: LogicsInput): Promise<JsonObject | null> {
  return runStep(STEP, async () => {
    const kept = await keepOrDrop(dependencies, input);
    if (kept) assertFilteredFits(kept);
    return kept;
  });
}

/** The same within the activity that read the profile, for one too large to travel to {@link applyLogics}. */
export function applyLogicsAtRead(dependencies: Dependencies, input: LogicsInput): Promise<Profile | null> {
  return runStep(STEP, () => keepOrDrop(dependencies, input));
}

/** What {@link applyLogics} does, for callers that are no activity (`preview`). */
export async function keepOrDrop(
  { functions }: Pick<Dependencies, 'functions'>,
  input: LogicsInput,
): Promise<Profile | null> {
  const logics = functionsNamed('logics', functions.logics, input.logics);
  let profile: Profile = profileSchema.parse(input.profile);
  for (const [index, logic] of logics.entries()) {
    const kept = await applyLogic(input.logics[index] ?? '', logic, profile);
    if (kept === null) return null;
    profile = kept;
  }
  return profile;
}

async function applyLogic(name: string, logic: Logic, profile: Profile): Promise<Profile | null> {
  let answer: unknown;
  try {
    answer = await logic(profile);
  } catch (error) {
    throw failed(`The logic "${name}" threw ${error instanceof Error ? error.name : 'something'}.`);
  }
  if (answer === null) return null;
  const changed = profileSchema.safeParse(answer);
  if (changed.success) return changed.data;
  throw failed(`The logic "${name}" returned ${nameOf(answer)}; it has to return the profile, or null to drop it.`);
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'undefined';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function failed(message: string): StepError {
  const nextStep = 'Fix the logic on the worker, then retry.';
  return new StepError({ type: 'logics', message, whoMustAct: 'user', nextStep, retryable: false });
}
