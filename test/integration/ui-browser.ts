import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'chrome'];
/** Stops Chromium from connecting to the outside, which takes long on a machine without a network. */
const QUIET = ['--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-proxy-server'];

/** Path of a Chromium: `CHROMIUM_PATH`, else one of the usual names on the PATH; null if there is none. */
export function findChromium(): string | null {
  const { CHROMIUM_PATH, PATH = '' } = process.env;
  const onPath = PATH.split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [...(CHROMIUM_PATH ? [CHROMIUM_PATH] : []), ...onPath].find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts a headless Chromium. Its sandbox refuses to work for root, which containers often are. */
export function openBrowser(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: QUIET,
    chromiumSandbox: process.getuid?.() !== 0,
  });
}
