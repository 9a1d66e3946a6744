/**
 * `npx tsx tools/record-recall.ts [NAME...]`: plays the scenarios of test/support/recall-scenarios.ts on a real server and saves what the
 * server shows of their runs in test/fixtures/recall. Unlike the histories of test/replay, record them again whenever the workflow
 * changes what it stores.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { temporal } from '@temporalio/proto';
import { startHarness, type Harness } from '../test/support/harness';
import {
  RECALL_SCENARIOS,
  RECALL_SETTLE_MS,
  RECALL_SUGGEST_NEW_HISTORY_AT,
  type RecallScenario,
} from '../test/support/recall-scenarios';
import { quickSettings } from '../test/support/settings';
import { withoutMachine, withRecordingServer } from './recording-server';

const FOLDER = join(__dirname, '../test/fixtures/recall');

async function main(names: readonly string[]): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  const wanted = RECALL_SCENARIOS.filter(({ name }) => names.length === 0 || names.includes(name));
  const dynamicConfig = { 'limit.historyCount.suggestContinueAsNew': RECALL_SUGGEST_NEW_HISTORY_AT };
  await withRecordingServer({ dynamicConfig }, async () => {
    for (const scenario of wanted) await record(scenario);
  });
}

async function record(scenario: RecallScenario): Promise<void> {
  const { name, ownWorker } = scenario;
  const harness = await startHarness({
    encryption: 'off',
    settings: quickSettings({ settleMs: RECALL_SETTLE_MS }),
  });
  try {
    if (!ownWorker) await harness.startWorker();
    const workflowId = await scenario.play(harness);
    const runs = await runsOf(harness, workflowId);
    const identity = runs[0]?.memo?.['identity'];
    const recorded = runs.map(({ info, history }) => ({ info, history }));
    writeFileSync(join(FOLDER, `${name}.json`), `${withoutMachine({ workflowId, identity, runs: recorded })}\n`);
    console.error(`recorded: ${name} (${runs.length} runs)`);
  } finally {
    await harness.close();
  }
}

/** Returns the runs of a workflow id in start order, once the list shows them closed. */
async function runsOf(harness: Harness, workflowId: string) {
  const { workflow } = harness.context.temporal;
  for (;;) {
    const listed: WorkflowExecutionInfo[] = [];
    for await (const run of workflow.list({ query: `WorkflowId = '${workflowId}'` })) listed.push(run);
    if (listed.length > 0 && listed.every(({ status }) => status.name !== 'RUNNING')) {
      const inOrder = listed.sort((a, b) => a.startTime.getTime() - b.startTime.getTime());
      return Promise.all(
        inOrder.map(async ({ memo, raw, runId }) => ({
          memo,
          info: temporal.api.workflow.v1.WorkflowExecutionInfo.toObject(
            temporal.api.workflow.v1.WorkflowExecutionInfo.fromObject(raw),
            { longs: String, enums: String, bytes: String },
          ),
          history: JSON.parse(historyToJSON(await workflow.getHandle(workflowId, runId).fetchHistory())) as unknown,
        })),
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
