import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import phrases from './banned-phrases.json';

/** A banned phrase and where it stands. */
export interface Hit {
  readonly line: number;
  readonly phrase: string;
}

/** Where people read: folders with all that is below them, and files. */
const PLACES = ['src', 'test', 'tools', 'bench', 'docs', 'deploy', '.ci', '.github', '.'];
const READ = /\.(ts|mjs|cjs|js|md|yml|sh)$|^run$/;
/** The files that must name the phrases, and recordings. */
const SKIPPED = /(^|\/)(fixtures|histories)\/|^test\/unit\/tools\/voice\.test\.ts$/;

/** Two words of a phrase may stand on two lines of a comment. */
const GAP = String.raw`\s+(?:(?:\*|//|#)\s+)?`;
const PATTERN = new RegExp(
  String.raw`(?<![\w-])(?:${phrases.map((phrase) => phrase.replaceAll(' ', GAP)).join('|')})(?![\w-])`,
  'gi',
);

/** Finds the banned phrases in a text, across the line breaks of comments as well. */
export function findPhrases(text: string): Hit[] {
  return [...text.matchAll(PATTERN)].map((match) => ({
    line: text.slice(0, match.index).split('\n').length,
    phrase: match[0].replace(new RegExp(GAP, 'g'), ' ').toLowerCase(),
  }));
}

function filesIn(root: string): string[] {
  const files = PLACES.flatMap((place) => {
    const folder = join(root, place);
    if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) return [];
    return readdirSync(folder, { recursive: place !== '.', encoding: 'utf8' }).map((path) => join(place, path));
  });
  return files.filter((path) => READ.test(path) && !SKIPPED.test(path)).sort();
}

/** `npx tsx tools/voice.ts`: prints each banned phrase in code, tests and documents, and fails if there is one. */
function main(): void {
  const root = join(__dirname, '..');
  const hits = filesIn(root).flatMap((file) =>
    findPhrases(readFileSync(join(root, file), 'utf8')).map(
      ({ line, phrase }) => `${file}:${String(line)}: "${phrase}"`,
    ),
  );
  for (const hit of hits) console.log(hit);
  console.log(`${String(hits.length)} banned phrases (tools/banned-phrases.json)`);
  process.exitCode = hits.length === 0 ? 0 : 1;
}

if (require.main === module) main();
