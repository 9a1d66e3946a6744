import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { Command } from 'commander';
import { showRun, type RunDetails } from '../../src/client/runs/show';
import { define } from '../../src/cli/commands/show';
import { until } from '../support/failures';
import { startHarness, type Harness } from '../support/harness';
import { uniqueRequest } from '../support/requests';
import { quickSettings } from '../support/settings';
import { recordCli } from '../unit/cli/support';

const SAID = 'words of the other system';

/** Transient failures that last as long as the test. */
const CASES = [
  {
    name: 'a read that fails at HrFlow.ai',
    fail: ({ simulators }: Harness) =>
      simulators.hrflow.faults.add({
        operation: 'read',
        times: 1_000,
        fault: { kind: 'status', status: 500, body: { code: 500, message: SAID } },
      }),
    step: 'fetchProfile',
    problem: { type: 'unavailable', stage: 'fetchProfile', message: expect.stringContaining('500') },
    byTemporal: true,
  },
  {
    name: 'an attempt whose CV cannot be downloaded',
    fail: ({ simulators }: Harness) =>
      simulators.files.faults.add({ times: 1_000, fault: { kind: 'status', status: 503 } }),
    step: 'pushApplicant',
    problem: { type: 'attachment', stage: 'pushApplicant', message: expect.stringContaining('503') },
    byTemporal: false,
  },
  {
    name: 'an attempt that the ATS defers',
    fail: ({ simulators }: Harness) =>
      simulators.oracleORC.faults.add({
        operation: 'create',
        times: 1_000,
        fault: { kind: 'status', status: 503, headers: { 'retry-after': '2' }, body: { title: SAID } },
      }),
    step: 'pushApplicant',
    problem: { type: 'unavailable', stage: 'pushApplicant', message: expect.stringContaining(SAID) },
    byTemporal: false,
  },
] as const;

describe.each(['on', 'off'] as const)('while a run retries, with encryption %s,', (encryption) => {
  let harness: Harness;

  beforeAll(async () => {
    const settings = quickSettings({ retry: { initialMs: 2_000, maximumMs: 2_000, giveUpAfterMs: 600_000 } });
    harness = await startHarness({ settings, ...(encryption === 'off' && { encryption }) });
    await harness.startWorker();
  });
  afterEach(() => harness.simulators.reset());
  afterAll(() => harness.close());

  async function started(): Promise<WorkflowHandle> {
    return harness.client.oracleORC.startPushProfile(uniqueRequest(harness, 'oracleORC') as never);
  }

  async function shownOf({ workflowId }: WorkflowHandle): Promise<string> {
    const cli = recordCli({ env: harness.env });
    const command = new Command();
    define(command, cli);
    await command.parseAsync([workflowId], { from: 'user' });
    return cli.stdout.join('\n');
  }

  async function untilRepeated({ workflowId }: WorkflowHandle): Promise<RunDetails> {
    const seen: RunDetails[] = [];
    await until('a retry', async () => {
      const details = await showRun(harness.context, workflowId);
      seen.unshift(details);
      return details.repeats.some(({ nextAt }) => nextAt !== null);
    });
    const [latest] = seen;
    if (!latest) throw new Error('nothing was shown');
    return latest;
  }

  it.each(CASES)(
    '$name is shown, with its reason, who must act and the time of the next attempt',
    async ({ fail, step, problem, byTemporal }) => {
      fail(harness);
      const handle = await started();
      const details = await untilRepeated(handle);
      expect(details.state).toBe('running');
      expect(details.repeats).toEqual([
        { step, problem: expect.objectContaining(problem), attempts: expect.any(Number), nextAt: expect.any(String) },
      ]);
      expect(details.repeats[0]?.attempts).toBeGreaterThan(0);
      expect(details.now).toMatchObject({ error: null, retryReason: byTemporal ? null : problem });

      const shown = await shownOf(handle);
      expect(shown).toMatch(new RegExp(`retrying ${step}, attempts so far: \\d+, .+because of ${problem.type}`));
      expect(shown).toMatch(/for the (user|operator|vendor): /);
      await handle.terminate();
    },
  );

  it.each(CASES.filter(({ byTemporal }) => !byTemporal))(
    '$name is shown in the details, in fixed words',
    async ({ fail, step, problem }) => {
      fail(harness);
      const handle = await started();
      await untilRepeated(handle);
      const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
      expect(currentDetails).toContain(`retrying because of \`${problem.type}\` at \`${step}\`: a`);
      expect(currentDetails).toMatch(/who must act: \*\*(user|operator|vendor)\*\*/);
      expect(currentDetails).not.toContain(SAID);
      await handle.terminate();
    },
  );

  it('nothing of it is shown once the applicant has been created', async () => {
    const fault = { kind: 'status', status: 503, headers: { 'retry-after': '1' } } as const;
    harness.simulators.oracleORC.faults.add({ operation: 'create', fault });
    const handle = await started();
    await handle.result();
    expect(await showRun(harness.context, handle.workflowId)).toMatchObject({ state: 'done', repeats: [] });
    expect(await handle.query('state')).toMatchObject({ retryReason: null, attempts: 2 });
  });
});
