import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { RULES } from '../../../src/protocol/delivery/decide';
import rooms from '../../../tools/rooms.json';

const ROOT = join(__dirname, '..', '..', '..');
const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'test/replay/README.md',
  ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const read = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** Paths in code spans and links that a page names: `src/…`, `test/…`, `tools/…`, `bench/…`, `deploy/…`. */
const pathsIn = (text: string): string[] =>
  [...text.matchAll(/(?<![\w./-])(?:src|test|tools|bench|deploy|docs)\/[\w./-]*\w\/?/g)].map(([path]) => path);

describe.each(PAGES)('%s', (page) => {
  it('names only paths that exist', () => {
    const missing = pathsIn(read(page)).filter((path) => !existsSync(join(ROOT, path)));
    expect(missing).toEqual([]);
  });

  it('links only to pages that exist', () => {
    const targets = [...read(page).matchAll(/\]\((?!https?:|#)([^)#]+)/g)].map(([, target]) => target ?? '');
    expect(targets.filter((target) => !existsSync(join(ROOT, dirname(page), target)))).toEqual([]);
  });
});

it('the table of rooms in docs/architecture.md is tools/rooms.json', () => {
  const rows = [...read('docs/architecture.md').matchAll(/^\| `([\w.]+)` \| .* \| (.*) \|$/gm)];
  const table = Object.fromEntries(
    rows.map(([, room = '', list = '']) => [room, list === 'nothing' ? [] : list.split(', ')]),
  );
  expect(table).toEqual(rooms);
});

it('the priority table in docs/delivery.md is that of `decide`', () => {
  const [, table = ''] = read('docs/delivery.md').split('| If | The run |');
  const names = [...(table.split('\n\n')[0] ?? '').matchAll(/^\| (.*?) \| .* \|$/gm)].map(([, name]) => name);
  expect(names).toEqual(RULES.map(({ name }) => name));
});
