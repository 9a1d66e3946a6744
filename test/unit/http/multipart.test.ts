import { describe, expect, it } from '@jest/globals';
import { multipart, type MultipartPart } from '../../../src/http/multipart';
import { parseMultipart } from '../../simulators/multipart';

async function sent(parts: readonly MultipartPart[]) {
  const { body, contentType } = multipart(parts);
  return parseMultipart({ 'content-type': contentType }, body);
}

describe('a multipart body', () => {
  it('holds texts and files as they are', async () => {
    const text = JSON.stringify({ name: `Élodie O'Neil "Zoé" Łódź 🚀`, lines: 'a\r\nb\n' });
    const bytes = Buffer.from([0, 255, 13, 10, 45, 45]);
    const file = { name: 'cv', fileName: 'cv.pdf', contentType: 'application/pdf', bytes };
    expect(await sent([{ name: 'document', text }, file])).toEqual([
      { name: 'document', fileName: null, contentType: 'text/plain', body: Buffer.from(text, 'utf8') },
      { name: 'cv', fileName: 'cv.pdf', contentType: 'application/pdf', body: bytes },
    ]);
  });

  it.each([`CV "Zoé" O'Neil 🚀.pdf`, 'back\\slash.pdf', '\\"', 'a;b=c.pdf', 'été %22.pdf', "'", '日本語.docx'])(
    'keeps the file name %j',
    async (fileName) => {
      const parts = await sent([{ name: 'cv', fileName, contentType: 'application/pdf', bytes: Buffer.from('x') }]);
      expect(parts?.[0]?.fileName).toBe(fileName);
    },
  );

  it('gives a file name without the blanks around it, which strict systems take for an unknown kind of file', async () => {
    const parts = await sent([
      { name: 'cv', fileName: ' CV Zoé.pdf ', contentType: 'application/pdf', bytes: Buffer.from('x') },
    ]);
    expect(parts?.[0]?.fileName).toBe('CV Zoé.pdf');
  });

  it.each(['a\r\nX-Evil: 1', 'a\nb', 'a\u0000b'])('writes the name %j in one line', async (name) => {
    const part = { name, fileName: name, contentType: 'application/pdf\r\nX-Evil: 1', bytes: Buffer.from('x') };
    const { body } = multipart([part]);
    expect(body.toString()).not.toMatch(/^X-Evil/m);
    expect(await sent([part])).toHaveLength(1);
  });

  it('may be empty, and has a boundary of its own', async () => {
    expect(multipart([]).body.toString()).toMatch(/^--hrflow-temporal-\w+--\r\n$/);
    expect(multipart([]).contentType).not.toBe(multipart([]).contentType);
    const [part] =
      (await sent([{ name: 'empty', fileName: 'e', contentType: 'text/x', bytes: Buffer.alloc(0) }])) ?? [];
    expect(part?.body).toHaveLength(0);
  });
});
