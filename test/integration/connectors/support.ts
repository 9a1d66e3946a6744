import { checkPush } from '../../../src/client/request';
import { push } from '../../../src/client/wait';
import type { Action } from '../../../src/protocol/names';
import type { RunResult } from '../../../src/protocol/messages';
import type { Groups, Harness } from '../../support/harness';

/** Starts a push as the client does and waits for its end. Accepts parameters of any type. */
export async function pushWith(
  { context }: Harness,
  connector: string,
  request: Groups & { actionParameters?: Record<string, unknown> },
  action: Action = 'pushProfile',
): Promise<RunResult> {
  return (await push(context, checkPush(connector, action, request, context.encrypted), {})).result;
}

/** Returns the requests of one operation that a simulator received. */
export function received(
  harness: Harness,
  system: 'hrflow' | 'talentSoft' | 'oracleORC' | 'flatchr',
  operation: string,
) {
  return harness.simulators[system].requests.filter((request) => request.operation === operation);
}
