import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ConfigurationError, defaultSettings, loadSettings, settingsOf } from '../../../src/config/settings';

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function load(content: unknown) {
  const path = join(folder, 'settings.json');
  writeFileSync(path, typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content));
  return loadSettings(path);
}

function problemOf(content: unknown): string {
  try {
    load(content);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

const usual = {
  connectTimeoutMs: 10_000,
  responseTimeoutMs: 60_000,
  retry: { initialMs: 1_000, maximumMs: 300_000, giveUpAfterMs: 86_400_000 },
  settleMs: 300_000,
  ratePerSecond: 2,
  maxInFlight: 4,
  attachmentMaxBytes: 20_971_520,
};

describe('the settings', () => {
  it('have the defaults of the contract', () => {
    const { connectors } = defaultSettings();
    expect(Object.keys(connectors).sort()).toEqual(['flatchr', 'hrflow', 'oracleORC', 'talentSoft']);
    expect(connectors['talentSoft']).toMatchObject({ ...usual, exportPageSize: 100 });
    expect(connectors['oracleORC']).toMatchObject({
      ...usual,
      frameworkVersion: 4,
      longTexts: 'plain',
      resumeCategory: 'resume',
      coverCategory: 'cover',
    });
    expect(connectors['flatchr']).toMatchObject({
      ...usual,
      settleMs: 120_000,
      tokenInBody: true,
      authorization: 'bearer',
      enrichNotFound: [404],
    });
    expect(connectors['hrflow']).toMatchObject({ ...usual, ratePerSecond: 10 });
  });

  it('are those where no file is named', () => {
    expect(loadSettings(undefined)).toEqual(defaultSettings());
    expect(load({})).toEqual(defaultSettings());
  });

  it('take every key by itself', () => {
    const { connectors } = load({ connectors: { flatchr: { retry: { initialMs: 5 }, ratePerSecond: 0.5 } } });
    expect(connectors['flatchr']).toMatchObject({ settleMs: 120_000, ratePerSecond: 0.5 });
    expect(connectors['flatchr']?.retry).toEqual({ initialMs: 5, maximumMs: 300_000, giveUpAfterMs: 86_400_000 });
    expect(connectors['talentSoft']).toEqual(defaultSettings().connectors['talentSoft']);
  });

  it.each([
    [{ connector: {} }, '"connector"'],
    [{ connectors: { workday: {} } }, '"workday"'],
    [{ connectors: { flatchr: { timeout: 5 } } }, 'connectors.flatchr: unknown field "timeout"'],
    [{ connectors: { hrflow: { retry: { max: 5 } } } }, 'connectors.hrflow.retry: unknown field "max"'],
    [{ connectors: { flatchr: { settleMs: 0 } } }, 'connectors.flatchr.settleMs'],
    [{ connectors: { flatchr: { settleMs: -1 } } }, 'connectors.flatchr.settleMs'],
    [{ connectors: { flatchr: { settleMs: '5s' } } }, 'connectors.flatchr.settleMs'],
    [{ connectors: { flatchr: { settleMs: 1.5 } } }, 'connectors.flatchr.settleMs'],
    [{ connectors: { flatchr: { ratePerSecond: 0 } } }, 'connectors.flatchr.ratePerSecond'],
    [{ connectors: { flatchr: { ratePerSecond: 1e-300 } } }, 'connectors.flatchr.ratePerSecond'],
    [{ connectors: { flatchr: { maxInFlight: 0 } } }, 'connectors.flatchr.maxInFlight'],
    [{ connectors: { flatchr: { attachmentMaxBytes: 1e12 } } }, 'connectors.flatchr.attachmentMaxBytes'],
    [{ connectors: { oracleORC: { frameworkVersion: 3 } } }, 'connectors.oracleORC.frameworkVersion'],
    [{ connectors: { oracleORC: { resumeCategory: ' ' } } }, 'connectors.oracleORC.resumeCategory'],
    [{ connectors: { oracleORC: { coverCategory: 'x'.repeat(31) } } }, 'connectors.oracleORC.coverCategory'],
    [{ connectors: { talentSoft: { exportPageSize: 0 } } }, 'connectors.talentSoft.exportPageSize'],
    [{ connectors: { talentSoft: { exportPageSize: 1_001 } } }, 'connectors.talentSoft.exportPageSize'],
    [{ connectors: { flatchr: { enrichNotFound: 404 } } }, 'connectors.flatchr.enrichNotFound'],
    [{ connectors: { flatchr: { enrichNotFound: [404, 500] } } }, 'connectors.flatchr.enrichNotFound.1'],
    [{ connectors: null }, 'connectors'],
    [[], '(the whole)'],
  ])('refuse %j and name the key', (content, words) => {
    expect(problemOf(content)).toContain(words);
    expect(problemOf(content)).toContain('HRFLOW_TEMPORAL_SETTINGS');
  });

  it('say of a file what is wrong with it', () => {
    expect(problemOf('{ "connectors": ')).toContain('it is not valid JSON: line 1, column 17');
    expect(() => loadSettings(join(folder, 'missing.json'))).toThrow('it cannot be read (ENOENT)');
    expect(() => loadSettings(join(folder, 'missing.json'))).toThrow(ConfigurationError);
  });

  it('are read with a byte order mark, and refused by name in another encoding', () => {
    expect(load('\uFEFF{\r\n}\r\n')).toEqual(defaultSettings());
    expect(problemOf(Buffer.from('\uFEFF{}', 'utf16le'))).toContain('it is UTF-16 (little-endian)');
  });

  it('are asked for by a name that exists', () => {
    expect(settingsOf(defaultSettings(), 'flatchr').settleMs).toBe(120_000);
    expect(() => settingsOf(defaultSettings(), 'workday')).toThrow(ConfigurationError);
  });
});
