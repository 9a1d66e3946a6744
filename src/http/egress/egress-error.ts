/** Why no connection came about. In all cases no byte of the request was sent. */
export type EgressErrorCode =
  | 'blocked'
  /** The resolver gave no answer, or says of a name that it knew before that there is none. */
  | 'dns'
  /** There is no such name: a mistake in the address. */
  | 'unknown_host'
  | 'refused'
  | 'tls'
  /** The certificate is not accepted, or TLS is not spoken: asking again does not help. */
  | 'bad_tls'
  /** The proxy does not let the worker through: asking again does not help. */
  | 'proxy_refused'
  | 'connect_timeout'
  | 'aborted';

/**
 * No connection was made, or none was allowed. The message names scheme, host and port at most: paths and queries may
 * hold personal data, and the addresses of a host tell about the inside of a network.
 */
export class EgressError extends Error {
  override readonly name = 'EgressError';

  /**
   * @param where the origin, as far as it is known
   * @param options the error of the operating system as `cause`, if there is one
   */
  constructor(
    readonly code: EgressErrorCode,
    where: string,
    problem: string,
    options?: ErrorOptions,
  ) {
    super(`${where}: ${problem}`, options);
  }
}
