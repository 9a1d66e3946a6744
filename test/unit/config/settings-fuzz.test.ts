import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ConfigurationError, defaultSettings, loadSettings, type Settings } from '../../../src/config/settings';

const folder = mkdtempSync(join(tmpdir(), 'hrflow-temporal-settings-fuzz-'));
const path = join(folder, 'settings.json');
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const PLANTED = 'planted-value-7f3a';
const NAMES = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'settleMs', 'retry', 'connectors', ''];

/** Takes the file, or refuses it in words that name the variable, the file and the place, and quote no value of it. */
function load(content: string | Uint8Array): Settings | string {
  writeFileSync(path, content);
  try {
    return loadSettings(path);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    expect(error.message.startsWith(`HRFLOW_TEMPORAL_SETTINGS (${path}): `)).toBe(true);
    expect(error.message).not.toContain(PLANTED);
    expect(error.message.length).toBeLessThan(10_000);
    return error.message;
  }
}

const value = fc.oneof(
  fc.constantFrom<unknown>(null, '', 0, -0, -1, 1e21, 1e308, 0.1, true, [], {}, '5s', PLANTED, [PLANTED], '\ud800'),
  fc.jsonValue(),
  fc.double(),
);
const name = fc.oneof(fc.constantFrom(...NAMES), fc.string({ unit: 'binary', maxLength: 8 }));

type Member = readonly [string, unknown];
/** With `__proto__` as a member of its own, which a literal does not make. */
const textOf = (members: readonly Member[]): string =>
  `{${members.map(([key, inner]) => `${JSON.stringify(key)}:${JSON.stringify(inner)}`).join(',')}}`;

describe('whatever the settings file holds', () => {
  it('its bytes are settings, or refused with variable and file', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        const loaded = load(bytes);
        if (typeof loaded !== 'string') expect(loaded).toEqual(defaultSettings());
      }),
      { numRuns: 500, interruptAfterTimeLimit: 20_000 },
    );
  });

  it('JSON of any kind is settings of every connector, or refused with the key', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (json) => {
        const loaded = load(JSON.stringify(json));
        if (typeof loaded !== 'string') expect(loaded).toEqual(defaultSettings());
        else expect(loaded).toMatch(/: (?:\(the whole\)|connectors)/);
      }),
      { numRuns: 500, interruptAfterTimeLimit: 20_000 },
    );
  });

  it('a changed member of a connector is taken, or refused by its path', () => {
    const known = defaultSettings().connectors;
    const connector = fc.constantFrom(...Object.keys(known));
    const members = fc.array(fc.tuple(fc.oneof(name, fc.constantFrom(...Object.keys(known['flatchr'] ?? {}))), value), {
      minLength: 1,
      maxLength: 3,
    });
    fc.assert(
      fc.property(connector, members, (chosen, changed) => {
        const loaded = load(`{"connectors":{${JSON.stringify(chosen)}:${textOf(changed)}}}`);
        if (typeof loaded === 'string') {
          expect(loaded).toContain(`connectors.${chosen}`);
          return;
        }
        expect(Object.keys(loaded.connectors).sort()).toEqual(Object.keys(known).sort());
        // What was taken is taken again as it is: nothing was bent into shape, and nothing came in beside.
        expect(load(JSON.stringify(loaded))).toEqual(loaded);
        for (const [other, settings] of Object.entries(loaded.connectors)) {
          expect(Object.keys(settings).sort()).toEqual(Object.keys(known[other] ?? {}).sort());
          expect(Object.getPrototypeOf(settings)).toBe(Object.prototype);
          if (other !== chosen) expect(settings).toEqual(known[other]);
        }
      }),
      { numRuns: 1_500, interruptAfterTimeLimit: 30_000 },
    );
  });

  it.each(['__proto__', 'constructor', 'toString'])('a member %s is unknown wherever it stands', (key) => {
    const member = textOf([[key, { settleMs: 1 }]]);
    for (const text of [
      member,
      `{"connectors":${member}}`,
      `{"connectors":{"flatchr":${member}}}`,
      `{"connectors":{"flatchr":{"retry":${member}}}}`,
    ])
      expect(load(text)).toContain(`unknown field "${key}"`);
  });
});
