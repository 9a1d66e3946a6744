import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

/**
 * Bundles the built workflows (`dist/workflows/index.js`) into `dist/workflow-bundle.js`, from which a worker starts
 * without webpack. The worker must have the same SDK version.
 *
 * @param dist folder of the build
 * @returns path of the bundle
 * @throws Error if webpack fails, for example because workflow code imports a module that workflows must not use
 */
export async function bundleWorkflows(dist: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows', 'index.js'),
    // Without it, messages of failures would stay readable. A missing file fails the build.
    failureConverterPath: join(dist, 'security', 'encryption', 'failure-converter.js'),
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
