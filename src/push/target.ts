import { connectorAction } from '../connectors/lookup';
import { ZodError } from 'zod';
import type { ConnectorAction, OpenAction } from '../connectors/connector';
import { StepFailure } from '../protocol/errors';
import { describeIssues } from '../util/zod-issues';
import { InputError } from './check';
import type { Action } from '../protocol/names';
import type { JsonObject } from '../protocol/messages';
import type { Dependencies } from './dependencies';
import { createIo, type WorkerIo } from './context';
import { stepName } from '../activities/step';

/** An action with its parameters and its way out. */
export interface Target {
  readonly title: string;
  readonly action: OpenAction;
  readonly io: WorkerIo;
}

export function openTarget(
  dependencies: Dependencies,
  input: { readonly connector: string; readonly action: Action; readonly targetParameters: JsonObject },
  signal?: AbortSignal,
): Target {
  const { connector, definition } = connectorAction(input.connector, input.action);
  const action = open(definition, input.targetParameters);
  const { name: system, title } = connector;
  const io = createIo(dependencies, {
    system,
    title,
    account: action.account,
    ...(signal && { signal, place: stepName() }),
  });
  return { title, action, io };
}

/** The parameters were checked at the start, but `retry` may have corrected them since. */
function open(definition: ConnectorAction, targetParameters: JsonObject): OpenAction {
  try {
    return definition.open(targetParameters);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    throw new InputError('bad_target_parameters', describeIssues(error, ['targetParameters']));
  }
}

/** Runs something that needs credentials; after a 401 once more with fresh tokens. A second 401 is final. */
export async function withFreshTokens<T>({ io }: Target, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!isUnauthorised(error)) throw error;
    io.dropTokens();
  }
  try {
    return await run();
  } catch (error) {
    throw isUnauthorised(error) ? error.asFinal() : error;
  }
}

function isUnauthorised(error: unknown): error is StepFailure {
  return error instanceof StepFailure && error.facts.type === 'auth' && error.facts.retryable;
}
