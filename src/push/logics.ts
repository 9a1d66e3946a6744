import { profileSchema, type Profile } from '../connectors/connector';
import { StepError } from '../protocol/errors';
import type { LogicsInput } from '../protocol/messages';
import type { Dependencies } from './dependencies';
import { functionsNamed, type Logic } from './functions';

/** Applies the named logics in order. Returns null if one of them drops the profile. */
export async function applyLogics(
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
  let returned: unknown;
  try {
    returned = await logic(profile);
  } catch (error) {
    throw failed(`The logic "${name}" threw ${error instanceof Error ? error.name : 'something'}.`);
  }
  if (returned === null) return null;
  const changed = profileSchema.safeParse(returned);
  if (changed.success) return changed.data;
  throw failed(`The logic "${name}" returned ${nameOf(returned)}; it must return the profile, or null to drop it.`);
}

function nameOf(value: unknown): string {
  if (value === undefined) return 'undefined';
  return Array.isArray(value) ? 'a list' : `a ${typeof value}`;
}

function failed(message: string): StepError {
  const nextStep = 'Fix the logic on the worker, then retry.';
  return new StepError({ type: 'logics', message, nextStep });
}
