import { z } from 'zod';
import { DEFAULT_TIMING } from '../protocol/timing';
import type { ConnectorSettings } from './connector';

const milliseconds = (meaning: string, value: number) =>
  z.int().min(1).max(2_592_000_000).default(value).describe(`${meaning}, in milliseconds`);

/** Defaults in which connectors differ. */
interface Defaults {
  /** Default: that of {@link DEFAULT_TIMING}. */
  readonly settleMs?: number;
  readonly ratePerSecond: number;
}

/** Setting of the connectors that send names. */
export const splitFullName = z
  .boolean()
  .default(true)
  .describe('if first and last name are both missing, take them from `full_name`: its last word is the last name');

/** The settings that every connector has; a connector extends them with its own. */
export function connectorSettings({ settleMs = DEFAULT_TIMING.settleMs, ratePerSecond }: Defaults) {
  return z.strictObject({
    connectTimeoutMs: milliseconds('DNS, TCP and TLS of one HTTP call', DEFAULT_TIMING.connectTimeoutMs),
    responseTimeoutMs: milliseconds('upload and response of one HTTP call', DEFAULT_TIMING.responseTimeoutMs),
    retry: z
      .strictObject({
        initialMs: milliseconds(
          'first delay between attempts known not to have created anything',
          DEFAULT_TIMING.retryInitialMs,
        ),
        maximumMs: milliseconds('longest such delay', DEFAULT_TIMING.retryMaximumMs),
        giveUpAfterMs: milliseconds('how long such attempts continue', DEFAULT_TIMING.giveUpAfterMs),
      })
      .prefault({})
      .describe('attempts known not to have created anything'),
    settleMs: milliseconds('how long a create may stay invisible to a lookup', settleMs),
    ratePerSecond: z
      .number()
      .min(1e-3)
      .max(10_000)
      .default(ratePerSecond)
      .describe('calls per second, per account and worker'),
    maxInFlight: z.int().min(1).max(1_000).default(4).describe('calls in flight, per account and worker'),
    attachmentMaxBytes: z.int().min(1).max(1_073_741_824).default(20_971_520).describe('largest attachment, in bytes'),
  });
}

/**
 * Returns a function that reads a connector's own settings. The settings of a worker are one object during its life, so they are
 * parsed once.
 */
export function settingsReader<S extends z.ZodType>(schema: S): (settings: ConnectorSettings) => z.output<S> {
  const read = new WeakMap<ConnectorSettings, z.output<S>>();
  return (settings) => {
    const own = read.get(settings) ?? schema.parse(settings);
    read.set(settings, own);
    return own;
  };
}
