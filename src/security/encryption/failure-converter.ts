import { DefaultFailureConverter } from '@temporalio/common';

/**
 * Moves message and stack trace of every failure into a payload, so that the payload codec encrypts them. What stays
 * readable is the type of the failure and whether it is retried. The workflow sandbox loads this module by its path:
 * it must import nothing but `@temporalio/common`.
 */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });
