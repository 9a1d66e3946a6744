import { z } from 'zod';
import { eventsOf } from '../../history/events';
import { identityOf } from '../identity';
import { isObject } from '../../util/objects';
import { checkRequest } from '../../push/check';
import { correctedInput, type Correctable } from '../../protocol/corrections';
import { WORKFLOW_TYPES, type Action } from '../../protocol/names';
import type { ActionParameters, JsonObject, RetryArgs } from '../../protocol/messages';
import type { ClientContext } from '../context';
import { OperationRefusedError } from './errors';
import { type FoundRun } from './find';
import { withReconnect } from '../reconnect';

/** What `retry` shall correct; objects inside the groups are merged with what is there. */
export interface Corrections {
  readonly actionParameters?: JsonObject | undefined;
  readonly originParameters?: JsonObject | undefined;
  readonly targetParameters?: JsonObject | undefined;
}

const group = z.custom<JsonObject>(isObject);

const inputSchema = z.object({
  connector: z.string(),
  enrich: z.boolean(),
  actionParameters: z.custom<ActionParameters>(isObject),
  originParameters: group,
  targetParameters: group,
});
type Input = z.infer<typeof inputSchema>;

const retryArgsSchema: z.ZodType<RetryArgs> = z.object({
  actionParameters: z.custom<NonNullable<RetryArgs['actionParameters']>>(isObject).optional(),
  originParameters: group.optional(),
  targetParameters: group.optional(),
  enrich: z.boolean().optional(),
});

/**
 * The argument of the update `retry`: what differs from the run's input as earlier corrections left it. The corrected request is
 * checked as a whole before the run hears of it.
 *
 * @throws InputError naming path and reason; OperationRefusedError if it would be another push
 */
export async function correctionsOf(
  context: ClientContext,
  run: FoundRun,
  corrections: Corrections,
): Promise<RetryArgs> {
  if (Object.values(corrections).every((part) => part === undefined)) return {};
  const current = await readInput(context, run);
  const action = actionOf(run);
  const wanted = {
    actionParameters: merged(current.actionParameters, corrections.actionParameters),
    originParameters: merged(current.originParameters, corrections.originParameters),
    targetParameters: merged(current.targetParameters, corrections.targetParameters),
  };
  const { source, target, definition } = checkRequest(current.connector, action, wanted, context.encrypted);
  if (identityOf(current.connector, action, source, target).hash !== run.memo.identity) {
    throw new OperationRefusedError(
      'With these corrections it would be another push: abandon this run and start the right push.',
    );
  }
  const enrich = target.create !== null && target.enrichment !== null;
  return {
    ...difference('actionParameters', current.actionParameters, wanted.actionParameters),
    ...difference('originParameters', current.originParameters, wanted.originParameters),
    ...difference('targetParameters', current.targetParameters, wanted.targetParameters, definition.identityParameters),
    ...(enrich === current.enrich ? {} : { enrich }),
  };
}

function actionOf({ summary }: FoundRun): Action {
  const action = WORKFLOW_TYPES.find((type) => type === summary.action);
  if (action) return action;
  throw new OperationRefusedError(
    `This version knows no action ${summary.action}: use the version that started the run.`,
  );
}

/**
 * Returns the members that differ. If none does, returns nothing, so that the run keeps its documents. For the same destination, another
 * spelling is no difference.
 */
function difference(
  name: keyof Corrections,
  before: object,
  after: JsonObject,
  place: readonly string[] = [],
): Partial<Record<keyof Corrections, JsonObject>> {
  const old = new Map<string, unknown>(Object.entries(before));
  const changed = Object.entries(after).filter(
    ([key, value]) => !place.includes(key) && JSON.stringify(value) !== JSON.stringify(old.get(key)),
  );
  return changed.length === 0 ? {} : { [name]: Object.fromEntries(changed) };
}

function merged(before: object, corrections: JsonObject | undefined): JsonObject {
  const result = new Map<string, unknown>(Object.entries(before));
  for (const [key, value] of Object.entries(corrections ?? {})) {
    const old = result.get(key);
    result.set(key, isObject(value) && isObject(old) ? merged(old, value) : value);
  }
  return Object.fromEntries(result);
}

/** The input of the run with the corrections of earlier retries, which only its history knows. */
async function readInput({ temporal: client }: ClientContext, { summary }: FoundRun): Promise<Input> {
  const handle = client.workflow.getHandle(summary.workflowId, summary.runId);
  const history = await withReconnect(() => handle.fetchHistory());
  let input: Input | null = null;
  for (const event of eventsOf(history, client.options.loadedDataConverter)) {
    if (event.kind === 'runStarted') input = inputSchema.parse(await event.input());
    if (event.kind === 'updateAccepted' && event.name === 'retry' && input)
      input = followed(input, retryArgsSchema.safeParse(await event.args()).data);
  }
  if (!input) throw new OperationRefusedError('The history of the run cannot be read.');
  return input;
}

function followed<T extends Correctable>(input: T, corrections: RetryArgs | undefined): T {
  return corrections ? correctedInput(input, corrections) : input;
}
