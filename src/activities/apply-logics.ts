import type { JsonObject, LogicsInput } from '../protocol/messages';
import type { Dependencies } from '../push/dependencies';
import { applyLogics as apply } from '../push/logics';
import { assertFilteredFits } from '../push/payload-size';
import { LABELS, runStep } from './step';

/** The activity `applyLogics`. Returns null if a logic drops the profile. */
export function applyLogics(dependencies: Dependencies, input: LogicsInput): Promise<JsonObject | null> {
  return runStep(LABELS.applyLogics, async () => {
    const kept = await apply(dependencies, input);
    if (kept) assertFilteredFits(kept);
    return kept;
  });
}
