import { styleText } from 'node:util';

type Look = 'green' | 'red' | 'yellow' | 'bold' | 'dim';

/** Highlights parts of a text on terminals that support it. */
export type Style = (look: Look, text: string) => string;

/** For pipes and files. */
export const plain: Style = (_look, text) => text;

/** For terminals. */
export const coloured: Style = (look, text) => styleText(look, text);

/** Columns of equal width, separated by two blanks. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
