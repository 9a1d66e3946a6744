import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import fs from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { Secret } from '../../../src/security/sensitivity';
import {
  createSecretResolver,
  secretVariable,
  SecretUnresolvedError,
  surveySecrets,
  type SecretSources,
} from '../../../src/security/secrets/references';

const reference = { secret: 'flatchr/prod' };
let root: string;
let dir: string;
let file: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'hrflow-secrets-'));
  dir = join(root, 'mounted');
  file = join(root, 'secrets.json');
  mkdirSync(join(dir, 'flatchr'), { recursive: true });
});

afterEach(() => rmSync(root, { recursive: true }));

function put(value: string): void {
  writeFileSync(join(dir, 'flatchr', 'prod'), value);
}

function putJson(content: string, mode = 0o600): void {
  writeFileSync(file, content);
  chmodSync(file, mode);
}

async function failureOf(work: Promise<unknown>): Promise<SecretUnresolvedError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof SecretUnresolvedError)) throw new Error(`expected SecretUnresolved, got ${String(error)}`);
  return error;
}

describe('secretVariable', () => {
  it.each([
    ['flatchr/prod', 'HRFLOW_SECRET_FLATCHR_PROD'],
    ['a-b.c_D/9', 'HRFLOW_SECRET_A_B_C_D_9'],
  ])('of %s is %s', (name, variable) => expect(secretVariable(name)).toBe(variable));
});

