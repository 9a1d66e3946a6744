import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { startDevServer, type DevServerOptions } from './dev-server';

/** Runs something with a real server and a workflow bundle, which the test harness finds as it does in a test. */
export async function withRecordingServer(options: DevServerOptions, run: () => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-record-'));
  const server = await startDevServer({ ui: false, ...options });
  try {
    const bundle = join(folder, 'bundle.js');
    const { code } = await bundleWorkflowCode({
      workflowsPath: require.resolve('../test/support/workflows'),
      logger: new DefaultLogger('ERROR'),
    });
    writeFileSync(bundle, code);
    process.env['TEST_TEMPORAL_ADDRESS'] = server.address;
    process.env['TEST_WORKFLOW_BUNDLE'] = bundle;
    await run();
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Removes stack traces and host names: replay does not need them, and they reveal the recording machine. */
export function withoutMachine(recorded: unknown): string {
  const host = new RegExp(`\\d+@[\\w.-]*${hostname().replace(/[^\\w]/g, '.')}[\\w.-]*`, 'g');
  return JSON.stringify(recorded, (name, value: unknown) =>
    name === 'stackTrace' ? '' : typeof value === 'string' ? value.replace(host, 'recorder') : value,
  );
}
