import type { Command } from 'commander';
import type { RepeatedStep, RunDetails } from '../../client';
import type { Cli } from '../cli';
import { EXIT } from '../output/exit-status';
import { isSecretReference } from '../../security/sensitivity';
import { describe, printJson } from '../output/output';
import { withRuns } from '../temporal';

/** `show ID`: what is known of one run. */
export function define(command: Command, cli: Cli): void {
  command
    .description(
      'Show what is known of one run: state, result or hold, parameters without secrets, and what happened so far.',
    )
    .argument('<id>', 'workflow id')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  $ hrflow-temporal show hrflow/8f0c…/flatchr.pushProfile/1a2b3c4d5e6f')
    .action(async (id: string, { json = false }: { readonly json?: boolean }) => {
      const details = await withRuns(cli, (runs) => runs.show(id));
      if (json) printJson(cli, details, true);
      else for (const line of inWords(cli, details)) cli.out(line);
      cli.end(EXIT.ok);
    });
}

function inWords({ style }: Cli, details: RunDetails): string[] {
  const { workflowId, runId, state, result, error, now, hold } = details;
  const reported = { held: 'held', done: 'completed', failed: 'failed', running: 'started' } as const;
  return [
    ...describe(
      { workflowId, runId, state: reported[state], result, error: state === 'running' ? null : error },
      style,
    ),
    `  ${details.connector} ${details.action}, profile ${details.profileKey}${details.account ? `, account ${details.account}` : ''}`,
    `  started ${details.startedAt}${details.endedAt ? `, ended ${details.endedAt}` : ''}, run ${runId}`,
    ...(hold ? [`  held until ${hold.until}`] : []),
    ...(now ? [`  now: ${now.doing}; attempts so far: ${now.attempts}`] : []),
    ...details.repeats.flatMap(whyItRepeats),
    ...(state !== 'done' && state !== 'failed' && !now
      ? [`  no worker of the task queue "${details.taskQueue}" answered, so this is what Temporal knows`]
      : []),
    ...(details.parameters ? [style('bold', 'Parameters, as started'), ...membersOf(details.parameters, '')] : []),
    style('bold', 'Timeline'),
    ...details.timeline.map(({ at, what }) => `  ${style('dim', at)}  ${what}`),
  ];
}

function whyItRepeats({ step, attempts, nextAt, problem }: RepeatedStep): string[] {
  const next = nextAt === null ? 'in progress' : `next at ${nextAt}`;
  const head = `  retrying ${step}, attempts so far: ${attempts}, ${next}`;
  if (!problem) return [head];
  return [
    `${head}, because of ${problem.type}: ${problem.message}`,
    `  for the ${problem.whoMustAct}: ${problem.nextStep}`,
  ];
}

/** A line per value that was given. Names and values are written so that nothing in them moves the cursor of a terminal. */
function membersOf(value: unknown, path: string): string[] {
  if (value === null || value === undefined) return [];
  if (typeof value !== 'object' || Array.isArray(value)) return [`  ${path}: ${JSON.stringify(value)}`];
  if (isSecretReference(value)) return [`  ${path}: the secret "${value.secret}"`];
  return Object.entries(value).flatMap(([name, member]) => {
    const shown = /^[\w-]+$/.test(name) ? name : JSON.stringify(name);
    return membersOf(member, path === '' ? shown : `${path}.${shown}`);
  });
}
