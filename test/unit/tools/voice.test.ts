import { describe, expect, it } from '@jest/globals';
import phrases from '../../../tools/banned-phrases.json';
import { findPhrases } from '../../../tools/voice';

describe('banned phrases', () => {
  it.each(phrases)('"%s" is found', (phrase) => {
    expect(findPhrases(`one\n// It ${phrase}, so\n`)).toEqual([{ line: 2, phrase }]);
  });

  it('are found in any case and across the lines of a comment', () => {
    expect(findPhrases('For ever\n * None\n * is there.\n// goes\n// on')).toEqual([
      { line: 1, phrase: 'for ever' },
      { line: 2, phrase: 'none is' },
      { line: 4, phrase: 'goes on' },
    ]);
  });

  it('are not seen inside of other words', () => {
    expect(findPhrases('recommend amend forever none_is none-is goes only renewed')).toEqual([]);
  });
});
