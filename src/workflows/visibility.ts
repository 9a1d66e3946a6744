import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { isHeld, outcomeOf, retryReason, type Problem, type PushState } from '../protocol/delivery';
import { SEARCH_ATTRIBUTES, type FailureType, type RunState } from '../protocol/names';
import { resultOf } from '../protocol/result';
import type { Session } from './session';
import type { HoldMemo, StateAnswer } from '../protocol/messages';

const STATE = { name: SEARCH_ATTRIBUTES.state, type: 'KEYWORD' } as const;
const OUTCOME = { name: SEARCH_ATTRIBUTES.outcome, type: 'KEYWORD' } as const;

/** Writes state and outcome to the search attributes that the server knows. */
export function showState(session: Session, state: RunState): void {
  const known = new Set(session.input.searchAttributes);
  const changes = [
    { key: STATE, value: state },
    { key: OUTCOME, value: outcomeOf(session.run) },
  ].filter(({ key }) => known.has(key.name));
  if (changes.length > 0) upsertSearchAttributes(changes);
}

/** Shows a hold in memo, state attribute and details. Otherwise a held run looks like any running one in the UI. */
export function showHold(session: Session, problem: Problem): void {
  const { run, input } = session;
  const hold: HoldMemo = {
    number: run.hold.number,
    until: isoTime(run.hold.until ?? 0),
    error: problem,
    result: resultOf(run, input.profileKey, problem),
  };
  upsertMemo({ hold });
  showState(session, 'held');
  showDetails(session);
}

/** Removes a hold from memo, state attribute and details. */
export function showHoldEnded(session: Session): void {
  upsertMemo({ hold: null });
  const known = session.input.searchAttributes.includes(SEARCH_ATTRIBUTES.state);
  if (known) upsertSearchAttributes([{ key: STATE, value: 'running' }]);
  showDetails(session);
}

/** Returns the response to the query `state`. */
export function stateOf({ run, ended }: Session): StateAnswer {
  const { until, number } = run.hold;
  const holds = ended === null && isHeld(run) && until !== null;
  const waits = ended === null && run.wait !== null && !run.activeStep;
  return {
    state: ended ?? (holds ? 'held' : waits ? 'waiting' : 'running'),
    outcome: ended === null && run.delivery.applicant === 'absent' && !run.nothingToDeliver ? null : outcomeOf(run),
    doing: ended === null ? doing(run) : 'nothing: the run has ended',
    attempts: run.attempts,
    waitingUntil: waits ? isoTime(run.wait?.until ?? 0) : null,
    hold: holds ? { number, until: isoTime(until) } : null,
    error: run.blockedBy,
    retryReason: ended === null ? retryReason(run) : null,
  };
}

/** Writes the current details of the UI, in Markdown. Leaves out messages: they may quote another system. */
export function showDetails(session: Session, ended?: string): void {
  const { run, input } = session;
  const problem = run.blockedBy;
  const lines = [
    `**${session.action}** to **${input.title}**: ${ended ?? doing(run)}`,
    // Without an empty line, the UI renders the list as part of the sentence.
    '',
    `- applicant: ${run.delivery.applicant}${run.delivery.deliveredAs ? ` (${run.delivery.deliveredAs})` : ''}`,
    `- attempts: ${run.attempts}`,
    ...(run.options.enrich ? [`- enriched: ${run.delivery.enriched ? 'yes' : 'not yet'}`] : []),
    ...retryLines(ended === undefined ? retryReason(run) : null),
    ...(run.note ? [`- note: ${run.note}`] : []),
    ...(problem
      ? [
          `- waits for: **${problem.whoMustAct}**, because of \`${problem.type}\` at \`${problem.stage}\``,
          `- next step: ${problem.nextStep}`,
          `- \`hrflow-temporal retry ${workflowInfo().workflowId}\``,
        ]
      : []),
  ];
  setCurrentDetails(lines.join('\n'));
}

/** Describes the problem in fixed words: its message may quote another system. */
function retryLines(problem: Problem | null): string[] {
  if (problem === null) return [];
  return [
    `- retrying because of \`${problem.type}\` at \`${problem.stage}\`: ${DESCRIPTIONS[problem.type] ?? 'a step failed'}`,
    `- who must act: **${problem.whoMustAct}**. ${problem.nextStep}`,
  ];
}

const DESCRIPTIONS: Readonly<Partial<Record<FailureType, string>>> = {
  unavailable: 'a system does not respond as expected, or asks to wait',
  attachment: 'an attachment of the profile cannot be downloaded',
  auth: 'credentials are refused',
  quota: 'a quota is used up',
  refused: 'a system refuses the request',
  enrich: 'the candidate cannot be enriched yet',
};

function doing(run: PushState): string {
  if (isHeld(run)) return `held until ${isoTime(run.hold.until ?? 0)}`;
  if (run.activeStep) return DOING[run.activeStep];
  if (run.wait) return `waiting until ${isoTime(run.wait.until)}, ${run.wait.why}`;
  return 'running';
}

const DOING = {
  recall: 'reading what earlier runs did',
  prepare: 'reading and formatting the profile',
  push: 'creating the applicant',
  lookup: 'checking whether the applicant is in the ATS',
  enrich: 'enriching the candidate',
} as const;

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
