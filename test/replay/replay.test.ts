import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { installRuntime } from '../support/harness';
import { SCENARIOS } from './scenarios';

const FOLDER = join(__dirname, 'histories');
const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

/** Runs outlive releases: a change that breaks the replay of a recorded history would leave users' runs stuck. */
describe('the recorded histories', () => {
  beforeAll(installRuntime);

  it('cover every scenario', () => {
    for (const { name } of SCENARIOS) {
      expect(FILES.some((file) => file.includes(`-${name}`))).toBe(true);
    }
  });

  it.each(FILES)('%s replays', async (file) => {
    const history: unknown = JSON.parse(readFileSync(join(FOLDER, file), 'utf8'));
    const options = { workflowBundle: { codePath: String(process.env['TEST_WORKFLOW_BUNDLE']) } };
    await Worker.runReplayHistory(options, history, basename(file, '.json'));
  });

  it('fail to replay if the workflow does something else', async () => {
    const [file = ''] = FILES.filter((name) => name.includes('flatchr-created'));
    const history = JSON.parse(
      readFileSync(join(FOLDER, file), 'utf8').replaceAll('"pushApplicant"', '"somethingElse"'),
    ) as unknown;
    const options = { workflowBundle: { codePath: String(process.env['TEST_WORKFLOW_BUNDLE']) } };
    await expect(Worker.runReplayHistory(options, history, 'changed')).rejects.toThrow(/determinis/i);
  });
});
