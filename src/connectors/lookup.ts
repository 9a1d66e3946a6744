import type { Action } from '../protocol/names';
import type { Connector, ConnectorAction } from './connector';
import { findConnector } from './registry';

/**
 * Returns the definition of an action that was checked before.
 *
 * @throws Error if there is none
 */
export function connectorAction(name: string, action: Action): { connector: Connector; definition: ConnectorAction } {
  const connector = findConnector(name);
  const definition = connector?.actions[action];
  if (!connector || !definition) throw new Error(`${name} has no action ${action}`);
  return { connector, definition };
}
