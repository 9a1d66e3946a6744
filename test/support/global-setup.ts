import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { startDevServer, type DevServer } from '../../tools/dev-server';

declare global {
  var integrationServer: DevServer | undefined;
  var integrationFolder: string | undefined;
}

/** Starts one Temporal server and builds one workflow bundle for all integration tests. Environment variables name them. */
export default async function globalSetup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-test-'));
  const [server, { code }] = await Promise.all([
    startDevServer({ logFile: join(folder, 'server.log') }),
    bundleWorkflowCode({
      workflowsPath: require.resolve('./workflows'),
      failureConverterPath: require.resolve('../../src/security/encryption/failure-converter'),
      logger: new DefaultLogger('ERROR'),
    }),
  ]);
  const bundle = join(folder, 'workflow-bundle.js');
  writeFileSync(bundle, code);
  globalThis.integrationServer = server;
  globalThis.integrationFolder = folder;
  process.env['TEST_TEMPORAL_ADDRESS'] = server.address;
  process.env['TEST_WORKFLOW_BUNDLE'] = bundle;
}
