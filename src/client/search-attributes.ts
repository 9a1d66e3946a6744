import { isGrpcServiceError, type Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { SEARCH_ATTRIBUTE_NAMES, SEARCH_ATTRIBUTES } from '../protocol/names';
import { isTransient } from './reconnect';

const { INDEXED_VALUE_TYPE_KEYWORD } = temporal.api.enums.v1.IndexedValueType;

/** Those that a start sends. The workflow adds the outcome later, and a refusal there would block it forever. */
const SENT_AT_THE_START = SEARCH_ATTRIBUTE_NAMES.filter((name) => name !== SEARCH_ATTRIBUTES.outcome);

type Lister = Pick<Connection['operatorService'], 'listSearchAttributes'>;

/** Those of our search attributes that the server has as keywords; one of another type would be refused like an unknown one. */
export async function readSearchAttributes(lister: Lister, namespace: string): Promise<readonly string[]> {
  const { customAttributes } = await lister.listSearchAttributes({ namespace });
  return SEARCH_ATTRIBUTE_NAMES.filter((name) => customAttributes[name] === INDEXED_VALUE_TYPE_KEYWORD);
}

/**
 * Asks once per connection which of our search attributes the server knows. Where the client may not ask, it supposes those that
 * a start sends: a start that is refused is repeated without any. A server that does not answer is asked again next time.
 */
export function knownSearchAttributes(lister: Lister, namespace: string): () => Promise<readonly string[]> {
  let known: Promise<readonly string[]> | null = null;
  return async () => {
    try {
      return await (known ??= readSearchAttributes(lister, namespace));
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      known = isTransient(error) ? null : Promise.resolve(SENT_AT_THE_START);
      return SENT_AT_THE_START;
    }
  };
}
