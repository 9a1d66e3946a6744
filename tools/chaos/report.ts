import type { ChaosReport } from './run';

/** Formats the report as text. */
export function describeReport(report: ChaosReport): string {
  const { seed, pushes, seconds, nemesis, effort, violations, leftToPerson, longestPauseMs, ok } = report;
  const { workersStarted, workersKilled, workersEnded, serverRestarts } = nemesis;
  return [
    `seed ${String(seed)}, ${String(pushes)} pushes, ${String(seconds)} s`,
    '',
    'Fault mix (per cent of requests)',
    ...Object.entries(report.faultMix).map(([sort, mix]) => `  ${sort}: ${pairs(mix)}`),
    '',
    'Faults played',
    ...listed(report.faults),
    '',
    'Requests',
    ...listed(report.requests),
    '',
    `Workers: ${String(workersStarted)} started, ${String(workersKilled)} killed, ${String(workersEnded)} ended otherwise`,
    `Temporal server: ${String(serverRestarts)} restarts`,
    `Rate limits: ${report.limits}`,
    `Attempts: ${String(effort.attempts)} (${String(effort.lostAttempts)} of them lost with their worker), creates: ${String(effort.creates)}, downloads of CVs: ${String(effort.downloads)} (${String(effort.failedDownloads)} failed)`,
    `Longest pause of the simulators: ${String(longestPauseMs)} ms`,
    '',
    'Runs',
    ...listed(report.runs),
    '',
    'Outcomes',
    ...listed(report.outcomes),
    '',
    `Left to an operator (connectors without lookup): ${String(leftToPerson)}`,
    `Violations: ${String(violations.length)}`,
    ...violations.map(({ kind, push, what }) => `  ${kind}: ${push === null ? '' : `push ${push}: `}${what}`),
    '',
    ok ? `seed ${String(seed)}: nothing lost, doubled or stuck` : `seed ${String(seed)}: FAILED`,
  ].join('\n');
}

function listed(counts: Readonly<Record<string, number>>): string[] {
  return Object.entries(counts)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([name, count]) => `  ${name}: ${String(count)}`);
}

function pairs(mix: Readonly<Partial<Record<string, number>>>): string {
  return Object.entries(mix)
    .map(([name, share]) => `${name} ${String(share)}`)
    .join(', ');
}
