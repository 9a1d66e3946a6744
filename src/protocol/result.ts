import { outcomeOf, isConclusive, type Delivery, type Problem, type PushState } from './delivery';
import type { Outcome, Stage } from './names';
import type { RunEvents, RunKnowledge, RunResult } from './messages';

/** The result as it stands, in the words of the Python reference. `problem` is what ends or holds the run. */
export function resultOf(run: PushState, profileKey: string, problem: Problem | null): RunResult {
  const outcome = outcomeOf(run);
  const fatal = outcome === 'failed' || outcome === 'unknown';
  const enrichmentFailed = run.options.create && run.options.enrich && isThere(outcome) && !run.delivery.enriched;
  return {
    status: fatal ? 'fatal' : enrichmentFailed ? 'success_with_failures' : 'success',
    reason: fatal ? (problem?.reason ?? 'write_failure') : '',
    read_from: null,
    events: eventsOf(run, outcome, problem, enrichmentFailed),
    items: [
      {
        key: profileKey,
        outcome,
        enriched: run.options.enrich ? run.delivery.enriched : null,
        stage: problem?.stage ?? stageOf(outcome, run),
        ats_id: run.delivery.atsId,
        message: problem?.message ?? run.note ?? null,
      },
    ],
  };
}

/** What a later run of the same push may rely on. Keys of a lookup stay only while one may be needed. */
export function knowledgeOf(run: PushState): RunKnowledge {
  return { conclusive: isConclusive(run), delivery: withoutNeedlessKeys(run.delivery) };
}

function withoutNeedlessKeys(delivery: Delivery): Delivery {
  const secondApplication = delivery.secondApplication && {
    ...delivery.secondApplication,
    earlier: withoutNeedlessKeys(delivery.secondApplication.earlier),
  };
  return { ...delivery, lookupKeys: delivery.applicant === 'unknown' ? delivery.lookupKeys : null, secondApplication };
}

/** Whether the applicant is in the ATS. */
export function isThere(outcome: Outcome | undefined): boolean {
  return outcome === 'created' || outcome === 'already_there';
}

/** Counters of a run in which nothing has happened yet. */
export function emptyEvents(): RunEvents {
  return {
    read_success: 0,
    read_failure: 0,
    format_failure: 0,
    logics_discard: 0,
    logics_failure: 0,
    write_failure: 0,
    callback_failure: 0,
    callback_executed: 0,
    item_to_read_from_failure: 0,
  };
}

function stageOf(outcome: Outcome, run: PushState): Stage {
  if (outcome === 'not_found') return 'fetchProfile';
  if (outcome === 'discarded') return 'applyLogics';
  if (run.delivery.enriched) return 'enrich';
  return outcome === 'already_there' ? 'findApplicant' : 'pushApplicant';
}

function eventsOf(run: PushState, outcome: Outcome, problem: Problem | null, enrichmentFailed: boolean): RunEvents {
  const fatal = outcome === 'failed' || outcome === 'unknown';
  const stage = fatal ? (problem?.stage ?? 'pushApplicant') : null;
  const refusedInput = problem?.type === 'input';
  const failedAt = (...stages: Stage[]): number => (stage !== null && !refusedInput && stages.includes(stage) ? 1 : 0);
  const readFailure = failedAt('fetchProfile');
  const logicsFailure = failedAt('applyLogics');
  const formatFailure = failedAt('format');
  const called =
    run.options.create &&
    run.options.enrich &&
    isThere(outcome) &&
    (run.delivery.enriched || problem?.stage === 'enrich');
  return {
    ...emptyEvents(),
    read_success: run.profileRead && !refusedInput && !readFailure ? 1 : 0,
    read_failure: readFailure,
    format_failure: formatFailure,
    logics_discard: outcome === 'discarded' ? 1 : 0,
    logics_failure: logicsFailure,
    write_failure: fatal && !refusedInput && !readFailure && !logicsFailure && !formatFailure ? 1 : 0,
    callback_failure: enrichmentFailed ? 1 : 0,
    callback_executed: called ? 1 : 0,
  };
}
