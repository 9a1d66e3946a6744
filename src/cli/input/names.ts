import { InvalidArgumentError } from 'commander';
import type { Connector } from '../../connectors/connector';
import { connectors } from '../../connectors/registry';
import { WORKFLOW_TYPES, type Action } from '../../protocol/names';
import { UsageError } from '../cli';

/**
 * The connector of that name, if it has the action.
 *
 * @throws UsageError with the names that there are
 */
export function assertConnector(name: string, action?: Action): Connector {
  const fitting = connectors.filter(({ actions }) => action === undefined || actions[action] !== undefined);
  const found = fitting.find((connector) => connector.name === name);
  if (found) return found;
  const known = fitting.map((connector) => connector.name).join(', ');
  throw new UsageError(`there is no connector "${name}"${action ? ` with ${action}` : ''}; there are: ${known}`);
}

/** For commander: a whole number from 1. */
export function parseCount(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('expected a whole number from 1 to 999999');
}

/** For commander: the name of an action. */
export function parseAction(text: string): Action {
  const found = WORKFLOW_TYPES.find((action) => action === text);
  if (found) return found;
  throw new InvalidArgumentError(`expected one of ${WORKFLOW_TYPES.join(', ')}`);
}
