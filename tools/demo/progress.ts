import type { WriteStream } from 'node:tty';
import { stripVTControlCharacters, styleText } from 'node:util';
import type { Simulators } from '../../test/simulators';
import { stepsOf, type Step } from './records';
import type { DemoPush } from './scenario';

const LOOK_EVERY_MS = 100;

/** Shows the state of each push, from what the simulators recorded, until it is stopped. */
export interface Progress {
  /** Shows how a push ended. Its line no longer changes. */
  ended(push: DemoPush, how: string): void;
  stop(): void;
}

/** Prints what will be pushed, then one live line per push on a terminal, or else one line per change. */
export function showProgress(simulators: Simulators, pushes: readonly DemoPush[], out: WriteStream): Progress {
  const ends = new Map<DemoPush, string>();
  const said = new Map<DemoPush, string>();
  const label = labelsOf(pushes);
  for (const push of pushes) out.write(`${label(push)}  ${push.about}\n`);
  out.write('\n');
  const lineOf = (push: DemoPush): string =>
    `${label(push)}  ${ends.get(push) ?? doingOf(stepsOf(simulators, push.person))}`;
  const draw = out.isTTY
    ? redrawing(out, () => pushes.map(lineOf))
    : () => {
        for (const push of pushes) {
          const line = lineOf(push);
          if (said.get(push) !== line) out.write(`${line}\n`);
          said.set(push, line);
        }
      };
  draw();
  const timer = setInterval(draw, LOOK_EVERY_MS);
  return {
    ended: (push, how) => {
      ends.set(push, how);
      draw();
    },
    stop: () => clearInterval(timer),
  };
}

function labelsOf(pushes: readonly DemoPush[]): (push: DemoPush) => string {
  const connectorWidth = Math.max(...pushes.map(({ connector }) => connector.length));
  const nameWidth = Math.max(...pushes.map(({ person }) => person.name.length));
  return ({ connector, person }) => `${connector.padEnd(connectorWidth)}  ${person.name.padEnd(nameWidth)}`;
}

/** Overwrites the previous lines. Cuts long lines, which would wrap and break that. */
function redrawing(out: WriteStream, lines: () => string[]): () => void {
  let drawn = 0;
  return () => {
    const texts = lines().map((line) => `\u001B[2K${fitting(line, out.columns)}\n`);
    out.write(`${drawn > 0 ? `\u001B[${drawn}A` : ''}${texts.join('')}`);
    drawn = texts.length;
  };
}

function fitting(line: string, columns: number): string {
  const plain = stripVTControlCharacters(line);
  return plain.length < columns ? line : `${plain.slice(0, Math.max(columns - 2, 0))}…`;
}

function doingOf(steps: readonly Step[]): string {
  const last = steps.at(-1);
  if (!last) return styleText('dim', 'waiting for the worker');
  const where = last.system === 'hrflow' ? 'HrFlow.ai' : 'the ATS';
  if (last.status === null) return `${last.operation}: ${where} is working`;
  return `${last.operation}: ${where} answered ${last.status}${last.status === 503 ? ', waiting' : ''}`;
}
