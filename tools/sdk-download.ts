import { TestWorkflowEnvironment } from '@temporalio/testing';

/**
 * `sdk-download.ts temporal|temporal-test-server FOLDER`: makes the Temporal SDK download a server into the folder. The
 * SDK offers this only as part of starting one, so this starts and stops it.
 */
async function main([kind, downloadDir]: readonly string[]): Promise<void> {
  if (downloadDir === undefined) throw new Error('usage: sdk-download.ts temporal|temporal-test-server FOLDER');
  const executable = { type: 'cached-download', downloadDir } as const;
  const environment =
    kind === 'temporal'
      ? await TestWorkflowEnvironment.createLocal({ server: { executable } })
      : await TestWorkflowEnvironment.createTimeSkipping({ server: { executable } });
  await environment.teardown();
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
