/** Thrown by a handler for a request that the system refuses with 400; the message is for the sender. */
export class Refusal extends Error {
  /** @param path - JSON pointer to the invalid value, if the system returns it */
  constructor(
    message: string,
    readonly path = '',
  ) {
    super(message);
  }
}