describe('the secret resolver', () => {
  it('takes a literal for its own value', async () => {
    const resolver = createSecretResolver({ env: {} });
    expect(await resolver.resolve('literal')).toBe('literal');
    expect(await resolver.check('literal')).toEqual({ found: true, source: 'literal', problems: [], warnings: [] });
  });

  it('looks in environment, directory, JSON file and provider, in this order', async () => {
    const env: Record<string, string> = { HRFLOW_SECRET_FLATCHR_PROD: 'from env' };
    put('from dir');
    putJson('{"flatchr/prod":"from file"}');
    const resolver = createSecretResolver({ env, dir, file, provider: (name) => Promise.resolve(`from ${name}`) });
    expect(await resolver.resolve(reference)).toBe('from env');
    expect(await resolver.check(reference)).toMatchObject({
      found: true,
      source: 'the environment variable HRFLOW_SECRET_FLATCHR_PROD',
    });
    delete env['HRFLOW_SECRET_FLATCHR_PROD'];
    expect(await resolver.resolve(reference)).toBe('from dir');
    rmSync(join(dir, 'flatchr', 'prod'));
    expect(await resolver.resolve(reference)).toBe('from file');
    putJson('{}');
    expect(await resolver.resolve(reference)).toBe('from flatchr/prod');
    expect(await resolver.check(reference)).toMatchObject({ found: true, source: 'the secret provider' });
  });

  it.each([
    ['value', 'value'],
    ['value\n', 'value'],
    ['value\r\n', 'value'],
    ['value\n\n', 'value\n'],
    [' value ', ' value '],
  ])('reads the file %j as %j', async (content, value) => {
    put(content);
    expect(await createSecretResolver({ env: {}, dir }).resolve(reference)).toBe(value);
  });

  it.each(['\n', '\r\n'])('drops one line break (%j) at the end, wherever the secret comes from', async (end) => {
    const value = `v${end}`;
    put(value);
    putJson(JSON.stringify({ 'flatchr/prod': value }));
    const resolved = (sources: Partial<SecretSources>, secret: Secret = reference) =>
      createSecretResolver({ env: {}, ...sources }).resolve(secret);
    expect(await resolved({ env: { HRFLOW_SECRET_FLATCHR_PROD: value } })).toBe('v');
    expect(await resolved({ dir })).toBe('v');
    expect(await resolved({ file })).toBe('v');
    expect(await resolved({ provider: () => Promise.resolve(value) })).toBe('v');
    expect(await resolved({}, value)).toBe('v');
    expect(await resolved({}, value + end)).toBe(value);
    const empty = createSecretResolver({ env: { HRFLOW_SECRET_FLATCHR_PROD: end }, dir });
    expect(await empty.resolve(reference)).toBe('v');
  });

  it.each([
    ['plain', []],
    ['in"side', []],
    ['v\n', []],
    [' v', ['it begins with white space']],
    ['v\u00a0', ['it ends with white space']],
    ['v\u200b', ['it ends with white space']],
    ['v\n\n', ['it ends with white space']],
    ['"v"', ['it begins or ends with a quote']],
    ["v' ", ['it ends with white space', 'it begins or ends with a quote']],
    ['\u201cv\u201d\n', ['it begins or ends with a quote']],
    ['v\r\nw', ['it has a line break within']],
  ])('warns of the ends of %j: %j', async (value, warnings) => {
    const resolver = createSecretResolver({ env: { HRFLOW_SECRET_FLATCHR_PROD: value } });
    expect(await resolver.check(reference)).toMatchObject({ found: true, warnings });
    expect(await resolver.check(value)).toMatchObject({ found: true, warnings });
  });

  it('reads again what a swap of a Kubernetes mount took away', async () => {
    const mountVersion = (version: string) => {
      mkdirSync(join(dir, `..${version}`));
      writeFileSync(join(dir, `..${version}`, 'token'), version);
      symlinkSync(`..${version}`, join(dir, '..data_tmp'));
      renameSync(join(dir, '..data_tmp'), join(dir, '..data'));
    };
    mountVersion('old');
    symlinkSync(join('..data', 'token'), join(dir, 'token'));
    const { realpath } = fs;
    const swapping = jest.spyOn(fs, 'realpath').mockImplementationOnce(async (path) => {
      const found = await realpath(path);
      mountVersion('new');
      rmSync(join(dir, '..old'), { recursive: true });
      return found;
    });
    try {
      expect(await createSecretResolver({ env: {}, dir }).resolve({ secret: 'token' })).toBe('new');
      expect(swapping.mock.calls.length).toBeGreaterThan(1);
    } finally {
      swapping.mockRestore();
    }
  });

  it('counts a rotated secret at once', async () => {
    const resolver = createSecretResolver({ env: {}, dir, file });
    put('one');
    expect(await resolver.resolve(reference)).toBe('one');
    put('two');
    expect(await resolver.resolve(reference)).toBe('two');
    rmSync(join(dir, 'flatchr', 'prod'));
    putJson('{"flatchr/prod":"six"}');
    expect(await resolver.resolve(reference)).toBe('six');
    putJson('{"flatchr/prod":"ten"}');
    expect(await resolver.resolve(reference)).toBe('ten');
  });

  it('follows the links of a Kubernetes mount, but not out of the directory', async () => {
    mkdirSync(join(dir, '..2026_10_01'));
    writeFileSync(join(dir, '..2026_10_01', 'token'), 'rotated');
    symlinkSync('..2026_10_01', join(dir, '..data'));
    symlinkSync(join('..data', 'token'), join(dir, 'token'));
    const resolver = createSecretResolver({ env: {}, dir });
    expect(await resolver.resolve({ secret: 'token' })).toBe('rotated');

    writeFileSync(join(root, 'outside'), 'stolen');
    symlinkSync(join(root, 'outside'), join(dir, 'link'));
    expect((await failureOf(resolver.resolve({ secret: 'link' }))).message).toContain(
      'a link that leaves the directory',
    );
  });

  it.each(['../outside', '/etc/hostname', 'a/../../outside', '..', '', 'a\0b'])(
    'does not look for the name %j anywhere',
    async (secret) => {
      writeFileSync(join(root, 'outside'), 'stolen');
      const asked: string[] = [];
      const provider = (name: string) => Promise.resolve(asked.push(name).toString());
      const resolver = createSecretResolver({ env: process.env, dir, file, provider });
      const error = await failureOf(resolver.resolve({ secret }));
      expect(error.reference).toBe('(malformed)');
      expect(asked).toEqual([]);
    },
  );

  it('names the reference and every place when nothing has it', async () => {
    put('');
    putJson('{"other":"0ther-value"}');
    const resolver = createSecretResolver({ env: {}, dir, file, provider: () => Promise.resolve(undefined) });
    const { message } = await failureOf(resolver.resolve(reference));
    expect(message).toContain('"flatchr/prod"');
    expect(message).toContain('HRFLOW_SECRET_FLATCHR_PROD has none');
    expect(message).toContain(`${join(dir, 'flatchr', 'prod')} is empty`);
    expect(message).toContain(`${file} has none`);
    expect(message).toContain('the secret provider has none');
    expect(message).not.toContain('0ther-value');
    expect(await resolver.check(reference)).toMatchObject({ found: false, source: null });
  });

  it.each([
    ['is not there', 'gone', 'ENOENT'],
    ['is a file', 'secrets.json', 'ENOTDIR'],
  ])('says that the folder %s, not that it has no such secret', async (_, place, code) => {
    putJson('{}');
    const resolver = createSecretResolver({ env: {}, dir: join(root, place) });
    expect((await failureOf(resolver.resolve(reference))).message).toContain(
      `cannot be used: the folder ${join(root, place)} cannot be read (${code})`,
    );
  });

  it.each([0o644, 0o640, 0o604, 0o620, 0o602])('does not use a JSON file of mode %o', async (mode) => {
    putJson('{"flatchr/prod":"value"}', mode);
    const resolver = createSecretResolver({ env: {}, file });
    const { message } = await failureOf(resolver.resolve(reference));
    expect(message).toContain(`has mode 0${mode.toString(8)}`);
    expect(message).toContain('chmod 600');
    expect(await resolver.check(reference)).toMatchObject({
      found: false,
      problems: [expect.anything(), expect.anything()],
    });
  });

  it.each([
    ['no JSON', 'hunter2-value'],
    ['broken JSON', '{"flatchr/prod":"hunter2-value"'],
    ['a list', '["hunter2-value"]'],
    ['a member that is no text', '{"flatchr/prod":{"nested":"hunter2-value"}}'],
    ['null', 'null'],
  ])('says that the JSON file holds %s, and not what', async (_, content) => {
    putJson(content);
    const { message } = await failureOf(createSecretResolver({ env: {}, file }).resolve(reference));
    expect(message).toContain(`${file} cannot be used`);
    expect(message).not.toContain('hunter2');
  });

  it('reads files with a byte order mark, and names another encoding', async () => {
    const resolver = createSecretResolver({ env: {}, dir, file });
    writeFileSync(join(dir, 'flatchr', 'prod'), '\uFEFFvalue\r\n');
    putJson('\uFEFF{\r\n"other":"value"\r\n}\r\n');
    expect(await resolver.resolve(reference)).toBe('value');
    expect(await resolver.resolve({ secret: 'other' })).toBe('value');
    writeFileSync(join(dir, 'flatchr', 'prod'), Buffer.from('\uFEFFhunter2', 'utf16le'));
    writeFileSync(file, Buffer.from('{"flatchr/prod":"hunt\u00eb2"}', 'latin1'));
    const { message } = await failureOf(resolver.resolve(reference));
    expect(message).toContain(`${join(dir, 'flatchr', 'prod')} cannot be used: it is UTF-16 (little-endian)`);
    expect(message).toContain(`${file} cannot be used: line 1 of it is not UTF-8`);
    expect(message).not.toContain('hunt');
  });

  it('does not find what every object has', async () => {
    putJson('{}');
    const resolver = createSecretResolver({ env: {}, file });
    expect((await failureOf(resolver.resolve({ secret: 'constructor' }))).message).toContain('has none');
  });

  it('shows only the kind of error of a provider', async () => {
    const provider = () => Promise.reject(new TypeError('Authorization: hunter2-value'));
    const { message } = await failureOf(createSecretResolver({ env: {}, provider }).resolve(reference));
    expect(message).toContain('failed with TypeError');
    expect(message).not.toContain('hunter2');
  });
});

