import { describe, expect, it } from '@jest/globals';
import { fileNameOfUrl, findCv, readAttachments, withExtension } from '../../../src/profile/attachments';
import { profileOf } from '../connectors/format/support';

const URL = 'https://files.example.test/d/4be1c0';

function attachmentOf(members: Readonly<Record<string, unknown>>) {
  const [attachment] = readAttachments(profileOf({ attachments: [{ public_url: URL, ...members }] }));
  if (attachment === undefined) throw new Error('the attachment was not read');
  return attachment;
}

function cvOf(...attachments: readonly Readonly<Record<string, unknown>>[]): string | undefined {
  const withUrls = attachments.map((attachment, index) => ({ public_url: `${URL}/${index}`, ...attachment }));
  return findCv(readAttachments(profileOf({ attachments: withUrls })))?.url.slice(URL.length + 1);
}

describe('the CV', () => {
  it('is the first resume, wherever the originals stand', () => {
    expect(cvOf({ type: 'original' }, { type: 'resume' }, { type: 'resume' })).toBe('1');
  });

  it('is the first original where there is no resume', () => {
    expect(cvOf({ type: 'cover' }, { type: 'original' }, { type: 'original' })).toBe('1');
  });

  it('is never a cover letter nor anything else', () => {
    expect(cvOf({ type: 'cover' }, { type: 'other' }, { type: null, file_name: 'cv.pdf' }, {})).toBeUndefined();
  });

  it('is known by the file name where there is no type, in any case', () => {
    expect(cvOf({ type: ' ', file_name: 'Original' }, { file_name: 'RESUME' })).toBe('1');
    expect(cvOf({ type: 'other', file_name: 'resume' }, { type: 'Original' })).toBe('1');
  });

  it.each([null, '', ' ', 5])('is not an attachment whose public_url is %j', (missing) => {
    expect(cvOf({ type: 'resume', public_url: missing }, { type: 'original' })).toBe('1');
  });
});

describe('the extension', () => {
  it.each([
    ['is the stated one in lower case', { extension: '.PDF', original_file_name: 'cv.doc' }, '.pdf'],
    ['gets its leading dot', { extension: 'Docx' }, '.docx'],
    ['may be a long one when it is stated', { extension: '.numbers' }, '.numbers'],
    ['comes from the URL if it is not stated', { extension: null, public_url: `${URL}.RTF?sig=a.png#b.bmp` }, '.rtf'],
    ['comes from the percent-decoded URL', { public_url: `${URL}%2Epdf` }, '.pdf'],
    ['comes from the original name at last', { extension: ' ', original_file_name: 'my.cv.odt' }, '.odt'],
    ['is none when nothing tells', { original_file_name: 'resume' }, ''],
    ['is not the host of a URL without a path', { public_url: 'https://files.example.test' }, ''],
    ['is none for a lone dot', { extension: '.' }, ''],
    ['needs a character before it', { original_file_name: '.pdf' }, ''],
    ['has at most five characters in a name', { original_file_name: 'cv.numbers' }, ''],
    ['has letters and digits only in a name', { original_file_name: 'v1.2-final' }, ''],
    ['may follow a line break in a name', { original_file_name: '\n.txt' }, '.txt'],
  ])('%s', (_, members, extension) => {
    expect(attachmentOf(members).extension).toBe(extension);
  });

  it.each([
    ['cv', '.pdf', 'cv.pdf'],
    ['cv.PDF', '.pdf', 'cv.PDF'],
    ['cv.doc', '.pdf', 'cv.doc.pdf'],
    ['cv.', 'pdf', 'cv..pdf'],
    ['cv', null, 'cv'],
  ])('of %s is completed with %j to %s', (name, extension, completed) => {
    expect(withExtension(name, attachmentOf({ extension }))).toBe(completed);
  });
});

describe('the content type', () => {
  it.each([
    ['.pdf', 'application/pdf'],
    ['.png', 'image/png'],
    ['.bmp', 'image/bmp'],
    ['.txt', 'text/plain'],
    ['.jpg', 'image/jpeg'],
    ['.jpeg', 'image/jpeg'],
    ['.doc', 'application/msword'],
    ['.ppt', 'application/vnd.ms-powerpoint'],
    ['.msg', 'application/vnd.ms-outlook'],
    ['.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
    ['.dotx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.template'],
    ['.pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
    ['.odt', 'application/vnd.oasis.opendocument.text'],
    ['.odp', 'application/vnd.oasis.opendocument.presentation'],
    ['.rtf', 'application/rtf'],
    ['.cvx', 'application/octet-stream'],
    [null, 'application/octet-stream'],
  ])('of %s is %s', (extension, contentType) => {
    expect(attachmentOf({ extension }).contentType).toBe(contentType);
  });
});

describe('the file name in a URL', () => {
  it.each([
    ['https://a.test/x/CV%20Ir%C3%A8ne.docx?X-Amz-Signature=a/b.png', 'CV Irène.docx'],
    ['https://a.test/x/cv.pdf#page/2', 'cv.pdf'],
    ['https://a.test/x/', ''],
    ['https://a.test', ''],
    ['https://a.test?file=/cv.pdf', ''],
    ['/x/cv.pdf', 'cv.pdf'],
    ['cv.pdf', 'cv.pdf'],
    ['https://a.test/100%', '100%'],
    ['https://a.test/%E9t%E9', '\ufffdt\ufffd'],
    ['https://a.test/%f0%9f%9a%80.pdf', '🚀.pdf'],
    ['https://a.test/a b"c.pdf', 'a b"c.pdf'],
  ])('of %s is %j', (url, name) => {
    expect(fileNameOfUrl(url)).toBe(name);
  });
});
