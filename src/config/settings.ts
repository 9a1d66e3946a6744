import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { describeIssues } from '../util/zod-issues';
import type { ConnectorSettings } from '../connectors/connector';
import { connectors, profileSource } from '../connectors/registry';
import { jsonOf, textOf, whyUnusable } from '../util/text-file';

/** Something in the environment or the settings file cannot be used. The message says what and how to fix it. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

/** The settings of every connector and of the origin by name. */
export type Settings = { readonly connectors: Readonly<Record<string, ConnectorSettings>> };

/** The settings file: every key optional, unknown keys refused. */
const settingsSchema: z.ZodType<Settings> = z.strictObject({
  connectors: z
    .strictObject(
      Object.fromEntries(
        [...connectors, profileSource].map(({ name, settings }) => [name, z.prefault(settings, {})] as const),
      ),
    )
    .prefault({}),
});

/** The built-in values. */
export function defaultSettings(): Settings {
  return settingsSchema.parse({});
}

/**
 * Reads the settings file.
 *
 * @param path of a JSON file; undefined for the built-in values
 * @throws ConfigurationError naming the file and the key
 */
export function loadSettings(path: string | undefined): Settings {
  if (!path) return defaultSettings();
  const checked = settingsSchema.safeParse(readJson(path));
  if (checked.success) return checked.data;
  throw new ConfigurationError(`HRFLOW_TEMPORAL_SETTINGS (${path}): ${describeIssues(checked.error)}`);
}

/** The settings of one connector or of the origin. */
export function settingsOf(settings: Settings, name: string): ConnectorSettings {
  const found = settings.connectors[name];
  if (!found) throw new ConfigurationError(`there are no settings for "${name}"`);
  return found;
}

function readJson(path: string): unknown {
  try {
    return jsonOf(textOf(readFileSync(path)));
  } catch (error) {
    throw new ConfigurationError(`HRFLOW_TEMPORAL_SETTINGS (${path}): ${whyUnusable(error)}`);
  }
}
