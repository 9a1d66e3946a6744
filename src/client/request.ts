import { createHash, randomUUID } from 'node:crypto';
import type { WorkflowStartOptions } from '@temporalio/client';
import { defineSearchAttributeKey, type SearchAttributePair } from '@temporalio/common';
import { DERIVED, identityOf, type Identity } from './identity';
import { z } from 'zod';
import { describeIssues } from '../util/zod-issues';
import { isObject } from '../util/objects';
import { checkRequest } from '../push/check';
import { holdForMs } from '../push/action-parameters';
import { InputError } from '../protocol/errors';
import { SEARCH_ATTRIBUTES, type Action } from '../protocol/names';
import type { ActionParameters, JsonObject, PushRequest, RunInput } from '../protocol/messages';
import type { RunMemo } from '../history/stored-shapes';

/** A push as an app asks for it. */
export interface StartRequest extends PushRequest {
  /** Names this one run and replaces the derived id. Leave it out, and the same push is the same run. */
  readonly workflowId?: string;
  /** A deliberate second application of the same profile at the same destination. */
  readonly again?: boolean;
}

/** The members of a request, whose groups `checkRequest` checks in depth. */
const requestSchema = z.strictObject({
  workflowId: z.string().regex(/\S/, 'must not be blank').max(900, 'must have at most 900 characters').optional(),
  again: z.boolean().optional(),
  actionParameters: z.custom<Partial<ActionParameters>>(isObject, 'expected an object').optional(),
  originParameters: z.custom<JsonObject>(isObject, 'expected an object').default({}),
  targetParameters: z.custom<JsonObject>(isObject, 'expected an object').default({}),
});

/**
 * A request with all its groups and nothing that is not known.
 *
 * @throws InputError naming path and reason
 */
export function wholeRequest(request: unknown): StartRequest {
  const checked = requestSchema.safeParse(request);
  if (checked.success) return checked.data;
  throw new InputError('', describeIssues(checked.error));
}

/** A checked push, ready to be started. */
export interface CheckedPush {
  readonly action: Action;
  readonly workflowId: string;
  readonly identity: Identity;
  readonly again: boolean;
  /** Tells our start from others of the same push. */
  readonly startId: string;
  readonly enrich: boolean;
  readonly input: Omit<RunInput, 'previousRun' | 'searchAttributes'>;
  readonly account: string;
}

/**
 * Checks a request before anything is sent.
 *
 * @throws InputError naming the path and the reason
 */
export function checkPush(connector: string, action: Action, asked: StartRequest, encrypted: boolean): CheckedPush {
  const request = wholeRequest(asked);
  const checked = checkRequest(connector, action, request, encrypted);
  const { target, source, actionParameters } = checked;
  const identity = identityOf(checked.connector.name, action, source, target);
  assertOwnName(request.workflowId, identity);
  const enrich = target.create !== null && target.enrichment !== null;
  return {
    action,
    workflowId: request.workflowId ?? identity.workflowId,
    identity,
    again: request.again ?? false,
    startId: randomUUID(),
    enrich,
    account: target.account,
    input: {
      connector: checked.connector.name,
      title: checked.connector.title,
      profileKey: source.profileKey,
      identity: identity.hash,
      enrich,
      again: request.again ?? false,
      identityParameters: checked.definition.identityParameters,
      holdForMs: holdForMs(actionParameters),
      actionParameters,
      originParameters: request.originParameters,
      targetParameters: request.targetParameters,
    },
  };
}

/** A name that looks derived would stand in the way of the push whose name it is. */
function assertOwnName(workflowId: string | undefined, identity: Identity): void {
  if (!workflowId?.startsWith(DERIVED) || workflowId === identity.workflowId) return;
  throw new InputError(
    '',
    `workflowId: ids that begin with "${DERIVED}" are derived; leave it out, or give another one`,
  );
}

/** What every start of a push has in common, whatever the id policies. */
export function startOptions(
  push: CheckedPush,
  taskQueue: string,
  searchAttributes: readonly string[],
  previousRun: RunInput['previousRun'],
): WorkflowStartOptions<(input: RunInput) => Promise<unknown>> {
  const { input, identity, startId, action } = push;
  const memo: RunMemo = {
    startId,
    identity: identity.hash,
    connector: input.connector,
    action,
    profileKey: input.profileKey,
  };
  return {
    taskQueue,
    workflowId: push.workflowId,
    args: [{ ...input, previousRun, searchAttributes }],
    memo,
    typedSearchAttributes: attributesOf(push).filter(({ key }) => searchAttributes.includes(key.name)),
    priority: { fairnessKey: fairnessKey(push) },
    staticSummary: `${action} to ${input.title}`,
  };
}

function attributesOf({ input, action, account }: CheckedPush): SearchAttributePair[] {
  const values = [
    [SEARCH_ATTRIBUTES.connector, input.connector],
    [SEARCH_ATTRIBUTES.action, action],
    [SEARCH_ATTRIBUTES.state, 'running'],
    [SEARCH_ATTRIBUTES.account, account],
  ] as const;
  return values.map(([name, value]) => ({ key: defineSearchAttributeKey(name, 'KEYWORD'), value }));
}

/** Lets operators cap one account on servers that have fairness, without telling whose it is. */
function fairnessKey({ input, account }: CheckedPush): string {
  return createHash('sha256').update(`${input.connector}/${account}`, 'utf8').digest('hex').slice(0, 32);
}
