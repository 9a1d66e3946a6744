// `node tools/complete-lockfile.mjs`: run it after npm has written package-lock.json on a machine whose registry mirror
// lacks the native builds for other systems. npm then silently omits them, and `npm ci` refuses the lockfile everywhere.
// This adds them with the exact version that their package asks for, and changes nothing in a complete lockfile. The
// integrity of a package that was not available is unknown, so these entries have none.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SYSTEMS = ['aix', 'android', 'darwin', 'freebsd', 'linux', 'netbsd', 'openbsd', 'openharmony', 'sunos', 'win32'];
const PROCESSORS = ['arm64', 'arm', 'ia32', 'loong64', 'mips64el', 'ppc64', 'riscv64', 's390x', 'x64'];
const LIBRARIES = { gnu: 'glibc', musl: 'musl' };

const path = join(dirname(dirname(fileURLToPath(import.meta.url))), 'package-lock.json');
const lock = JSON.parse(readFileSync(path, 'utf8'));

/** Returns the platform of a native package from its name: `@swc/core-linux-x64-musl`. */
function platformOf(name) {
  const words = name.split(/[/-]/);
  const os = SYSTEMS.filter((system) => words.includes(system));
  const cpu = PROCESSORS.filter((processor) => words.includes(processor));
  if (os.length !== 1 || cpu.length !== 1) return undefined;
  const libc = os[0] === 'linux' ? Object.keys(LIBRARIES).filter((word) => words.includes(word)) : [];
  return { cpu, libc: libc.length === 1 ? [LIBRARIES[libc[0]]] : undefined, os };
}

const missing = Object.values(lock.packages).flatMap(({ optionalDependencies = {}, dev }) =>
  Object.entries(optionalDependencies)
    .filter(([name]) => lock.packages[`node_modules/${name}`] === undefined)
    .map(([name, version]) => ({ name, version, dev, platform: platformOf(name) })),
);
for (const { name, version, dev, platform } of missing) {
  if (platform === undefined || !/^\d+\.\d+\.\d+$/.test(version)) {
    throw new Error(`${name}@${version} is missing and is not a native package with an exact version: add it by hand`);
  }
  const { cpu, libc, os } = platform;
  lock.packages[`node_modules/${name}`] = { version, cpu, dev, libc, optional: true, os };
}
lock.packages = Object.fromEntries(Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')));
if (missing.length > 0) writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
console.error(`${missing.length} packages added: ${missing.map(({ name }) => name).join(', ')}`);
