import type { Connector, ProfileSource } from './connector';
import { flatchr } from './flatchr';
import { hrflow } from './hrflow';
import { oracleORC } from './oracleorc';
import { talentSoft } from './talentsoft';

/** Every target system by its name. A new one is a folder beside these and one line here. */
export const connectorsByName = { talentSoft, oracleORC, flatchr };

export type ConnectorsByName = typeof connectorsByName;

/** The same as a list. */
export const connectors: readonly Connector[] = Object.values(connectorsByName);

/** Where profiles come from. */
export const profileSource: ProfileSource = hrflow;

/** The connector of that name; undefined where there is none. */
export function findConnector(name: string): Connector | undefined {
  return connectors.find((connector) => connector.name === name);
}
