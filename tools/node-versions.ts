import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { engines } from '../package.json';

/** A Node binary. */
export interface FoundNode {
  readonly path: string;
  /** As in `process.versions.node`. */
  readonly version: string;
}

/** Folders of version managers, which hold one folder per version. */
const VERSION_FOLDERS = [join(homedir(), '.nvm', 'versions', 'node'), '/usr/local/n/versions/node', '/opt'];

/** Returns the folders where Node binaries may be: those on the `PATH`, then those of version managers. */
function binaryFolders(path: string, versionFolders: readonly string[]): string[] {
  const managed = versionFolders.flatMap((folder) => list(folder).map((name) => join(folder, name, 'bin')));
  return [...path.split(delimiter).filter((folder) => folder !== ''), ...managed];
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Returns the version, or undefined if this is not a Node that can run. */
function versionOf(path: string): string | undefined {
  try {
    const printed = execFileSync(path, ['--version'], { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    return /^v(\d+\.\d+\.\d+)\s*$/.exec(printed)?.[1];
  } catch {
    return undefined;
  }
}

/** The oldest Node that the package supports, as in `20.19`. */
export const MIN_NODE = engines.node.replace('>=', '');

/** Tells whether a version is at least the wanted one. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/**
 * Returns one binary for each supported Node version of this machine but the running one.
 *
 * @param path like the environment variable `PATH`
 * @param versionFolders folders with one folder per version, each with `bin/node`
 */
export function findOtherNodes(
  path = process.env['PATH'] ?? '',
  versionFolders: readonly string[] = VERSION_FOLDERS,
): FoundNode[] {
  const found = new Map<string, string>();
  for (const folder of binaryFolders(path, versionFolders)) {
    for (const name of list(folder).filter((entry) => /^node(js)?-?[\d.]*$/.test(entry))) {
      const version = versionOf(join(folder, name));
      if (version !== undefined && !found.has(version)) found.set(version, join(folder, name));
    }
  }
  return [...found]
    .filter(([version]) => version !== process.versions.node && isAtLeast(version, MIN_NODE))
    .map(([version, binary]) => ({ path: binary, version }));
}
