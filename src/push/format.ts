import { z } from 'zod';
import { connectorAction } from '../connectors/lookup';
import { type BoundAction, profileSchema, type Profile } from '../connectors/connector';
import { fileFacts } from './file-facts';
import { withWellFormedTexts } from '../util/spelling';
import { StepError } from '../protocol/errors';
import { functionsNamed } from './functions';
import { describeIssues } from '../util/zod-issues';
import { withoutSecrets } from '../security/sensitivity';
import { settingsOf } from '../config/settings';
import type { FormatAnswer, FormatInput, JsonObject } from '../protocol/messages';
import type { Dependencies } from './dependencies';
import { assertDocumentsFit } from './payload-size';

/**
 * Makes the documents of an action: the connector's own, or those of a custom format, which are checked against the schema of the
 * action.
 *
 * @param now in epoch milliseconds
 */
export async function makeDocuments(
  dependencies: Pick<Dependencies, 'settings' | 'functions'>,
  input: FormatInput,
  now: number,
): Promise<FormatAnswer> {
  const { definition } = connectorAction(input.connector, input.action);
  const target = definition.bind(input.targetParameters);
  const profile = profileSchema.parse(input.profile);
  const settings = settingsOf(dependencies.settings, input.connector);
  const own = input.format === undefined ? null : await ownDocument(dependencies, input, profile, definition);
  const { document, enrichment } = withWellFormedTexts({
    document: target.create && (own ?? target.create.format(profile, settings, now)),
    enrichment: enrichmentDocument(target, own, () => target.enrichment?.format(profile, settings, now) ?? null),
  });
  const lookupKeys = document && target.create ? target.create.lookupKeys(document) : null;
  const files = document ? fileFacts(profile, document) : [];
  const documents = { document, enrichment, lookupKeys, files };
  const next = { targetParameters: input.targetParameters, document: document ?? enrichment, files };
  assertDocumentsFit({ profile: input.recorded ? profile : null, documents, input: next });
  return documents;
}

type Definition = ReturnType<typeof connectorAction>['definition'];

/** In a push with enrichment the user's format makes the document of the push; the enrichment uses the default. */
function enrichmentDocument(
  target: BoundAction,
  own: JsonObject | null,
  makeDefault: () => JsonObject | null,
): JsonObject | null {
  if (!target.enrichment) return null;
  return (target.create ? null : own) ?? makeDefault();
}

async function ownDocument(
  { functions }: Pick<Dependencies, 'functions'>,
  input: FormatInput,
  profile: Profile,
  definition: Definition,
): Promise<JsonObject> {
  const name = input.format ?? '';
  const [make] = functionsNamed('format', functions.formats, [name]);
  const context = {
    connector: input.connector,
    action: input.action,
    targetParameters: withoutSecrets(definition.parameters, input.targetParameters),
  };
  let document: unknown;
  try {
    document = await make?.(profile, context);
  } catch (error) {
    throw failed(`The format "${name}" threw ${error instanceof Error ? error.name : 'something'}.`);
  }
  const checked = z.intersection(definition.document, z.looseObject({})).safeParse(written(document, name));
  if (!checked.success)
    throw failed(`The format "${name}" returned a document with faults: ${describeIssues(checked.error)}.`);
  return { ...checked.data };
}

/** The document as it is sent: what JSON leaves out or writes otherwise (a date, for example) is not there for a lookup either. */
function written(document: unknown, name: string): unknown {
  if (document === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(JSON.stringify(document));
    return value;
  } catch {
    throw failed(`The format "${name}" returned what JSON cannot hold.`);
  }
}

function failed(message: string): StepError {
  const nextStep = 'Fix the format on the worker, then retry.';
  return new StepError({ type: 'format', message, nextStep });
}
