import ts from 'typescript';
import { arrowsOf, circlesOf, roomArrows, upwardArrows, type Arrow, type Rooms } from './imports';

/** What `tools/structure.ts` prints. */
export interface Structure {
  readonly files: number;
  readonly lines: number;
  /** Lines of the functions, methods and arrow functions that have a block as their body. */
  readonly functions: { readonly count: number; readonly medianLines: number; readonly p99Lines: number };
  /** Top-level declarations that are exported; those that a TSDoc comment precedes. */
  readonly exports: { readonly count: number; readonly documented: number };
  readonly upwardArrows: readonly Arrow[];
  readonly fileCircles: readonly (readonly string[])[];
  readonly roomCircles: readonly (readonly string[])[];
}

/** Returns how many lines the node covers, without the comment that precedes it. */
function linesOf(node: ts.Node, source: ts.SourceFile): number {
  const line = (position: number): number => source.getLineAndCharacterOfPosition(position).line;
  return line(node.getEnd()) - line(node.getStart(source)) + 1;
}

function functionLines(source: ts.SourceFile): number[] {
  const lines: number[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined && ts.isBlock(node.body)) {
      lines.push(linesOf(node, source));
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lines;
}

const isExported = (node: ts.Statement): boolean =>
  ts.canHaveModifiers(node) && (ts.getModifiers(node) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);

const isDocumented = (node: ts.Node): boolean => ts.getJSDocCommentsAndTags(node).length > 0;

/** Returns the value at the share of the sorted numbers: 0.5 is the median. 0 if there are none. */
function quantile(numbers: readonly number[], share: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

/** Measures the files and the imports between them against the table of rooms. */
export function measure(sources: readonly ts.SourceFile[], rooms: Rooms): Structure {
  const functions = sources.flatMap(functionLines);
  const exported = sources.flatMap((source) => source.statements.filter(isExported));
  const arrows = arrowsOf(sources);
  return {
    files: sources.length,
    lines: sources.reduce((sum, source) => sum + source.text.split('\n').length - 1, 0),
    functions: {
      count: functions.length,
      medianLines: quantile(functions, 0.5),
      p99Lines: quantile(functions, 0.99),
    },
    exports: { count: exported.length, documented: exported.filter(isDocumented).length },
    upwardArrows: upwardArrows(arrows, rooms),
    fileCircles: circlesOf(arrows),
    roomCircles: circlesOf(roomArrows(arrows)),
  };
}
