// Used by the Dockerfile alone. Without arguments: turns package.json into that of a program that only runs: the
// Temporal SDK, which the published package asks its users for, becomes a dependency, and development goes away, so
// that `npm prune` leaves what the worker needs. With --remove-foreign-binaries: deletes the SDK's native builds for
// other systems (about 110 MB).
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';

function keepWhatRuns() {
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
  const { devDependencies = {}, peerDependencies = {}, dependencies = {} } = manifest;
  const sdk = Object.entries({ ...devDependencies, ...peerDependencies }).filter(
    ([name]) => name.startsWith('@temporalio/') && name !== '@temporalio/testing',
  );
  delete manifest.devDependencies;
  delete manifest.peerDependencies;
  delete manifest.peerDependenciesMeta;
  writeFileSync(
    'package.json',
    `${JSON.stringify({ ...manifest, dependencies: { ...dependencies, ...Object.fromEntries(sdk) } }, null, 2)}\n`,
  );
}

function removeForeignBinaries() {
  const processor = { x64: 'x86_64', arm64: 'aarch64' }[process.arch];
  const releases = 'node_modules/@temporalio/core-bridge/releases';
  const own = `${processor}-unknown-linux-gnu`;
  const all = readdirSync(releases);
  if (!all.includes(own)) throw new Error(`the Temporal SDK has no native build for ${own}, only ${all.join(', ')}`);
  for (const name of all.filter((other) => other !== own)) rmSync(`${releases}/${name}`, { recursive: true });
}

if (process.argv.includes('--remove-foreign-binaries')) removeForeignBinaries();
else keepWhatRuns();
