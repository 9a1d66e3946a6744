/**
 * `npx tsx tools/record-histories.ts`: plays every scenario of test/replay on a real server and keeps its history under the
 * version of package.json. A recorded history is a promise to users: this never overwrites one.
 */
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { version } from '../package.json';
import { SCENARIOS } from '../test/replay/scenarios';
import { startHarness } from '../test/support/harness';
import { startDevServer } from './dev-server';

const HISTORIES = join(__dirname, '../test/replay/histories');

async function main(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-record-'));
  const server = await startDevServer({ ui: false });
  const bundle = join(folder, 'bundle.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../test/support/workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  writeFileSync(bundle, code);
  process.env['TEST_TEMPORAL_ADDRESS'] = server.address;
  process.env['TEST_WORKFLOW_BUNDLE'] = bundle;
  mkdirSync(HISTORIES, { recursive: true });
  try {
    for (const scenario of SCENARIOS) await record(scenario);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function record(scenario: (typeof SCENARIOS)[number]): Promise<void> {
  const { name } = scenario;
  const first = join(HISTORIES, `${version}-${name}.json`);
  if (existsSync(first)) {
    console.error(`kept: ${first}`);
    return;
  }
  const harness = await startHarness({
    encryption: 'off',
    functions: { logics: { dropAll: () => null } },
  });
  try {
    await harness.startWorker();
    for (const [index, handle] of (await scenario.play(harness)).entries()) {
      const path = index === 0 ? first : join(HISTORIES, `${version}-${name}-${index + 1}.json`);
      writeFileSync(path, `${withoutMachine(historyToJSON(await handle.fetchHistory()))}\n`);
      console.error(`recorded: ${path}`);
    }
  } finally {
    await harness.close();
  }
}

/** Stack traces and host names tell of the machine that recorded, and nothing to replay. */
function withoutMachine(history: string): string {
  const host = new RegExp(`\\d+@[\\w.-]*${hostname().replace(/[^\\w]/g, '.')}[\\w.-]*`, 'g');
  return JSON.stringify(JSON.parse(history), (name, value: unknown) =>
    name === 'stackTrace' ? '' : typeof value === 'string' ? value.replace(host, 'recorder') : value,
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
