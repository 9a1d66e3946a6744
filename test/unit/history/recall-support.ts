import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../../src/activities/index';
import { timingOf } from '../../../src/push/dependencies';
import { workerDependencies } from '../../../src/push/worker-dependencies';
import type { RecallAnswer } from '../../../src/protocol/messages';
import { OWN_RUN_ID, runIdOf, runOf, type RecordedServer, type Recording } from '../../support/recorded-runs';
import { runIn } from '../activities/support';

const dependencies = workerDependencies({}, { encrypted: true });
const activities = createActivities(dependencies);

/** The timing of the worker that recalls. */
export const OWN_NUMBERS = timingOf(dependencies, 'oracleORC');

export interface Asked {
  readonly identity?: string;
  readonly previousRunId?: string | null;
}

export function recallEnvironment(server: RecordedServer, { workflowId }: Recording): MockActivityEnvironment {
  const now = Date.now();
  const info = {
    workflowExecution: { workflowId, runId: OWN_RUN_ID },
    scheduledTimestampMs: now,
    currentAttemptScheduledTimestampMs: now,
  };
  const logger = new DefaultLogger('ERROR', () => undefined);
  return new MockActivityEnvironment(info, { client: server.client, logger });
}

/** The activity as the run that asks calls it; its client has read the newest run. */
export function recall(
  server: RecordedServer,
  recorded: Recording,
  asked: Asked = {},
  env = recallEnvironment(server, recorded),
): Promise<RecallAnswer> {
  const options = {
    ...{ create: true, enrich: false, lookupFirst: false, again: false },
    ...{ onFailure: 'fail' as const, holdForMs: 1 },
  };
  const { identity } = recorded;
  const input = { identity, previousRunId: runIdOf(runOf(recorded, -1)), connector: 'oracleORC', options, ...asked };
  return runIn(env, () => activities.recall(input));
}
