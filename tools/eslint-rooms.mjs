// The lint rule for `rooms.json`: every folder of src is a room, every file directly in src a door, and each imports only
// what its line in the table allows. Type imports count as well: a reader follows them like any other.
import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));
const src = join(here, '..', 'src');

/** Room -> the other rooms that it may import. */
export const rooms = JSON.parse(readFileSync(join(here, 'rooms.json'), 'utf8'));

/** Returns the room that a path without its extension leads to: `client` is the door, `client/start` the room. */
function roomOf(path) {
  const [first, ...rest] = relative(src, path).split(sep);
  return rest.length === 0 && `${first}.ts` in rooms ? `${first}.ts` : first;
}

const rule = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { refused: '{{from}} may not import {{to}}. tools/rooms.json lists what each room may import.' },
  },
  create(context) {
    const from = roomOf(context.filename.replace(/\.ts$/, ''));
    const check = (source) => {
      if (typeof source?.value !== 'string' || !source.value.startsWith('.')) return;
      const to = roomOf(join(dirname(context.filename), source.value.replace(/\.js$/, '')));
      if (to === from || rooms[from]?.includes(to)) return;
      context.report({ node: source, messageId: 'refused', data: { from, to } });
    };
    return {
      ImportDeclaration: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      ImportExpression: (node) => check(node.source),
      TSImportType: (node) => check(node.source),
    };
  },
};

export default { rules: { imports: rule } };
