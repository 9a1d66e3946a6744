/** What a simulator sends back: everything but the moment and the way it is sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A request that passed every check: nothing is stored before `commit` runs. */
export interface Commit {
  /** Stores what was asked for and says what the client is told. */
  commit(): Answer;
}

/** A handler answers at once (reads, refusals) or names what is to be committed. */
export type Reply = Answer | Commit;

/**
 * Builds an answer with a body of any media type.
 *
 * @param contentType - left out of the headers when empty
 */
export function answer(status: number, contentType: string, body: string | Buffer): Answer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  return { status, headers: contentType === '' ? {} : { 'Content-Type': contentType }, body: bytes };
}

/** Builds a JSON answer; the media type is exactly `application/json` unless another one is named. */
export function jsonAnswer(status: number, value: unknown, contentType = 'application/json'): Answer {
  return answer(status, contentType, JSON.stringify(value));
}

/** Builds the kind of page that a proxy or a crashed server puts in front of an API. */
export function htmlAnswer(status: number): Answer {
  const head = `<!DOCTYPE html><html><head><title>${status}</title></head>`;
  const page = `${head}<body><h1>Status ${status}</h1></body></html>`;
  return answer(status, 'text/html; charset=utf-8', page);
}

/** The same answer with more headers. */
export function withHeaders(plain: Answer, headers: Record<string, string>): Answer {
  return { ...plain, headers: { ...plain.headers, ...headers } };
}
