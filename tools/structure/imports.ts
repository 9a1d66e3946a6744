import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import ts from 'typescript';

/** Room -> the other rooms that it may import: `tools/rooms.json`. */
export type Rooms = Readonly<Record<string, readonly string[]>>;

/** One import, from file to file; both paths are relative to the folder that was read. */
export interface Arrow {
  readonly from: string;
  readonly to: string;
}

/** Parses every TypeScript file below the folder. File names are relative to it. */
export function readSources(folder: string): ts.SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .map((path) => path.split(sep).join('/'))
    .sort()
    .map((path) => ts.createSourceFile(path, readFileSync(join(folder, path), 'utf8'), ts.ScriptTarget.Latest, true));
}

/** Returns the relative module names that a file imports: statically, lazily, as a type, and with `export … from`. */
function importedNames(source: ts.SourceFile): string[] {
  const names: string[] = [];
  const add = (node: ts.Node | undefined): void => {
    if (node !== undefined && ts.isStringLiteral(node) && node.text.startsWith('.')) names.push(node.text);
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) add(node.moduleSpecifier);
    else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) add(node.arguments[0]);
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) add(node.argument.literal);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}

/** Returns each import between two of the files once. Type imports count. */
export function arrowsOf(sources: readonly ts.SourceFile[]): Arrow[] {
  const known = new Set(sources.map(({ fileName }) => fileName));
  return sources.flatMap((source) => {
    const targets = importedNames(source).map((name) => {
      const path = posix.join(posix.dirname(source.fileName), name.replace(/\.js$/, ''));
      return [`${path}.ts`, `${path}/index.ts`].find((candidate) => known.has(candidate));
    });
    return [...new Set(targets)].flatMap((to) => (to === undefined ? [] : [{ from: source.fileName, to }]));
  });
}

/** Returns the room of a file: its top folder, or the file itself if it is a door. */
export const roomOf = (file: string): string => file.split('/')[0] ?? file;

/** Returns the arrows between rooms, each once. */
export function roomArrows(arrows: readonly Arrow[]): Arrow[] {
  const seen = new Map(
    arrows.map(({ from, to }) => [`${roomOf(from)} ${roomOf(to)}`, { from: roomOf(from), to: roomOf(to) }]),
  );
  return [...seen.values()].filter(({ from, to }) => from !== to);
}

/** Returns the arrows that the table does not allow. */
export function upwardArrows(arrows: readonly Arrow[], rooms: Rooms): Arrow[] {
  return arrows.filter(({ from, to }) => {
    const [own, other] = [roomOf(from), roomOf(to)];
    return own !== other && !(rooms[own] ?? []).includes(other);
  });
}

/** Returns the groups of nodes that import each other in a circle: the strongly connected components (Tarjan). */
export function circlesOf(arrows: readonly Arrow[]): string[][] {
  const next = new Map<string, string[]>();
  for (const { from, to } of arrows) next.set(from, [...(next.get(from) ?? []), to]);
  const index = new Map<string, number>();
  const stack: string[] = [];
  const circles: string[][] = [];

  const visit = (node: string): number => {
    const own = index.size;
    let low = own;
    index.set(node, own);
    stack.push(node);
    for (const target of next.get(node) ?? []) {
      const seen = index.get(target);
      if (seen === undefined) low = Math.min(low, visit(target));
      else if (stack.includes(target)) low = Math.min(low, seen);
    }
    if (low === own) {
      const circle = stack.splice(stack.indexOf(node));
      if (circle.length > 1) circles.push(circle.sort());
    }
    return low;
  };
  for (const node of next.keys()) if (!index.has(node)) visit(node);
  return circles;
}
