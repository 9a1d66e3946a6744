import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { readDocuments, readInput, readRequest, requestOf } from '../../../src/cli/input/input';
import { recordCli } from './support';

/** The documents of a text that arrives in pieces of a few bytes. */
async function documentsOf(text: string | Buffer, size = 3) {
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, n) =>
    bytes.subarray(n * size, (n + 1) * size),
  );
  const found = [];
  for await (const { line, value, problem } of readDocuments(Readable.from(pieces))) {
    found.push([line, problem ?? value]);
  }
  return found;
}

describe('the input of a push', () => {
  it('is one document where the whole of it is one JSON object', async () => {
    expect(await documentsOf('{"a":1}')).toEqual([[1, { a: 1 }]]);
    expect(await documentsOf('\uFEFF{\n  "a": {\n    "é": 1\n  }\n}\n\n')).toEqual([[1, { a: { é: 1 } }]]);
  });

  it('is one document per line elsewhere, numbered from 1, blank lines counted and skipped', async () => {
    expect(await documentsOf('\n{"a":1}\r\n\n{"a":2}\n{"a":"é"}')).toEqual([
      [2, { a: 1 }],
      [4, { a: 2 }],
      [5, { a: 'é' }],
    ]);
  });

  it('gives a bad line as a problem of its own, wherever it stands', async () => {
    const list = 'expected a JSON object, or one per line (JSON Lines), not a list';
    expect(await documentsOf('{"a":1}\nnonsense\n[1]\n{"a":2}\n7\n{"a":3},')).toEqual([
      [1, { a: 1 }],
      [2, expect.stringContaining('line 2, column 1: expected a value')],
      [3, list],
      [4, { a: 2 }],
      [5, 'expected a JSON object'],
      [6, expect.stringContaining('line 6, column 8: the value is complete: remove the comma')],
    ]);
    expect(await documentsOf('{"a":\n{"a":2}\n')).toEqual([
      [1, expect.stringContaining('line 1, column 6: expected a value')],
      [2, { a: 2 }],
    ]);
    expect(await documentsOf('nonsense')).toEqual([[1, expect.stringContaining('line 1, column 1')]]);
    expect(await documentsOf('[{"a":1}]')).toEqual([[1, list]]);
  });

  it('says of one document over several lines where it is broken', async () => {
    expect(await documentsOf('\r\n{\r\n  "a": 1,\r\n}\r\n')).toEqual([
      [2, expect.stringContaining('line 4, column 1: remove the comma before this "}"')],
    ]);
  });

  it.each([
    ['[\n{"a":1},\n{"a":2}\n]', 'not a list'],
    ['[\n{"a":1},\n{"a":2},\n]', 'line 4, column 1: remove the comma'],
    ['[{"a":1},\n{"a":2}', 'line 2, column 8: expected "]"'],
  ])('takes no entry of a list for a document: %j', async (text, problem) => {
    expect(await documentsOf(text)).toEqual([[1, expect.stringContaining(problem)]]);
  });

  it('takes byte order marks wherever files were joined, and names a line that is not UTF-8', async () => {
    const bytes = Buffer.concat([
      Buffer.from('\uFEFF{"a":1}\r\n'),
      Buffer.from('{"a":"Zo\u00eb"}\r\n', 'latin1'),
      Buffer.from('\uFEFF{"a":"Zo\u00eb"}\r\n'),
    ]);
    expect(await documentsOf(bytes)).toEqual([
      [1, { a: 1 }],
      [2, expect.stringContaining('line 2 of it is not UTF-8')],
      [3, { a: 'Zo\u00eb' }],
    ]);
  });

  it.each(['{"a":1}', '\uFEFF{"a":1}\n{"a":2}\n'])('is refused by name in UTF-16: %j', async (text) => {
    const bytes = Buffer.from(text, 'utf16le');
    expect(await documentsOf(bytes)).toEqual([[1, expect.stringContaining('it is UTF-16 (little-endian)')]]);
    expect(await documentsOf(bytes.swap16())).toEqual([[1, expect.stringContaining('it is UTF-16 (big-endian)')]]);
  });

  it('is nothing where it is empty', async () => {
    expect(await documentsOf(' \n\n')).toEqual([]);
  });

  it('gives the first line before the second has come', async () => {
    const stream = new Readable({ read: () => undefined });
    stream.push('{"a":1}\n');
    const documents = readDocuments(stream);
    const first = await documents.next();
    expect(first.value?.value).toEqual({ a: 1 });
    stream.push('{"a":2}\n');
    stream.push(null);
    expect(first.value?.line).toBe(1);
    const second = await documents.next();
    expect(second.value?.value).toEqual({ a: 2 });
  });

  it('is made of the overrides alone where there is no file', async () => {
    const cli = recordCli({ overrides: [{ path: ['originParameters', 'profile_key'], value: 'p1' }] });
    expect(await readRequest(cli, undefined)).toEqual({
      originParameters: { profile_key: 'p1' },
      targetParameters: {},
    });
  });

  it('names the file that cannot be read', async () => {
    const reading = readInput(recordCli(), '/nowhere/push.json').next();
    await expect(reading).rejects.toThrow('--params: /nowhere/push.json cannot be read (ENOENT)');
  });

  it('names the file that is not JSON', async () => {
    const reading = readRequest(recordCli({ input: '{"a"' }), '-');
    await expect(reading).rejects.toThrow('--params: standard input: it is not valid JSON: line 1, column 5');
  });

  it('has to be one request for commands that take one', async () => {
    await expect(readRequest(recordCli({ input: '{}\n{}' }), '-')).rejects.toThrow(
      'standard input holds several requests',
    );
    await expect(readRequest(recordCli({ input: '' }), '-')).rejects.toThrow('standard input is empty');
  });
});

describe('a request', () => {
  it.each([
    [{ again: true }, '(the whole): unknown field "again"'],
    [{ targetParameters: 'x' }, 'targetParameters: expected an object'],
    [{ originParameters: [] }, 'originParameters: expected an object'],
    [{ workflowId: ' ' }, 'workflowId: must not be blank'],
    [{ workflowId: 7 }, 'workflowId: Invalid input: expected string, received number'],
  ])('%j is refused', (value, message) => {
    expect(() => requestOf({ value, problem: null }, [])).toThrow(message);
  });

  it('is left to the check of its parameters', () => {
    const value = {
      workflowId: 'mine',
      actionParameters: { logics: ['a'] },
      originParameters: { x: 1 },
      targetParameters: {},
    };
    expect(requestOf({ value, problem: null }, [])).toEqual(value);
  });
});
