import { createHash } from 'node:crypto';
import type { BoundAction, BoundSource } from '../connectors/connector';
import type { Action } from '../protocol/names';

/** How derived workflow ids begin. */
export const DERIVED = 'hrflow/';

/** What makes a push the same push. */
export interface Identity {
  readonly workflowId: string;
  /** Hash of the whole identity: what a run's memo holds, to tell pushes of one workflow id apart. */
  readonly hash: string;
}

/**
 * The identity of a push: connector, action, source key, profile key and place. The recipe of the workflow id never changes: runs of
 * earlier releases are found by it. Credentials and `actionParameters` are not part of it.
 */
export function identityOf(connector: string, action: Action, source: BoundSource, target: BoundAction): Identity {
  const list = [connector, action, source.sourceKey, source.profileKey, target.destination];
  const hash = createHash('sha256').update(JSON.stringify(list), 'utf8').digest('hex');
  return { workflowId: `${DERIVED}${source.profileKey}/${connector}.${action}/${hash.slice(0, 12)}`, hash };
}
