/** The response of a simulator, without when and how it is sent. */
export interface Answer {
  status: number;
  headers: Record<string, string>;
  body: Buffer;
}

/** A request that passed every check: nothing is stored before `commit` runs. */
export interface Commit {
  /** Stores what was requested and returns the response. */
  commit(): Answer;
}

/** A handler responds at once (reads, refusals) or returns what to commit. */
export type Reply = Answer | Commit;

/**
 * Builds a response with a body of any media type.
 *
 * @param contentType - omitted from the headers if empty
 */
export function answer(status: number, contentType: string, body: string | Buffer): Answer {
  const bytes = typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
  return { status, headers: contentType === '' ? {} : { 'Content-Type': contentType }, body: bytes };
}

/** Builds a JSON response with the media type `application/json` unless another one is given. */
export function jsonAnswer(status: number, value: unknown, contentType = 'application/json'): Answer {
  return answer(status, contentType, JSON.stringify(value));
}

/** Builds an HTML page as a proxy or a crashed server returns it instead of the API. */
export function htmlAnswer(status: number): Answer {
  const head = `<!DOCTYPE html><html><head><title>${status}</title></head>`;
  const page = `${head}<body><h1>Status ${status}</h1></body></html>`;
  return answer(status, 'text/html; charset=utf-8', page);
}

/** Returns the same response with more headers. */
export function withHeaders(plain: Answer, headers: Record<string, string>): Answer {
  return { ...plain, headers: { ...plain.headers, ...headers } };
}
