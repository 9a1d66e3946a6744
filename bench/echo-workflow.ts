import {
  condition,
  defineQuery,
  defineSignal,
  proxyActivities,
  proxyLocalActivities,
  setHandler,
} from '@temporalio/workflow';
import type { EchoActivities } from './echo-activities';
import type { LookupKeys } from '../src/protocol/delivery';
import type { RunInput, RunOutcome } from '../src/protocol/messages';
import { emptyEvents } from '../src/protocol/result';

const remote = proxyActivities<EchoActivities>({ startToCloseTimeout: '1 minute' });
const local = proxyLocalActivities<EchoActivities>({ startToCloseTimeout: '1 minute' });

/**
 * Measures what a push with enrichment costs in Temporal alone: the same number of remote and local activities in the same order, with
 * arguments and results of the same sizes, and nothing else: no HTTP, no checks, no state machine, no attributes.
 *
 * @param stayOpen whether the run stays open at its end
 */
export async function echo(input: RunInput, stayOpen: boolean): Promise<RunOutcome> {
  const { connector, actionParameters, originParameters, targetParameters } = input;
  const target = { connector, action: 'pushProfile', targetParameters };
  const { profile, timing } = await remote.echoFetchProfile({ ...target, actionParameters, originParameters });
  const { document, enrichment, lookupKeys } = await local.echoFormat({ ...target, profile });
  await local.echoAuthenticate(target);
  await remote.echoPushApplicant({ ...target, document, timing });
  await remote.echoEnrich({ ...target, document: enrichment, timing, retryNotFoundUntil: Date.now() });
  if (stayOpen) await condition(() => false);
  return outcomeOf(input.profileKey, lookupKeys);
}

const nextRound = defineSignal('next');
const roundsQuery = defineQuery<number>('rounds');

/**
 * Measures what the SDK keeps of activities that have ended: reads and formats in the root scope of the workflow, once per round, and
 * waits for the next round.
 */
export async function echoInRounds(input: RunInput): Promise<void> {
  const { connector, actionParameters, originParameters, targetParameters } = input;
  const target = { connector, action: 'pushProfile', targetParameters };
  let [rounds, wanted] = [0, 1];
  setHandler(nextRound, () => void (wanted += 1));
  setHandler(roundsQuery, () => rounds);
  for (;;) {
    await condition(() => wanted > rounds);
    const { profile, timing } = await remote.echoFetchProfile({ ...target, actionParameters, originParameters });
    const { document } = await local.echoFormat({ ...target, profile });
    await local.echoAuthenticate(target);
    await remote.echoPushApplicant({ ...target, document, timing });
    rounds += 1;
  }
}

/** As large as the result of a push. */
function outcomeOf(key: string, lookupKeys: LookupKeys | null): RunOutcome {
  const now = Date.now();
  return {
    status: 'success',
    reason: '',
    read_from: null,
    events: { ...emptyEvents(), read_success: 1, callback_executed: 1 },
    items: [{ key, outcome: 'created', enriched: true, stage: 'enrich', ats_id: null, message: null }],
    knowledge: {
      conclusive: true,
      delivery: {
        applicant: 'there',
        deliveredAs: 'created',
        atsId: null,
        enriched: true,
        sent: true,
        everUnknown: false,
        unknownSince: null,
        attemptedAt: now,
        firstAttemptAt: now,
        lookupKeys,
        secondApplication: null,
      },
    },
  };
}
