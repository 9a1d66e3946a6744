import { CHECKS_BEFORE_SENDING, createProblem } from '../problems';
import { settledAt, settleMs, type LookupPurpose } from './lookups';
import { isFinished } from './queries';
import type { Problem, PushState } from './state';

/** How old documents may be at a create, in milliseconds: the links to attachments are signed and expire. */
const DOCUMENTS_FRESH_MS = 600_000;

/** What the driver is to do next. */
export type Command =
  | { do: 'recall' }
  | { do: 'prepare' }
  | { do: 'push' }
  /** `afterSettle`: every create has become visible by now, so this lookup is the last one. */
  | { do: 'lookup'; purpose: LookupPurpose; afterSettle: boolean }
  | { do: 'enrich' }
  | { do: 'wait'; until: number; why: string }
  | { do: 'hold'; problem: Problem }
  | { do: 'end'; as: 'done' }
  | { do: 'end'; as: 'failed'; problem: Problem }
  | { do: 'end'; as: 'cancelled' };

/** One row of the priority table. */
export interface Rule {
  /** When the rule applies. */
  readonly name: string;
  /** The command, or null if the rule does not apply. */
  readonly command: (state: PushState, now: number) => Command | null;
}

/** The priority of {@link decide}: the first rule that applies decides. `docs/delivery.md` shows the same table. */
export const RULES: readonly Rule[] = [
  {
    name: 'nothing is left to do',
    command: (state) => (isFinished(state) ? { do: 'end', as: 'done' } : null),
  },
  {
    name: 'a cancellation was requested',
    command: (state) => (state.cancelRequested ? endAsCancelled(state) : null),
  },
  {
    name: 'a problem blocks the run',
    command: (state, now) => (state.blockedBy ? stopOrHold(state, state.blockedBy, now) : null),
  },
  {
    name: 'what earlier runs did is not known',
    command: (state) => (state.recalled ? null : { do: 'recall' }),
  },
  {
    name: 'a wait is not over',
    command: ({ wait }, now) => (wait && wait.until > now ? { do: 'wait', ...wait } : null),
  },
  {
    name: 'only the enrichment is left, without its document',
    command: (state) => (isEnriching(state) && state.preparedAt === null ? { do: 'prepare' } : null),
  },
  {
    name: 'only the enrichment is left',
    command: (state) => (isEnriching(state) ? { do: 'enrich' } : null),
  },
  {
    name: 'a refusal waits for its lookup',
    command: (state) => (state.pendingRefusal ? { do: 'lookup', purpose: 'refusal', afterSettle: false } : null),
  },
  {
    name: 'the applicant is unknown',
    command: (state, now) => (state.delivery.applicant === 'unknown' ? settle(state, now) : null),
  },
  {
    name: 'no fresh document is ready',
    command: ({ preparedAt }, now) =>
      preparedAt === null || now > preparedAt + DOCUMENTS_FRESH_MS ? { do: 'prepare' } : null,
  },
  {
    name: 'the lookup before the first create is due',
    command: (state, now) => (state.preflightDone ? null : preflight(state, now)),
  },
  { name: 'otherwise', command: () => ({ do: 'push' }) },
];

/** What to do next. */
export function decide(state: PushState, now: number): Command {
  for (const rule of RULES) {
    const command = rule.command(state, now);
    if (command) return command;
  }
  throw new Error('the last rule always applies');
}

/**
 * Whether the run may leave its history before `command`. Not between documents and their use: documents live in memory only, so a
 * profile that alone makes a history long would be prepared in every new history and never sent.
 */
export function mayContinueAsNew(state: PushState, command: Command): boolean {
  switch (command.do) {
    case 'prepare':
    case 'hold':
      return true;
    case 'wait':
      return state.wait !== null;
    case 'lookup':
      return command.purpose === 'settle' || command.purpose === 'refusal';
    default:
      return false;
  }
}

function isEnriching({ options, delivery }: PushState): boolean {
  return !options.create || delivery.applicant === 'there';
}

function endAsCancelled(state: PushState): Command {
  const nothingSent = state.recalled && !state.delivery.sent && state.delivery.applicant === 'absent';
  if (nothingSent) return { do: 'end', as: 'cancelled' };
  const enriching = isEnriching(state);
  const problem = createProblem({
    type: 'cancelled',
    reason: state.options.create && enriching ? 'callback_failure' : 'write_failure',
    stage: enriching ? 'enrich' : 'pushApplicant',
    message: 'The run was cancelled after something had been sent to the ATS.',
    nextStep: CHECKS_BEFORE_SENDING,
  });
  return { do: 'end', as: 'failed', problem };
}

function stopOrHold({ options, hold }: PushState, problem: Problem, now: number): Command {
  const holdIsOver = hold.until !== null && now >= hold.until;
  return options.onFailure === 'fail' || holdIsOver ? { do: 'end', as: 'failed', problem } : { do: 'hold', problem };
}

function settle(state: PushState, now: number): Command {
  const settled = settledAt(state);
  return { do: 'lookup', purpose: 'settle', afterSettle: settled !== null && now >= settled };
}

/** The lookup before the first create. For `again` it comes once every earlier attempt has become visible. */
function preflight(state: PushState, now: number): Command | null {
  const { again, lookupFirst } = state.options;
  if (!again) return lookupFirst ? { do: 'lookup', purpose: 'first', afterSettle: false } : null;
  const settled = (state.delivery.attemptedAt ?? 0) + settleMs(state);
  if (now < settled) return { do: 'wait', until: settled, why: 'an earlier create may still appear' };
  return { do: 'lookup', purpose: 'again', afterSettle: true };
}
