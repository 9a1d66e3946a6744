import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { isSecretReference } from '../../../src/security/sensitivity';
import { createSecretResolver, SecretUnresolvedError, surveySecrets } from '../../../src/security/secrets/references';

const root = mkdtempSync(join(tmpdir(), 'hrflow-secrets-fuzz-'));
const dir = join(root, 'mounted');
const file = join(root, 'secrets.json');
mkdirSync(dir);
writeFileSync(join(root, 'outside'), 'outside-value-5b2c');
afterAll(() => rmSync(root, { recursive: true }));

const PLANTED = 'planted-value-7f3a';
const SPECIAL = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'a/__proto__', 'a.b', '-'];

const name = fc.oneof(
  fc.constantFrom(...SPECIAL),
  fc.stringMatching(/^[\w-]{1,6}$/),
  fc.tuple(fc.stringMatching(/^[\w-]{1,4}$/), fc.stringMatching(/^[\w-]{1,4}$/)).map((parts) => parts.join('/')),
);
/** Bytes of a file with a secret in it: good, broken, or in another encoding. */
const bytes = fc.oneof(
  fc.string({ unit: 'binary' }).map((text) => Buffer.from(text + PLANTED)),
  fc
    .tuple(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 8 }))
    .map(([before, after]) => Buffer.concat([before, Buffer.from(PLANTED), after])),
  fc.constantFrom(Buffer.from(`\uFEFF${PLANTED}`, 'utf16le'), Buffer.from(`${PLANTED}\u00e9`, 'latin1'), Buffer.of()),
);

/** The value, or the message of a refusal, which says where it looked and nothing of what it saw. */
async function resolved(sources: { dir?: string; file?: string }, secret: string): Promise<{ value?: string }> {
  const resolver = createSecretResolver({ env: {}, ...sources });
  const check = await resolver.check({ secret });
  expect(JSON.stringify(check)).not.toContain(PLANTED);
  try {
    const value = await resolver.resolve({ secret });
    expect(check.found).toBe(true);
    return { value };
  } catch (error) {
    if (!(error instanceof SecretUnresolvedError)) throw error;
    expect(check.found).toBe(false);
    expect(error.message).not.toContain(PLANTED);
    if (isSecretReference({ secret })) {
      expect(error.message).toContain(`"${secret}"`);
      expect(error.message).toContain(sources.file ?? join(dir, secret));
    }
    return {};
  }
}

const withoutBreak = (text: string): string => text.replace(/\r?\n$/, '');

describe('whatever the places of secrets hold', () => {
  it('the bytes of a file in the folder are its secret, or refused without it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.stringMatching(/^[\w-]{1,6}$/), bytes, async (secret, content) => {
        writeFileSync(join(dir, secret), content);
        const { value } = await resolved({ dir }, secret);
        if (value !== undefined) {
          expect(value).not.toBe('');
          // What is no UTF-8 never becomes a value with something else in its place.
          const bom = content.subarray(0, 3).equals(Buffer.from('\uFEFF')) ? '\uFEFF' : '';
          expect([value, `${value}\n`, `${value}\r\n`].map((text) => bom + text)).toContain(content.toString());
          expect(Buffer.from(content.toString())).toEqual(content);
        }
        expect(JSON.stringify(await surveySecrets({ env: {}, dir }))).not.toContain(PLANTED);
        rmSync(join(dir, secret));
      }),
      { numRuns: 400, interruptAfterTimeLimit: 20_000 },
    );
  });

  it('the bytes of the JSON file are secrets, or refused without them', async () => {
    const broken = fc.tuple(fc.nat(), fc.string({ maxLength: 3 })).map(([at, put]) => {
      const text = JSON.stringify({ a: PLANTED, b: { c: [PLANTED] } }, null, 1);
      const cut = at % text.length;
      return Buffer.from(text.slice(0, cut) + put + text.slice(cut));
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(bytes, broken), async (content) => {
        writeFileSync(file, content, { mode: 0o600 });
        await resolved({ file }, 'a');
        await resolved({ file }, 'b');
        expect(JSON.stringify(await surveySecrets({ env: {}, file }))).not.toContain(PLANTED);
      }),
      { numRuns: 500, interruptAfterTimeLimit: 20_000 },
    );
  });

  it('a name finds the text that the JSON file has under it, and nothing that every object has', async () => {
    const value = fc.oneof(
      { weight: 2, arbitrary: fc.string({ unit: 'binary' }) },
      fc.jsonValue(),
      fc.constant(PLANTED),
    );
    const members = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(members, name, async (given, other) => {
        // By hand, so that `__proto__` is a member like any other.
        const text = given.map(([key, inner]) => `${JSON.stringify(key)}:${JSON.stringify(inner)}`).join(',');
        writeFileSync(file, `{${text}}`, { mode: 0o600 });
        const known = new Map<string, unknown>(given);
        const resolver = createSecretResolver({ env: {}, file });
        for (const secret of [...known.keys(), other]) {
          const held = known.get(secret);
          const expected = typeof held === 'string' && withoutBreak(held) !== '' ? withoutBreak(held) : undefined;
          const value = await resolver.resolve({ secret }).catch((error: unknown) => {
            if (!(error instanceof SecretUnresolvedError)) throw error;
            expect(error.message).not.toContain(PLANTED);
            return undefined;
          });
          expect(value).toBe(expected);
        }
      }),
      { numRuns: 500, interruptAfterTimeLimit: 20_000 },
    );
  });

  it('no name leaves the folder, and a name finds the file of that path alone', async () => {
    const anyName = fc.oneof(
      name,
      fc.constantFrom('../outside', '..', '.', '', 'a/../../outside', '/etc/hostname', 'a\0b', 'a//b', 'x'.repeat(300)),
      fc.string({ unit: 'binary' }),
    );
    await fc.assert(
      fc.asyncProperty(name, anyName, async (there, asked) => {
        const path = join(dir, there);
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, 'inside');
        const { value } = await resolved({ dir }, asked);
        expect(value).toBe(asked === there ? 'inside' : undefined);
        rmSync(join(dir, there.split('/')[0] ?? ''), { recursive: true });
      }),
      { numRuns: 500, interruptAfterTimeLimit: 20_000 },
    );
  });
});
