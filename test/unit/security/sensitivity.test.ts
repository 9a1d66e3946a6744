import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import {
  collectSecrets,
  personal,
  redact,
  secret,
  secretReferenceSchema,
  withoutSecrets,
} from '../../../src/security/sensitivity';

const literal = 'k3y-of-the-tenant';
const reference = { secret: 'flatchr/prod' };

describe('a secret reference', () => {
  it.each(['a', 'flatchr/prod', 'A-1_b.c/d/e', '.hidden', 'v1.2'])('may be named %s', (name) => {
    expect(secretReferenceSchema.parse({ secret: name })).toEqual({ secret: name });
  });

  it.each([
    '',
    '/',
    '/etc/passwd',
    'a/',
    'a//b',
    '..',
    '../a',
    'a/../b',
    'a..b',
    '.',
    'a/./b',
    'a b',
    'é',
    'a\\b',
    'a\n',
  ])('may not be named %j', (name) => {
    expect(secretReferenceSchema.safeParse({ secret: name }).success).toBe(false);
  });

  it('has no other member', () => {
    expect(secretReferenceSchema.safeParse({ ...reference, value: literal }).success).toBe(false);
  });
});

describe('a secret parameter', () => {
  const schema = z.strictObject({ auth: secret('API key') });

  it('takes a text or a reference', () => {
    expect(schema.parse({ auth: literal })).toEqual({ auth: literal });
    expect(schema.parse({ auth: reference })).toEqual({ auth: reference });
  });

  it.each([
    ['an empty text', ''],
    ['a number', 12345678],
    ['null', null],
    ['an object of another shape', { key: literal }],
    ['a malformed reference', { secret: '../k3y-of-the-tenant' }],
  ])('refuses %s, naming the path and not the value', (_, auth) => {
    const { error } = schema.safeParse({ auth });
    expect(error?.issues[0]?.path[0]).toBe('auth');
    expect(JSON.stringify(error?.issues)).not.toMatch(/k3y-of-the-tenant|12345678/);
  });

  it('shows its mark and its description in the JSON Schema', () => {
    expect(z.toJSONSchema(schema)).toMatchObject({ properties: { auth: { secret: true, description: 'API key' } } });
  });
});

