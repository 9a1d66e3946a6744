import { z } from 'zod';

/** Passed and failed, as the last line of `npm test` adds them up. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
}

const jestResults = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  testResults: z.array(z.object({ status: z.string(), assertionResults: z.array(z.object({ status: z.string() })) })),
});

/**
 * Counts what Jest wrote with `--json --outputFile`.
 *
 * A file that failed though none of its tests did (it could not be loaded, or a hook failed) counts as one failure, and
 * so does a run that ended badly without a failure in its results, or without results at all.
 *
 * @param exitCode how Jest ended
 * @param readResults gives the text of the file; it may throw
 */
export function countJest(exitCode: number, readResults: () => string): Count {
  const results = parse(readResults);
  if (results === undefined) return { passed: 0, failed: 1 };
  const brokenFiles = results.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  );
  const failed = results.numFailedTests + brokenFiles.length;
  return { passed: results.numPassedTests, failed: failed === 0 && exitCode !== 0 ? 1 : failed };
}

function parse(readResults: () => string): z.infer<typeof jestResults> | undefined {
  try {
    return jestResults.parse(JSON.parse(readResults()));
  } catch {
    return undefined;
  }
}
