import { beforeAll, describe, expect, it } from '@jest/globals';
import type { PushError } from '../../src/client/errors';
import { SECRET_TEXT } from '../../src/security/sensitivity';
import { ENCRYPTED_ENCODING } from '../../src/security/encryption/payload-codec';
import { STEMS, TEXT_STEM } from './privacy-markers';
import { installRuntime, PLACES, startRig, wholeLog, type Place, type Rig } from './privacy-rig';
import { CASES, functions, runScenarios } from './privacy-scenarios';
import { search, wordsWith } from './privacy-search';
import { standsTorn } from './privacy-torn';

const MINUTES = 60_000;

interface Findings {
  readonly rig: Rig;
  readonly errors: readonly PushError[];
  readonly evidence: Readonly<Record<Place, Buffer[]>>;
  readonly wholeLog: readonly Buffer[];
  /** What the payloads of all histories and memos say of their encoding. */
  readonly encodings: ReadonlySet<string>;
}

/** What finds everything that was planted: the stems of the markers, and the secrets that have none. */
function allTexts({ planted, neverWritten }: Rig): string[] {
  return [...STEMS, ...[...planted, ...neverWritten].filter((text) => !STEMS.some((stem) => text.includes(stem)))];
}

function allSecrets(rig: Rig): string[] {
  const wrong = [...rig.planted].filter((text) => text.endsWith('wrongsecret'));
  return [...allTexts(rig).filter((text) => !STEMS.includes(text)), ...rig.neverWritten, ...wrong];
}

/** Stops everything even when a scenario fails: what it threw then says why. */
async function gather(encrypted: boolean): Promise<Findings> {
  const rig = await startRig(encrypted, functions);
  const outcome = await runScenarios(rig).then(
    (errors) => ({ errors }),
    (reason: unknown) => ({ reason }),
  );
  const evidence = await rig.finish();
  if ('reason' in outcome) throw outcome.reason;
  return { rig, errors: outcome.errors, evidence, wholeLog: wholeLog(), encodings: rig.encodings };
}

beforeAll(installRuntime, MINUTES);

/** Those of the texts that do not stand in the bytes as UTF-8. */
function missing(texts: Iterable<string>, buffers: readonly Buffer[]): string[] {
  const markers = new Set(STEMS.flatMap((stem) => [...wordsWith(stem, buffers)]));
  const stands = (text: string): boolean => buffers.some((bytes) => bytes.includes(text));
  return [...texts].filter((text) => !markers.has(text) && !stands(text) && !standsTorn(text, buffers));
}

describe('with encryption', () => {
  let found: Findings;
  beforeAll(async () => {
    found = await gather(true);
  }, 5 * MINUTES);

  it.each(PLACES)('nothing that was planted stands in: %s', (place) => {
    expect(search({ [place]: found.evidence[place] }, allTexts(found.rig))).toEqual([]);
  });

  it('looked at something in every place', () => {
    expect(PLACES.filter((place) => found.evidence[place].every((bytes) => bytes.length === 0))).toEqual([]);
  });

  it('every payload that Temporal stores is encrypted, but search attributes and the notes of the SDK', () => {
    // Core notes of a local activity when it ran and what it is called; its result stands beside it, encrypted.
    const notes = 'json/plain at events.markerRecordedEventAttributes.details.data.payloads';
    expect([...found.encodings].sort()).toEqual([ENCRYPTED_ENCODING, notes]);
  });

  it('what the ATS says of a person reaches the one who asked, and no secret with it', () => {
    const messages = found.errors.map(({ message }) => message);
    expect(messages.filter((message) => message.includes(TEXT_STEM)).length).toBeGreaterThan(CASES.length * 3);
    expect(messages.some((message) => message.includes(SECRET_TEXT))).toBe(true);
    expect(messages.filter((message) => allSecrets(found.rig).some((one) => message.includes(one)))).toEqual([]);
  });

  it('the logger of the worker had something to leave out', () => {
    expect(search({ log: found.wholeLog }, [TEXT_STEM])).not.toEqual([]);
  });
});

describe('without the codec (the control: the same search finds what is there)', () => {
  let found: Findings;
  beforeAll(async () => {
    found = await gather(false);
  }, 5 * MINUTES);

  it.each(['histories', 'database'] as const)('every marker of profile, secrets and answers stands in: %s', (place) => {
    expect(missing(found.rig.planted, found.evidence[place])).toEqual([]);
    expect(search({ [place]: found.evidence[place] }, STEMS).map(({ text }) => text)).toEqual(
      expect.arrayContaining([...STEMS]),
    );
  });

  it('memos show what an ATS said', () => {
    expect(search({ list: found.evidence['visibility records'] }, [TEXT_STEM])).not.toEqual([]);
  });

  it.each(PLACES)(
    'no CV, no token, no header of credentials and no value of a reference stands even then in: %s',
    (place) => {
      expect(search({ [place]: found.evidence[place] }, [...found.rig.neverWritten])).toEqual([]);
    },
  );

  it.each(['details and summaries, decoded', 'log of the worker', 'metrics of the worker'] as const)(
    'what is never encrypted holds no marker even then: %s',
    (place) => {
      expect(search({ [place]: found.evidence[place] }, allTexts(found.rig))).toEqual([]);
    },
  );
});
