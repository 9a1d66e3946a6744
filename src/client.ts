/**
 * The typed client: starts pushes and waits for them. It does not load the native part of the SDK.
 */
import type { WorkflowHandle } from '@temporalio/client';
import type { z } from 'zod';
import { openContext, type ClientContext, type ConnectOptions } from './client/context';
import { checkPush, type StartRequest } from './client/request';
import { startPush } from './client/start';
import { createRuns, type Runs } from './client/runs';
import { push, type PushNotices } from './client/wait';
import type { Connector } from './connectors/connector';
import type { originParametersSchema } from './connectors/hrflow/parameters';
import { connectors, connectorsByName, type ConnectorsByName } from './connectors/registry';
import type { actionParametersSchema } from './push/action-parameters';
import { WORKFLOW_TYPES, type Action } from './protocol/names';
import type { RunResult } from './protocol/messages';

export type { ConnectOptions } from './client/context';
export { PushError } from './client/errors';
export { TemporalUnreachableError } from './client/reach';
export type { AcceptedRun, Runs } from './client/runs';
export type { Corrections } from './client/runs/corrections';
export { OperationRefusedError, OperationUnansweredError } from './client/runs/errors';
export { LISTED_STATES, type ListedState, type RunSummary } from './client/runs/summary';
export type { RunFilter } from './client/runs/list';
export type { RunDetails, ShownParameters, TimelineEntry } from './client/runs/show';
export type { RepeatedStep } from './client/runs/repeated-steps';
export type { PushEnd, PushNotices } from './client/wait';
export { InputError } from './protocol/errors';
export {
  EncryptionKeyInvalidError,
  EncryptionKeyMissingError,
  KeyRing,
  parseKeyRing,
} from './security/encryption/key-ring';
export type { RunResult } from './protocol/messages';

/** What a push of one connector is asked with: the parameter groups of the Python library. */
export interface Request<TargetParameters> {
  readonly originParameters: z.input<typeof originParametersSchema>;
  readonly targetParameters: TargetParameters;
  readonly actionParameters?: z.input<typeof actionParametersSchema>;
  /** Names this one run and replaces the derived id. Leave it out, and the same push is the same run. */
  readonly workflowId?: string;
  /** A deliberate second application of the same profile at the same destination. */
  readonly again?: boolean;
}

type ActionOf<C extends Connector> = keyof C['actions'] & Action;
type TargetOf<C extends Connector, A extends ActionOf<C>> = C['actions'][A] extends { readonly parameters: infer S }
  ? S extends z.ZodType
    ? z.input<S>
    : never
  : never;

/** The actions of one connector. */
export type ConnectorClient<C extends Connector> = {
  /**
   * Starts the push, or joins it if it is in progress, and waits for its end. The same push is one run.
   *
   * @throws InputError naming path and reason, before anything is sent
   * @throws PushError with reason, stage, who must act, the next step, and the result as far as it is known
   */
  readonly [A in ActionOf<C>]: (request: Request<TargetOf<C, A>>, notices?: PushNotices) => Promise<RunResult>;
} & {
  /** Starts or joins the push and answers with the handle of its run, without waiting. */
  readonly [A in ActionOf<C> as `start${Capitalize<A>}`]: (request: Request<TargetOf<C, A>>) => Promise<WorkflowHandle>;
};

/** Every connector by its name, and the end of the connection. */
export type HrflowClient = { readonly [N in keyof ConnectorsByName]: ConnectorClient<ConnectorsByName[N]> } & {
  /** What operators do with runs: list, show, retry, resolve and abandon them. */
  readonly runs: Runs;
  close(): Promise<void>;
};

/**
 * Connects to Temporal with what the environment says; options override it.
 *
 * @throws EncryptionKeyMissingError if no key is set and encryption is not switched off explicitly
 * @throws TemporalUnreachableError if no server answers for 10 s, and at once if it refuses this client or lacks the namespace
 */
export async function connect(options: ConnectOptions = {}): Promise<HrflowClient> {
  return clientOver(await openContext(options));
}

function clientOver(context: ClientContext): HrflowClient {
  const clients = connectors.map((connector) => [connector.name, actionsOf(context, connector)] as const);
  const own = { runs: createRuns(context), close: () => context.close() };
  const client: object = { ...Object.fromEntries(clients), ...own };
  if (!isClient(client)) throw new Error('a connector is registered under another name than its own');
  return client;
}

/** The registry decides at run time what its type says at compile time. */
function isClient(value: object): value is HrflowClient {
  return Object.keys(connectorsByName).every((name) => name in value);
}

function actionsOf(context: ClientContext, connector: Connector): Record<string, unknown> {
  const actions = WORKFLOW_TYPES.filter((action) => connector.actions[action] !== undefined);
  const entries = actions.flatMap((action): [string, unknown][] => [
    [
      action,
      (request: StartRequest, notices?: PushNotices) => pushAndWait(context, connector, action, request, notices),
    ],
    [
      `start${action[0]?.toUpperCase()}${action.slice(1)}`,
      (request: StartRequest) => startOnly(context, connector, action, request),
    ],
  ]);
  return Object.fromEntries(entries);
}

async function pushAndWait(
  context: ClientContext,
  connector: Connector,
  action: Action,
  request: StartRequest,
  notices: PushNotices = {},
): Promise<RunResult> {
  const checked = checkPush(connector.name, action, request, context.encrypted);
  return (await push(context, checked, notices)).result;
}

async function startOnly(
  context: ClientContext,
  connector: Connector,
  action: Action,
  request: StartRequest,
): Promise<WorkflowHandle> {
  const checked = checkPush(connector.name, action, request, context.encrypted);
  const started = await startPush(context, checked);
  return context.temporal.workflow.getHandle(checked.workflowId, started.runId);
}
