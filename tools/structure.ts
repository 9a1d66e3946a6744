import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readSources } from './structure/imports';
import { measure, type Structure } from './structure/measure';

const roomsSchema = z.record(z.string(), z.array(z.string()));

function report({ files, lines, functions, exports, ...arrows }: Structure): string {
  const documented = Math.round((100 * exports.documented) / Math.max(1, exports.count));
  const circles = (found: readonly (readonly string[])[]): string[] => found.map((circle) => `  ${circle.join(' ')}`);
  return [
    `files                      ${String(files)}`,
    `lines                      ${String(lines)}`,
    `functions                  ${String(functions.count)}`,
    `lines of a function        median ${String(functions.medianLines)}, 99th percentile ${String(functions.p99Lines)}`,
    `exports with TSDoc         ${String(exports.documented)} of ${String(exports.count)} (${String(documented)} %)`,
    `imports against the table  ${String(arrows.upwardArrows.length)}`,
    ...arrows.upwardArrows.map(({ from, to }) => `  ${from} -> ${to}`),
    `circles of files           ${String(arrows.fileCircles.length)}`,
    ...circles(arrows.fileCircles),
    `circles of rooms           ${String(arrows.roomCircles.length)}`,
    ...circles(arrows.roomCircles),
  ].join('\n');
}

/** `npx tsx tools/structure.ts [--json] [--src FOLDER] [--rooms FILE]`: measures the layout of the sources. */
function main(): void {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      src: { type: 'string', default: join(__dirname, '..', 'src') },
      rooms: { type: 'string', default: join(__dirname, 'rooms.json') },
    },
  });
  const rooms = roomsSchema.parse(JSON.parse(readFileSync(values.rooms, 'utf8')));
  const structure = measure(readSources(values.src), rooms);
  console.log(values.json ? JSON.stringify(structure, null, 2) : report(structure));
}

main();
