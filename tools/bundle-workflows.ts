import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * Bundles the built workflows (`dist/workflows/index.js`) into `dist/workflow-bundle.js`, from which a worker starts
 * without webpack. A worker of the same SDK version must run it.
 *
 * @param dist folder of the build
 * @returns path of the bundle
 * @throws Error when webpack fails, for example because workflow code reaches a module that workflows must not use
 */
export async function bundleWorkflows(dist: string): Promise<string> {
  const failureConverter = join(dist, 'security', 'failure-converter.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows', 'index.js'),
    failureConverterPath: existsSync(failureConverter) ? failureConverter : undefined,
    logger: new DefaultLogger('WARN', ({ level, message }) => {
      process.stderr.write(`${level} ${message}\n`);
    }),
  });
  const target = join(dist, 'workflow-bundle.js');
  await writeFile(target, code);
  return target;
}

if (require.main === module) {
  bundleWorkflows(join(__dirname, '..', 'dist')).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  });
}
