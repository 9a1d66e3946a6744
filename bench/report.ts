import type { Figures, Round } from './figures';
import { median, percentile } from './statistics';

/** Formats the figures as Markdown. */
export function markdownOf(figures: Figures): string {
  const parts = [machineLines(figures), latencies(figures), rates(figures), footprints(figures), memory(figures)];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** Returns the median of a figure over the rounds. */
function overRounds(rounds: readonly Round[], figure: (round: Round) => number): number {
  return median(rounds.map(figure));
}

const timesOf = (kind: string) => (round: Round) => round.times[kind] ?? [];
const medianTime = (kind: string) => (round: Round) => median(timesOf(kind)(round));
const rateOf = (kind: string, atOnce: number) => (round: Round) =>
  round.blocks[kind]?.find((block) => block.atOnce === atOnce)?.perSecond ?? NaN;

function machineLines({ mode, date, machine, rounds, profileBytes }: Figures): string {
  const { cores, processor, memoryGiB, node, system, temporalServer, temporalSdk } = machine;
  return [
    `# Benchmark "${mode}", ${date}`,
    '',
    `${cores} cores (${processor}), ${memoryGiB} GiB, ${system}, Node ${node}, Temporal server ${temporalServer}, SDK ${temporalSdk}.`,
    `Medians of ${rounds.length} rounds, contenders interleaved; profile of ${profileBytes} bytes. The rate limits are so high that they`,
    'have no effect. "push" is Flatchr with enrichment, encrypted; "echo" is a workflow with the same activities, sizes and encryption and',
    'nothing else; "axios" makes the same HTTP calls without Temporal.',
  ].join('\n');
}

function latencies({ rounds }: Figures): string {
  const kinds = Object.keys(rounds[0]?.times ?? {});
  if (kinds.length === 0) return '';
  const base = medianTime('push');
  const rows = kinds.map((kind) => {
    const ratio = overRounds(rounds, (round) => base(round) / medianTime(kind)(round));
    const p95 = percentile(rounds.flatMap(timesOf(kind)), 0.95);
    return [kind, ms(overRounds(rounds, medianTime(kind))), ms(p95), kind === 'push' ? '' : ratio.toFixed(2)];
  });
  return `## One at a time\n\n${table(['', 'median', '95 %', 'push / this'], rows)}`;
}

function rates({ rounds }: Figures): string {
  const blocks = rounds[0]?.blocks ?? {};
  const rows = Object.entries(blocks).flatMap(([kind, list]) =>
    list.map(({ atOnce }) => {
      const rate = overRounds(rounds, rateOf(kind, atOnce));
      const ratio = overRounds(rounds, (round) => rateOf('push', atOnce)(round) / rateOf(kind, atOnce)(round));
      return [
        String(atOnce),
        kind,
        rate.toFixed(1),
        kind === 'push' ? '' : ratio.toFixed(2),
        ...cpuCells(rounds, kind, atOnce),
      ];
    }),
  );
  const sorted = rows.sort((one, other) => Number(one[0]) - Number(other[0]));
  return `## Many at a time\n\n${table(['at once', '', 'per second', 'push / this', ...cpuHeads(rounds)], sorted)}`;
}

function cpuNames(rounds: readonly Round[]): string[] {
  const [first] = Object.values(rounds[0]?.blocks ?? {});
  return Object.keys(first?.[0]?.cpu ?? {});
}

function cpuHeads(rounds: readonly Round[]): string[] {
  return cpuNames(rounds).map((name) => `CPU ms, ${name}`);
}

function cpuCells(rounds: readonly Round[], kind: string, atOnce: number): string[] {
  return cpuNames(rounds).map((name) => {
    const values = rounds.map(
      (round) => round.blocks[kind]?.find((block) => block.atOnce === atOnce)?.cpu[name] ?? null,
    );
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? '?' : median(known).toFixed(1);
  });
}

function footprints({ footprints: found }: Figures): string {
  const rows = Object.entries(found).map(([kind, { actions, events, historyBytes }]) => [
    kind,
    String(actions),
    String(events),
    String(historyBytes),
  ]);
  return rows.length === 0
    ? ''
    : `## In Temporal\n\n${table(['', 'billable actions', 'events', 'history bytes'], rows)}`;
}

function memory({ memory: found }: Figures): string {
  const rows = Object.entries(found).map(([kind, { workflows, heapBytes }]) => [
    kind,
    String(workflows),
    (heapBytes / 1024).toFixed(1),
  ]);
  const heads = ['open and cached', 'workflows', 'heap KiB each'];
  return rows.length === 0 ? '' : `## Worker memory\n\n${table(heads, rows)}`;
}

function ms(value: number): string {
  return `${value.toFixed(1)} ms`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const lineOf = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [lineOf(heads), lineOf(heads.map(() => '---')), ...rows.map(lineOf)].join('\n');
}
