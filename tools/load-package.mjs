// `node tools/load-package.mjs NODE`: loads each entry of the built package with that Node, and its command line.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [node = process.execPath] = process.argv.slice(2);
const { name, exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const run = (...args) =>
  execFileSync(node, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'], timeout: 120_000 });

for (const entry of Object.keys(exports).filter((key) => !key.endsWith('.json'))) {
  const loaded = join(name, entry);
  const found = run('-p', `Object.keys(require(${JSON.stringify(loaded)})).length`);
  if (!(Number(found) > 0)) throw new Error(`${loaded} exports nothing`);
  console.log(`${loaded}: ${String(found).trim()} exports`);
}
const help = run(Object.values(bin)[0], '--help').toString();
if (!help.includes('Usage: hrflow-temporal')) throw new Error(`unexpected output of --help: ${help}`);
console.log('hrflow-temporal --help');
