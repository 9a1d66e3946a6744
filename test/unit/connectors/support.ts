import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '../../../src/connectors/connector';
import { run, startBench, type Bench, type ConnectorName } from '../activities/support';

const QUICK = { responseTimeoutMs: 1_000, ratePerSecond: 10_000, maxInFlight: 100 };

/** A bench for as long as `use` takes, with settings of one connector's own. */
export async function withSettings(
  connector: ConnectorName,
  own: JsonObject,
  use: (bench: Bench) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-connectors-'));
  const file = join(folder, 'settings.json');
  writeFileSync(file, JSON.stringify({ connectors: { [connector]: { ...QUICK, ...own } } }));
  const bench = await startBench({ env: { HRFLOW_TEMPORAL_SETTINGS: file } });
  try {
    await use(bench);
  } finally {
    await bench.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The document that the default format makes of the first sample profile. */
export async function documentFor(bench: Bench, connector: ConnectorName): Promise<JsonObject> {
  const { document } = await bench.documents(bench.target(connector));
  if (!document) throw new Error('there is no document');
  return document;
}

/** One create of a document, as the worker makes it. */
export function create(bench: Bench, connector: ConnectorName, document: JsonObject) {
  const timing = bench.timing(connector);
  return run(() => bench.activities.pushApplicant({ ...bench.target(connector), document, timing }));
}
