import type { Connector, ProfileSource } from './connector';
import { flatchr } from './flatchr';
import { hrflow } from './hrflow';
import { oracleORC } from './oracleorc';
import { talentSoft } from './talentsoft';

/** Every target system by its name. A new one needs a folder beside these and one line here. */
export const connectorsByName = { talentSoft, oracleORC, flatchr };

export type ConnectorsByName = typeof connectorsByName;

/** Every target system. */
export const connectors: readonly Connector[] = Object.values(connectorsByName);

/** The system that profiles are read from. */
export const profileSource: ProfileSource = hrflow;

/** Returns the connector of that name; undefined if there is none. */
export function findConnector(name: string): Connector | undefined {
  return connectors.find((connector) => connector.name === name);
}
