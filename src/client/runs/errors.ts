/** The operation cannot be applied to that run, now or ever. The message says why, in this package's own words. */
export class OperationRefusedError extends Error {
  override readonly name = 'OperationRefusedError';
}

/** No worker accepted the operation in time. It may still be accepted. */
export class OperationUnansweredError extends Error {
  override readonly name = 'OperationUnansweredError';
}
