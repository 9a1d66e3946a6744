import { describe, expect, it } from '@jest/globals';
import { profileSchema } from '../../../src/connectors/connector';
import { fileFacts } from '../../../src/push/file-facts';

const url = 'https://files.test/a%20b';
const document = { deep: [{ data: { $file: url, encoding: 'base64' } }] };

function factsOf(...attachments: object[]) {
  return fileFacts(profileSchema.parse({ attachments }), document);
}

describe('what a profile says of the files of a document', () => {
  it.each([
    [640, 640],
    ['640', 640],
    [' 640 ', 640],
    [0, undefined],
    [-1, undefined],
    [1.5, undefined],
    ['640 KB', undefined],
    ['', undefined],
    [null, undefined],
    [1e300, undefined],
  ])('counts a size of %j as %j', (file_size, size) => {
    expect(factsOf({ public_url: url, file_size })).toEqual([{ url, extension: '', ...(size && { size }) }]);
  });

  it.each([
    [{ extension: '.PDF' }, '.pdf'],
    [{ extension: 'doc ' }, '.doc'],
    [{ original_file_name: 'CV.pdf ' }, '.pdf'],
    [{ original_file_name: 'CV' }, ''],
    [{}, ''],
  ])('takes the extension of %j for %j', (attachment, extension) => {
    expect(factsOf({ public_url: url, ...attachment })).toEqual([{ url, extension }]);
  });

  it('is matched by the URL, whichever attachment of that URL says it', () => {
    const other = { public_url: 'https://files.test/other', file_size: 1, extension: '.png' };
    const facts = factsOf(other, {}, { public_url: url }, { public_url: url, file_size: 7, extension: '.pdf' });
    expect(facts).toEqual([{ url, extension: '.pdf', size: 7 }]);
  });

  it("is the extension of the URL alone where the profile does not know it, as with a format of one's own", () => {
    const own = { data: { $file: 'https://files.test/x.Doc%20?a=.pdf', encoding: 'base64' } };
    expect(fileFacts(profileSchema.parse({}), own)).toEqual([{ url: own.data.$file, extension: '.doc' }]);
  });

  it('is nothing where the document has no file', () => {
    expect(fileFacts(profileSchema.parse({ attachments: [{ public_url: url }] }), {})).toEqual([]);
  });
});
