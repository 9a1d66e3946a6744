import { rmSync } from 'node:fs';

export default async function globalTeardown(): Promise<void> {
  await globalThis.integrationServer?.stop();
  if (globalThis.integrationFolder) rmSync(globalThis.integrationFolder, { recursive: true, force: true });
}
