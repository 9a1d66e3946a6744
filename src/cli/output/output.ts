import type { RunItem } from '../../protocol/messages';
import { isThere } from '../../protocol/result';
import type { Cli } from '../cli';
import { EXIT, statusOf } from './exit-status';
import type { PushReport } from './report';
import type { Style } from './style';

/** Prints one push: a JSON document on one line, or a few lines for a person. */
export function printReport(cli: Cli, report: PushReport, json: boolean): void {
  if (json) cli.out(JSON.stringify(report));
  else for (const line of describe(report, cli.style)) cli.out(line);
}

/** Prints a value: compact for machines, indented for people. */
export function printJson(cli: Cli, value: unknown, json: boolean): void {
  cli.out(JSON.stringify(value, null, json ? undefined : 2));
}

/** A push in a few lines. */
export function describe(report: PushReport, style: Style): string[] {
  const { line, workflowId, error, result } = report;
  const head = [
    ...(line === undefined ? [] : [`line ${line}:`]),
    headline(report, style),
    ...(workflowId === null ? [] : [style('dim', workflowId)]),
  ];
  const details = [
    ...(result?.items ?? []).flatMap(aboutItem),
    ...(error
      ? [`${error.type} at ${error.stage}: ${error.message}`, `for the ${error.whoMustAct}: ${error.nextStep}`]
      : []),
    ...(error ? [] : (result?.items ?? []).flatMap(({ message }) => message ?? [])),
    ...(report.state === 'held' ? [`resume with: hrflow-temporal retry ${String(workflowId)}`] : []),
  ];
  return [head.join(' '), ...details.map((detail) => `  ${detail}`)];
}

function headline(report: PushReport, style: Style): string {
  const item = report.result?.items[0];
  const outcome = (item && WORDS[item.outcome]) ?? '';
  const withOutcome = (word: string) => (item && item.outcome !== 'failed' ? `${word} (${outcome})` : word);
  if (report.state === 'held') return style('yellow', withOutcome('held'));
  if (report.state === 'started')
    return report.error ? style('yellow', 'started, end not seen') : style('bold', 'started');
  const fine = statusOf(report) === EXIT.ok;
  if (fine) return style('green', outcome || 'completed');
  const refused = statusOf(report) === EXIT.refused;
  return style('red', refused ? 'refused' : withOutcome('failed'));
}

const WORDS: Readonly<Record<RunItem['outcome'], string>> = {
  created: 'created',
  already_there: 'already there',
  enriched: 'enriched',
  discarded: 'discarded by the logics',
  not_found: 'not found in HrFlow.ai',
  failed: 'failed',
  unknown: 'outcome unknown',
};

function aboutItem({ ats_id, enriched, outcome }: RunItem): string[] {
  return [
    ...(ats_id === null ? [] : [`id in the ATS: ${ats_id}`]),
    ...(!isThere(outcome) || enriched === null ? [] : [enriched ? 'enriched' : 'not enriched']),
  ];
}
