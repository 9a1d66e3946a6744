import { z } from 'zod';
import type { Connector, ConnectorAction, BoundAction, BoundSource } from '../connectors/connector';
import { connectors, findConnector, profileSource } from '../connectors/registry';
import { InputError } from '../protocol/errors';
import { actionParametersSchema } from './action-parameters';
import { describeIssues } from '../util/zod-issues';
import { isObject } from '../util/objects';
import { collectSecrets, withoutSecrets } from '../security/sensitivity';
import type { Action, Reason } from '../protocol/names';
import type { PushRequest } from '../protocol/messages';

/** A request whose every parameter was checked. */
export interface CheckedRequest {
  readonly connector: Connector;
  readonly definition: ConnectorAction;
  readonly target: BoundAction;
  readonly source: BoundSource;
  readonly actionParameters: z.infer<typeof actionParametersSchema>;
}

/**
 * Checks everything about a request that can be known without asking anybody; client and worker both call it.
 *
 * @param literalSecrets whether secrets may stand in the request itself: only if payloads are encrypted
 * @throws InputError naming every path that is wrong, and why; never a value
 */
export function checkRequest(
  connectorName: string,
  action: Action,
  request: PushRequest,
  literalSecrets: boolean,
): CheckedRequest {
  const connector = findConnector(connectorName);
  if (!connector) {
    const known = connectors.map(({ name }) => name).join(', ');
    throw new InputError('bad_target_parameters', `there is no connector "${connectorName}"; there are: ${known}`);
  }
  const definition = connector.actions[action];
  if (!definition) throw new InputError('bad_target_parameters', `${connector.name} has no action ${action}`);

  const complaints: Complaint[] = [];
  const actionParameters = check(complaints, 'actionParameters', 'bad_action_parameters', () =>
    actionParametersSchema.parse(request.actionParameters ?? {}),
  );
  const source = check(complaints, 'originParameters', 'bad_origin_parameters', () =>
    profileSource.bind(request.originParameters),
  );
  const target = check(complaints, 'targetParameters', 'bad_target_parameters', () =>
    definition.bind(request.targetParameters),
  );
  complaints.push(
    ...quotedIn('originParameters', 'bad_origin_parameters', profileSource.parameters, request.originParameters),
    ...quotedIn('targetParameters', 'bad_target_parameters', definition.parameters, request.targetParameters),
  );
  if (!actionParameters || !source || !target || complaints.length > 0) throw refusalOf(complaints);
  if (!literalSecrets) {
    refuseLiterals('originParameters', 'bad_origin_parameters', profileSource.parameters, request.originParameters);
    refuseLiterals('targetParameters', 'bad_target_parameters', definition.parameters, request.targetParameters);
  }
  refuseImpossible(actionParameters, target);
  return { connector, definition, target, source, actionParameters };
}

function refuseImpossible(asked: CheckedRequest['actionParameters'], target: BoundAction): void {
  if (asked.read_mode === 'incremental' && !profileSource.supportsIncremental) {
    throw new InputError(
      'origin_does_not_support_incremental',
      `actionParameters.read_mode: ${profileSource.title} cannot be read incrementally; use "sync"`,
    );
  }
  if (asked.lookupFirst && 'unavailable' in target.lookup) {
    throw new InputError('bad_action_parameters', `actionParameters.lookupFirst: ${target.lookup.unavailable}`);
  }
}

interface Complaint {
  readonly reason: Reason;
  readonly message: string;
}

/** The opened group of parameters; null, and a complaint, if it does not fit. */
function check<T extends object>(complaints: Complaint[], group: string, reason: Reason, parse: () => T): T | null {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof z.ZodError)) throw error;
    complaints.push({ reason, message: describeIssues(error, [group]) });
    return null;
  }
}

const QUOTED = /^\s*(?:"[^"]*"|'[^']*'|`[^`]*`|“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*’)\s*$/;
const MAX_DEPTH = 4;

/** A complaint for each parameter that stands in quotes: no key, id or address does, and a system would not find it so. */
function quotedIn(group: string, reason: Reason, schema: z.ZodType, value: unknown): Complaint[] {
  if (!isObject(value)) return [];
  const paths = quotedPaths(withoutSecrets(schema, value), [group]);
  return paths.map((path) => ({ reason, message: `${path}: stands in quotes; give it without them` }));
}

function quotedPaths(value: unknown, path: readonly string[]): string[] {
  if (typeof value === 'string') return QUOTED.test(value) ? [path.join('.')] : [];
  if (!isObject(value) || path.length > MAX_DEPTH) return [];
  return Object.entries(value).flatMap(([name, member]) => quotedPaths(member, [...path, name]));
}

/** One error for all groups, with the reason of the first. */
function refusalOf(complaints: readonly Complaint[]): InputError {
  return new InputError(complaints[0]?.reason ?? '', complaints.map(({ message }) => message).join('; '));
}

function refuseLiterals(group: string, reason: Reason, schema: z.ZodType, value: unknown): void {
  const literals = collectSecrets(schema, value).filter(({ secret }) => typeof secret === 'string');
  if (literals.length === 0) return;
  const paths = literals.map(({ path }) => [group, ...path].join('.')).join(', ');
  throw new InputError(
    reason,
    `${paths}: encryption is off, so a secret has to be a reference such as { "secret": "name" } that the worker resolves`,
  );
}
