import { styleText } from 'node:util';
import type { Simulators } from '../../test/simulators';
import { applicantsIn, titleOf, type Applicant, type Verdict } from './records';

/** One row of the table, as `--json` prints it. */
export interface Row {
  readonly connector: string;
  readonly action: string;
  readonly profile: string;
  readonly profileKey: string;
  readonly outcome: string | null;
  readonly enriched: boolean | null;
  /** As the simulator assigned it, even if the real system does not return it. */
  readonly atsId: string | null;
  readonly attempts: number;
  readonly durationMs: number;
  readonly asAnnounced: boolean;
  readonly complaints: readonly string[];
  readonly workflowId: string | null;
  readonly runId: string | null;
  /** Address in the Temporal UI. */
  readonly url: string | null;
}

/** Returns the row of a push. */
export function rowOf({ push, end, applicant, attempts, complaints }: Verdict, uiUrl: string, namespace: string): Row {
  const { workflowId, runId, durationMs } = end;
  const item = end.result?.items[0];
  return {
    connector: push.connector,
    action: push.action,
    profile: push.person.name,
    profileKey: push.person.key,
    outcome: item?.outcome ?? null,
    enriched: item?.enriched ?? null,
    atsId: applicant?.id ?? null,
    attempts,
    durationMs,
    asAnnounced: complaints.length === 0,
    complaints,
    workflowId,
    runId,
    url:
      workflowId !== null && runId !== null
        ? `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(workflowId)}/${runId}/timeline`
        : null,
  };
}

const HEAD = ['connector', 'profile', 'outcome', 'id in the ATS', 'attempts', 'duration', ''];
const RIGHT = new Set([4, 5]);

/** Formats the rows as a table. */
export function tableOf(rows: readonly Row[]): string {
  const cells = rows.map(({ connector, profile, outcome, enriched, atsId, attempts, durationMs }) => [
    connector,
    profile,
    `${outcome ?? 'no result'}${enriched === true && outcome === 'created' ? ', enriched' : ''}`,
    atsId ?? '–',
    String(attempts),
    `${(durationMs / 1000).toFixed(2)} s`,
  ]);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const lineOf = (texts: readonly string[]): string =>
    texts
      .map((text, column) =>
        RIGHT.has(column) ? text.padStart(widths[column] ?? 0) : text.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd();
  return [
    lineOf(HEAD),
    widths
      .map((width) => '─'.repeat(width))
      .join('  ')
      .trimEnd(),
    ...cells.map((row, index) => `${lineOf(row)}  ${markOf(rows[index])}`),
  ].join('\n');
}

function markOf(row: Row | undefined): string {
  if (row?.asAnnounced) return styleText('green', '✓ as announced');
  return styleText('red', `✗ ${row?.complaints.join('; ') ?? ''}`);
}

/** Lists the applicants of each ATS, from the simulators' records. */
export function arrivalsOf(simulators: Simulators): string {
  const applicants = applicantsIn(simulators);
  const systems = (['talentSoft', 'oracleORC', 'flatchr'] as const).map((ats) => {
    const there = applicants.filter((applicant) => applicant.ats === ats);
    return [`${titleOf(ats)}: ${there.length}`, ...there.map((applicant) => `  ${arrivalOf(applicant)}`)];
  });
  return systems.flat().join('\n');
}

function arrivalOf({ id, name, email, offer, cvBytes, enrichments }: Applicant): string {
  const facts = [
    offer === null ? null : `for ${offer}`,
    cvBytes === null ? 'no CV (was already there)' : `CV of ${cvBytes} bytes`,
    enrichments > 0 ? 'enriched' : null,
  ].filter((fact) => fact !== null);
  return `${id}  ${name} <${email ?? ''}>, ${facts.join(', ')}`;
}
