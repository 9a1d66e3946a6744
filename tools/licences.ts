import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(__dirname, '..');
/** Where the list is kept. */
export const LICENCES_FILE = join(ROOT, 'docs', 'licences.md');

const lockSchema = z.object({
  packages: z.record(
    z.string(),
    z.looseObject({
      version: z.string(),
      license: z.string().optional(),
      dev: z.boolean().default(false),
      optionalDependencies: z.record(z.string(), z.string()).default({}),
    }),
  ),
});

/** Packages whose package.json says it in a form that npm does not record; read in their licence files. */
const READ_IN_FILES: Readonly<Record<string, string>> = { busboy: 'MIT', streamsearch: 'MIT', unionfs: 'Unlicense' };

/** One package of the lockfile. */
export interface LockedPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression; null where neither the package nor the one that it is a native build of names any. */
  readonly licence: string | null;
  /** Whether it is needed for development only. */
  readonly dev: boolean;
}

/** Every package of the lockfile, by name and version, each once. */
export function lockedPackages(): LockedPackage[] {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')));
  const entries = Object.entries(packages).filter(([path]) => path !== '');
  // The lockfile says nothing of native builds for other systems than the one that it was written on.
  const inherited = new Map(
    entries.flatMap(([, { license, optionalDependencies }]) =>
      Object.keys(optionalDependencies).map((name) => [name, license] as const),
    ),
  );
  const found = entries.map(([path, { version, license, dev }]): [string, LockedPackage] => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    const licence = license ?? inherited.get(name) ?? READ_IN_FILES[name] ?? null;
    return [`${name}@${version}`, { name, version, licence, dev }];
  });
  // Of a package that is there twice, needed by us and for development, the first counts.
  const ordered = found.sort(([a, one], [b, other]) => Number(other.dev) - Number(one.dev) || (a < b ? 1 : -1));
  return [...new Map(ordered).values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The list as Markdown. */
export function licencesPage(packages: readonly LockedPackage[]): string {
  const runtime = packages.filter(({ dev }) => !dev);
  const development = packages.filter(({ dev }) => dev);
  return `# Licences

Made by \`npx tsx tools/licences.ts\` from \`package-lock.json\`; a test fails when it is out of date. hrflow-temporal itself is under the MIT licence.

## Installed along with hrflow-temporal: ${runtime.length} packages

| Package | Version | Licence |
|---|---|---|
${runtime.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence ?? 'none named'} |`).join('\n')}

The packages \`@temporalio/*\` are peer dependencies: whoever installs hrflow-temporal chooses their version. They are listed below.

## For development and tests: ${development.length} packages

| Licence | Packages |
|---|---|
${[...byLicence(development)].map(([licence, names]) => `| ${licence} | ${names.join(', ')} |`).join('\n')}
`;
}

function byLicence(packages: readonly LockedPackage[]): Map<string, string[]> {
  const groups = new Map<string, Set<string>>();
  for (const { name, licence } of packages) {
    const key = licence ?? 'none named';
    groups.set(key, (groups.get(key) ?? new Set()).add(name));
  }
  return new Map([...groups].sort(([a], [b]) => (a < b ? -1 : 1)).map(([licence, names]) => [licence, [...names]]));
}

if (require.main === module) writeFileSync(LICENCES_FILE, licencesPage(lockedPackages()));
