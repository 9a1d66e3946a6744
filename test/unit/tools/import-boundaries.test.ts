import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(__dirname, '..', '..', '..');
const RULE = '@typescript-eslint/no-restricted-imports';

type Patterns = readonly { readonly regex: string; readonly allowTypeImports: boolean }[];

const FILES = [
  'src/workflows/push-profile.ts',
  'src/activities/push-applicant.ts',
  'src/connectors/flatchr/api.ts',
  'src/connectors/registry.ts',
  'src/http/client.ts',
  'src/client.ts',
  'src/worker.ts',
  'src/cli/commands/push.ts',
] as const;
type File = (typeof FILES)[number];

let patterns: Record<File, Patterns>;

beforeAll(() => {
  // In a process of its own, because Jest's sandbox cannot load the configuration, which is an ES module.
  const script = `
    import { ESLint } from 'eslint';
    const eslint = new ESLint();
    const rules = {};
    for (const file of process.argv.slice(1)) {
      const config = await eslint.calculateConfigForFile(file);
      rules[file] = config.rules['${RULE}'][1].patterns;
    }
    console.log(JSON.stringify(rules));`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, ...FILES], { cwd: ROOT });
  patterns = JSON.parse(output.toString());
}, 30_000);

const refused = (file: File, imported: string): boolean =>
  patterns[file].some(({ regex }) => new RegExp(regex).test(imported));

describe('who may import whom', () => {
  it.each<[File, string]>([
    ['src/workflows/push-profile.ts', 'zod'],
    ['src/workflows/push-profile.ts', 'axios'],
    ['src/workflows/push-profile.ts', 'node:crypto'],
    ['src/workflows/push-profile.ts', '@temporalio/activity'],
    ['src/workflows/push-profile.ts', '../activities'],
    ['src/workflows/push-profile.ts', './../http/client'],
    ['src/activities/push-applicant.ts', '../connectors/flatchr'],
    ['src/activities/push-applicant.ts', '../connectors/oracleorc/api'],
    ['src/activities/push-applicant.ts', 'axios'],
    ['src/activities/push-applicant.ts', '@temporalio/worker'],
    ['src/connectors/flatchr/api.ts', '../talentsoft/api'],
    ['src/connectors/flatchr/api.ts', '../hrflow'],
    ['src/connectors/flatchr/api.ts', '../../activities/fetch-profile'],
    ['src/connectors/flatchr/api.ts', 'axios'],
    ['src/connectors/registry.ts', 'axios'],
    ['src/http/client.ts', '@temporalio/worker'],
    ['src/client.ts', '@temporalio/worker'],
    ['src/client.ts', './worker'],
    ['src/cli/commands/push.ts', '@temporalio/worker'],
    ['src/cli/commands/push.ts', '../../worker'],
    ['src/worker.ts', 'axios'],
  ])('%s does not import %s', (file, imported) => {
    expect(refused(file, imported)).toBe(true);
  });

  it.each<[File, string]>([
    ['src/workflows/push-profile.ts', '@temporalio/workflow'],
    ['src/workflows/push-profile.ts', '@temporalio/common'],
    ['src/workflows/push-profile.ts', './delivery'],
    ['src/activities/push-applicant.ts', '../connectors/connector'],
    ['src/activities/push-applicant.ts', '../connectors/registry'],
    ['src/activities/push-applicant.ts', '../workflows/names'],
    ['src/connectors/flatchr/api.ts', './schemas'],
    ['src/connectors/flatchr/api.ts', '../shared/dates'],
    ['src/connectors/flatchr/api.ts', '../connector'],
    ['src/connectors/flatchr/api.ts', '../../http/client'],
    ['src/connectors/registry.ts', './flatchr'],
    ['src/http/client.ts', 'axios'],
    ['src/client.ts', '@temporalio/client'],
    ['src/worker.ts', '@temporalio/worker'],
    ['src/cli/commands/push.ts', '../../client'],
  ])('%s may import %s', (file, imported) => {
    expect(refused(file, imported)).toBe(false);
  });

  it('types may cross every border', () => {
    for (const file of FILES) expect(patterns[file].every((pattern) => pattern.allowTypeImports)).toBe(true);
  });
});
