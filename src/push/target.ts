import { connectorAction } from '../connectors/lookup';
import { ZodError } from 'zod';
import type { ConnectorAction, BoundAction } from '../connectors/connector';
import { StepError, InputError } from '../protocol/errors';
import { describeIssues } from '../util/zod-issues';
import type { Action } from '../protocol/names';
import type { JsonObject } from '../protocol/messages';
import type { Dependencies } from './dependencies';
import { createContext, type WorkerContext } from './context';
import type { StepScope } from './scope';

/** An action with its parameters and its way out. */
export interface Target {
  readonly title: string;
  readonly action: BoundAction;
  readonly ctx: WorkerContext;
}

export function bindTarget(
  dependencies: Dependencies,
  input: { readonly connector: string; readonly action: Action; readonly targetParameters: JsonObject },
  scope: StepScope,
): Target {
  const { connector, definition } = connectorAction(input.connector, input.action);
  const action = bind(definition, input.targetParameters);
  const { name: system, title } = connector;
  const ctx = createContext(dependencies, { system, title, account: action.account }, scope);
  return { title, action, ctx };
}

/** The parameters were checked at the start, but `retry` may have corrected them since. */
function bind(definition: ConnectorAction, targetParameters: JsonObject): BoundAction {
  try {
    return definition.bind(targetParameters);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    throw new InputError('bad_target_parameters', describeIssues(error, ['targetParameters']));
  }
}

/** Runs something that needs credentials; after a 401 once more with fresh tokens. A second 401 is final. */
export async function withFreshTokens<T>({ ctx }: Target, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isUnauthorised(error)) throw error;
    ctx.dropTokens();
  }
  try {
    return await run();
  } catch (error) {
    throw isUnauthorised(error) ? error.asFinal() : error;
  }
}

function isUnauthorised(error: unknown): error is StepError {
  return error instanceof StepError && error.facts.type === 'auth' && error.facts.retryable;
}