describe('a survey of the secrets', () => {
  it('counts what each place has, and warns of slips without a value', async () => {
    put('"hunter2"\n');
    mkdirSync(join(dir, '..2026'));
    writeFileSync(join(dir, '..2026', 'token'), ' hunter2');
    symlinkSync(join('..2026', 'token'), join(dir, 'token'));
    writeFileSync(join(dir, 'odd name'), ' hunter2');
    putJson('{"flatchr/prod":" hunter2","b":7,"constructor":"hunter2","odd name":" hunter2"}');
    const env = { HRFLOW_SECRET_A: 'hunter2\t', HRFLOW_SECRET_B: 'hunter2', HRFLOW_SECRET_NONE: '', OTHER: ' hunter2' };
    const { sources, warnings, problems } = await surveySecrets({
      env,
      dir,
      file,
      provider: () => Promise.reject(new Error('not listed')),
    });
    expect(sources).toEqual(['the environment (2)', `the folder ${dir} (2)`, `the file ${file} (3)`]);
    expect([...warnings].sort()).toEqual(
      [
        'the environment variable HRFLOW_SECRET_A: it ends with white space',
        `the file ${join(dir, 'flatchr/prod')}: it begins or ends with a quote`,
        `the file ${join(dir, 'token')}: it begins with white space`,
        `the file ${file}, "flatchr/prod": it begins with white space`,
        `the file ${file}, "b" cannot be used: its member "b" is not a text`,
      ].sort(),
    );
    expect(problems).toEqual([]);
  });

  it('says of a place why it cannot be used', async () => {
    putJson('["hunter2"]');
    const { sources, problems } = await surveySecrets({ env: {}, dir: join(root, 'gone'), file });
    expect(sources).toEqual(['the environment (0)']);
    expect(problems).toEqual([
      `the folder ${join(root, 'gone')} cannot be used: it cannot be read (ENOENT)`,
      `the file ${file} cannot be used: expected a JSON object, not a list`,
    ]);
  });
});
