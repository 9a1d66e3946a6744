/**
 * `npx tsx tools/record-histories.ts`: plays every scenario of test/replay on a real server and saves its history under the
 * version of package.json. A recorded history is a promise to users: this never overwrites one.
 */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { version } from '../package.json';
import { SCENARIOS } from '../test/replay/scenarios';
import { startHarness } from '../test/support/harness';
import { withoutMachine, withRecordingServer } from './recording-server';

const HISTORIES = join(__dirname, '../test/replay/histories');

async function main(): Promise<void> {
  mkdirSync(HISTORIES, { recursive: true });
  await withRecordingServer({}, async () => {
    for (const scenario of SCENARIOS) await record(scenario);
  });
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
      writeFileSync(path, `${withoutMachine(JSON.parse(historyToJSON(await handle.fetchHistory())))}\n`);
      console.error(`recorded: ${path}`);
    }
  } finally {
    await harness.close();
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