describe('redact', () => {
  it('replaces literals and keeps references readable', () => {
    const schema = z.object({ a: secret('a'), b: secret('b'), c: z.string() });
    expect(redact(schema, { a: literal, b: reference, c: 'shown' })).toEqual({
      a: '[secret]',
      b: reference,
      c: 'shown',
    });
  });

  it.each([
    ['a number', 4711],
    ['a list', [literal]],
    ['an object', { nested: literal }],
    ['a reference with more in it', { secret: 'a', value: literal }],
    ['a malformed reference', { secret: `${literal}!` }],
  ])('replaces %s in the place of a secret', (_, value) => {
    expect(redact(z.object({ a: secret('a') }), { a: value })).toEqual({ a: '[secret]' });
  });

  const name = personal(z.string());
  it.each<[string, z.ZodType, unknown, unknown]>([
    ['optional', z.object({ x: name.optional() }), { x: 'Zoé' }, { x: '[personal]' }],
    ['marked around optional', z.object({ x: personal(z.string().optional()) }), { x: 'Zoé' }, { x: '[personal]' }],
    ['absent', z.object({ x: name.optional(), y: z.number() }), { y: 1 }, { y: 1 }],
    ['nullable, null', z.object({ x: name.nullable() }), { x: null }, { x: null }],
    ['nullable, a text', z.object({ x: name.nullable() }), { x: 'Zoé' }, { x: '[personal]' }],
    ['default', z.object({ x: name.default('?') }), { x: 'Zoé' }, { x: '[personal]' }],
    ['prefault', z.object({ x: name.prefault('?') }), { x: 'Zoé' }, { x: '[personal]' }],
    ['catch', z.object({ x: name.catch('?') }), { x: 'Zoé' }, { x: '[personal]' }],
    ['readonly', z.object({ x: name.readonly() }), { x: 'Zoé' }, { x: '[personal]' }],
    ['refined after the mark', z.object({ x: name.min(1) }), { x: 'Zoé' }, { x: '[personal]' }],
    ['described after the mark', z.object({ x: name.describe('d') }), { x: 'Zoé' }, { x: '[personal]' }],
    ['array of marked', z.array(name), ['Zoé', 'Łódź'], ['[personal]', '[personal]']],
    ['marked array', z.object({ x: personal(z.array(z.string())) }), { x: ['Zoé'] }, { x: '[personal]' }],
    ['tuple', z.tuple([z.number(), name]).rest(z.boolean()), [1, 'Zoé', true], [1, '[personal]', true]],
    ['record', z.record(z.string(), name), { a: 'Zoé' }, { a: '[personal]' }],
    ['loose object', z.looseObject({ x: name }), { x: 'Zoé', y: 'Łódź' }, { x: '[personal]', y: '[unknown field]' }],
    ['strict object', z.strictObject({ x: name }), { x: 'Zoé', y: 'Łódź' }, { x: '[personal]', y: '[unknown field]' }],
    ['catchall', z.object({}).catchall(name), { y: 'Zoé' }, { y: '[personal]' }],
    ['extended', z.object({ x: name }).extend({ y: z.string() }), { x: 'Zoé', y: 'b' }, { x: '[personal]', y: 'b' }],
    ['lazy', z.lazy(() => z.object({ x: name })), { x: 'Zoé' }, { x: '[personal]' }],
    ['pipe', z.object({ x: name.pipe(z.string()) }), { x: 'Zoé' }, { x: '[personal]' }],
    ['marked at the end of a pipe', z.object({ x: z.string().pipe(name) }), { x: 'Zoé' }, { x: '[personal]' }],
    ['transform', z.object({ x: name.transform((x) => x.length) }), { x: 'Zoé' }, { x: '[personal]' }],
    ['preprocess', z.object({ x: z.preprocess((x) => x, name) }), { x: 'Zoé' }, { x: '[personal]' }],
    [
      'intersection',
      z.intersection(z.object({ x: name }), z.object({ y: z.string() })),
      { x: 'Zoé', y: 'b' },
      { x: '[personal]', y: 'b' },
    ],
    ['union', z.union([z.object({ x: name }), z.object({ y: z.number() })]), { x: 'Zoé' }, { x: '[personal]' }],
    [
      'marked in one branch only',
      z.union([z.object({ x: z.string() }), z.object({ x: name })]),
      { x: 'Zoé' },
      { x: '[personal]' },
    ],
    [
      'discriminated union',
      z.discriminatedUnion('k', [z.object({ k: z.literal('a'), x: name }), z.object({ k: z.literal('b') })]),
      { k: 'a', x: 'Zoé' },
      { k: 'a', x: '[personal]' },
    ],
    ['z.unknown()', z.object({ x: z.unknown() }), { x: 'Zoé' }, { x: '[unknown field]' }],
    [
      'a text in the place of an object',
      z.object({ x: z.object({ y: name }) }),
      { x: 'Zoé' },
      { x: '[unknown field]' },
    ],
    ['an object in the place of a text', z.object({ x: z.string() }), { x: { y: 'Zoé' } }, { x: '[unknown field]' }],
    [
      'a list in the place of an object',
      z.object({ x: z.object({ y: name }) }),
      { x: ['Zoé'] },
      { x: '[unknown field]' },
    ],
    ['bytes', z.object({ x: z.object({}) }), { x: Buffer.from('Zoé') }, { x: '[unknown field]' }],
  ])('follows the marks: %s', (_, schema, value, expected) => {
    expect(redact(schema, value)).toEqual(expected);
  });

  it('follows schemas that contain themselves', () => {
    const node = z.object({
      name: personal(z.string()),
      get children() {
        return z.array(node);
      },
    });
    const value = { name: 'Zoé', children: [{ name: 'Łódź', children: [] }] };
    expect(redact(node, value)).toEqual({ name: '[personal]', children: [{ name: '[personal]', children: [] }] });
  });

  it('leaves the value itself alone and cannot be led to a prototype', () => {
    const value: unknown = JSON.parse('{"a":"k3y","__proto__":{"polluted":"yes"},"constructor":"x"}');
    const copy = redact(z.object({ a: secret('a') }), value);
    expect(JSON.stringify(copy)).toBe('{"a":"[secret]","__proto__":"[unknown field]","constructor":"[unknown field]"}');
    expect(value).toMatchObject({ a: 'k3y' });
  });
});

describe('collectSecrets', () => {
  it('finds literals and references with their paths, also where personal data stands', () => {
    const schema = z.object({
      auth: secret('auth'),
      nested: personal(z.object({ list: z.array(z.object({ key: secret('key').optional() })) })),
      other: z.string(),
    });
    const value = { auth: literal, nested: { list: [{ key: reference }, {}] }, other: 'x' };
    expect(collectSecrets(schema, value)).toEqual([
      { path: ['auth'], secret: literal },
      { path: ['nested', 'list', 0, 'key'], secret: reference },
    ]);
  });

  it('skips what is neither a text nor a reference', () => {
    expect(collectSecrets(z.object({ auth: secret('auth') }), { auth: 12 })).toEqual([]);
  });
});

describe('withoutSecrets', () => {
  it('drops secret members wherever they stand and keeps the rest', () => {
    const schema = z.object({
      auth: secret('auth'),
      authData: z.object({ username: z.string(), password: secret('password') }),
      spare: z.array(secret('spare')),
      open: z.unknown(),
    });
    const value = {
      auth: reference,
      authData: { username: 'u', password: literal },
      spare: [literal],
      open: { kept: [1] },
    };
    expect(withoutSecrets(schema, value)).toEqual({ authData: { username: 'u' }, spare: [], open: { kept: [1] } });
    expect(value.auth).toBe(reference);
  });
});
