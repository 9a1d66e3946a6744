import { describe, expect, test } from '@jest/globals';
import { respelled, SPELLING_NAMES, type Spelling } from '../../simulators/spelling';
import { createApplicant, dig, postToCompany, useSimulators } from './support';

const { get } = useSimulators();

describe('a text', () => {
  test.each<[Spelling, string, string]>([
    ['nfc', 'e\u0301', '\u00e9'],
    ['nfd', '\u00e9', 'e\u0301'],
    ['nfkc', '\ufb01', 'fi'],
    ['collapsedBlanks', ' da \u00a0 Silva\n', 'da Silva'],
    ['plainApostrophes', 'D\u2019Artagnan', "D'Artagnan"],
    ['noInvisible', 'zo\u200be\u00ad', 'zoe'],
    ['lowerDomain', 'Zoe@Example.TEST', 'Zoe@example.test'],
    ['asciiDomain', 'Zo\u00e9@ex\u00e4mple.test', 'Zo\u00e9@xn--exmple-cua.test'],
    ['lowerCase', 'Zo\u00c9', 'zo\u00e9'],
    ['noAccents', 'Zo\u00e9', 'Zoe'],
  ])('is stored %s', (spelling, sent, kept) => {
    expect(respelled(sent, [spelling])).toBe(kept);
    expect(respelled(sent, [])).toBe(sent);
  });

  test('may be stored in every spelling at once', () => {
    expect(respelled('D\u2019E\u0301\u200b  X', SPELLING_NAMES)).toBe("d'e x");
  });
});

test('a system told so shows names and e-mail as it keeps them, and the document as it came', async () => {
  get().flatchr.switches.storedSpelling = ['nfc', 'collapsedBlanks'];
  await createApplicant(get(), { lastname: 'da  Silva', email: 'zoe\u0301@example.test' });
  expect(get().flatchr.applicants).toMatchObject([{ document: { lastname: 'da  Silva' } }]);
  const rows: unknown = await (await postToCompany(get(), 'search/applicants', {})).json();
  expect(dig(rows, 0)).toMatchObject({ lastname: 'da Silva', email: 'zo\u00e9@example.test' });
});
