import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';

const ROOT = join(__dirname, '..', '..', '..');

/** File, imported module: value imports that lint refuses. */
const REFUSED: readonly [string, string][] = [
  ['src/protocol/names.ts', 'zod'],
  ['src/protocol/names.ts', 'node:crypto'],
  ['src/protocol/names.ts', '@temporalio/client'],
  ['src/protocol/delivery/decide.ts', '../../workflows/steps'],
  ['src/protocol/names.ts', '../util/json'],
  ['src/workflows/run-command.ts', 'zod'],
  ['src/workflows/run-command.ts', 'axios'],
  ['src/workflows/run-command.ts', 'node:crypto'],
  ['src/workflows/run-command.ts', '@temporalio/activity'],
  ['src/workflows/run-command.ts', '@temporalio/common'],
  ['src/protocol/errors.ts', '@temporalio/common'],
  ['src/workflows/run-command.ts', '../activities'],
  ['src/workflows/run-command.ts', '../util/json'],
  ['src/workflows/run-command.ts', './../http/client'],
  ['src/util/urls.ts', '../http/client'],
  ['src/security/sensitivity.ts', '../connectors/connector'],
  ['src/http/client.ts', '../connectors/connector'],
  ['src/http/client.ts', '@temporalio/worker'],
  ['src/profile/dates.ts', '../http/client'],
  ['src/connectors/flatchr/api.ts', '../talentsoft/api'],
  ['src/connectors/flatchr/api.ts', '../hrflow'],
  ['src/connectors/flatchr/api.ts', '../../activities/fetch-profile'],
  ['src/connectors/flatchr/api.ts', '../../push/check'],
  ['src/connectors/flatchr/api.ts', 'axios'],
  ['src/connectors/shared/inconclusive.ts', '../flatchr/api'],
  ['src/connectors/registry.ts', 'axios'],
  ['src/config/environment.ts', '../push/check'],
  ['src/push/check.ts', '../activities'],
  ['src/push/check.ts', '@temporalio/activity'],
  ['src/push/check.ts', '@temporalio/common'],
  ['src/connectors/flatchr/api.ts', '@temporalio/common'],
  ['src/connectors/registry.ts', '@temporalio/client'],
  ['src/push/check.ts', '../connectors/flatchr'],
  ['src/push/check.ts', '../workflows/steps'],
  ['src/activities/push-applicant.ts', '../connectors/flatchr'],
  ['src/activities/push-applicant.ts', '../connectors/oracleorc/api'],
  ['src/activities/push-applicant.ts', '../client/start'],
  ['src/activities/push-applicant.ts', '../client'],
  ['src/activities/push-applicant.ts', 'axios'],
  ['src/activities/push-applicant.ts', '@temporalio/worker'],
  ['src/client/start.ts', '../client'],
  ['src/client/start.ts', '../activities'],
  ['src/client/start.ts', '../worker/plugin'],
  ['src/client/start.ts', '../workflows/steps'],
  ['src/client.ts', '@temporalio/worker'],
  ['src/client.ts', './worker'],
  ['src/client.ts', './cli/main'],
  ['src/worker/plugin.ts', '../cli/main'],
  ['src/worker.ts', 'axios'],
  ['src/worker.ts', './cli/output/log'],
  ['src/index.ts', './cli/main'],
  ['src/gateway/server.ts', '../cli/main'],
  ['src/gateway/server.ts', '../worker'],
  ['src/cli/commands/push.ts', '@temporalio/worker'],
  ['src/cli/commands/push.ts', '../../worker'],
  ['src/cli/commands/push.ts', '../../workflows/steps'],
];

const ALLOWED: readonly [string, string][] = [
  ['src/protocol/delivery/decide.ts', '../names'],
  ['src/workflows/run-command.ts', '@temporalio/workflow'],
  ['src/workflows/run-command.ts', './steps'],
  ['src/workflows/run-command.ts', '../protocol/delivery'],
  ['src/http/client.ts', 'axios'],
  ['src/http/egress/agent.ts', '../client'],
  ['src/profile/schema.ts', '../security/sensitivity'],
  ['src/connectors/flatchr/api.ts', './schemas'],
  ['src/connectors/flatchr/api.ts', '../shared/says-duplicate'],
  ['src/connectors/flatchr/api.ts', '../connector'],
  ['src/connectors/flatchr/api.ts', '../../http/client'],
  ['src/connectors/registry.ts', './flatchr'],
  ['src/push/check.ts', '../connectors/registry'],
  ['src/push/check.ts', '@temporalio/common/lib/time'],
  ['src/activities/push-applicant.ts', '../connectors/connector'],
  ['src/activities/push-applicant.ts', '../push/check'],
  ['src/activities/push-applicant.ts', '../protocol/names'],
  ['src/client/start.ts', '../push/check'],
  ['src/client.ts', '@temporalio/client'],
  ['src/client.ts', './client/start'],
  ['src/worker.ts', '@temporalio/worker'],
  ['src/worker/plugin.ts', '@temporalio/worker'],
  ['src/index.ts', './worker'],
  ['src/gateway/server.ts', '../client'],
  ['src/cli/commands/push.ts', '../../client'],
  ['src/cli/commands/push.ts', '../input/files'],
];

/** Ways to write an import, and the rules that see them. */
const VALUE = 'import x from';
const TYPE = 'import type { X } from';

/**
 * Runs the import rules of the real configuration over one import each and returns the rules that refused it.
 * In a separate process: the configuration is an ES module, which Jest's sandbox cannot load.
 */
function lint(cases: readonly (readonly [file: string, code: string])[]): string[][] {
  const script = `
    import { ESLint, Linter } from 'eslint';
    const eslint = new ESLint();
    const linter = new Linter({ configType: 'flat' });
    const NAMES = ['@typescript-eslint/no-restricted-imports', 'rooms/imports', 'no-restricted-syntax'];
    const refusals = [];
    for (const [file, code] of JSON.parse(process.argv[1])) {
      const { plugins, rules, languageOptions } = await eslint.calculateConfigForFile(file);
      const own = Object.fromEntries(NAMES.flatMap((name) => (name in rules ? [[name, rules[name]]] : [])));
      const config = { files: ['**/*.ts'], plugins, rules: own, languageOptions: { parser: languageOptions.parser } };
      refusals.push(linter.verify(code, config, process.cwd() + '/' + file).map(({ ruleId }) => ruleId));
    }
    console.log(JSON.stringify(refusals));`;
  const args = ['--input-type=module', '-e', script, JSON.stringify(cases)];
  return JSON.parse(execFileSync(process.execPath, args, { cwd: ROOT }).toString());
}

describe('what each room may import', () => {
  const codes: [string, string][] = [...REFUSED, ...ALLOWED].map(([file, name]) => [file, `${VALUE} '${name}';`]);
  const found = new Map<string, string[]>();
  beforeAll(() => {
    lint(codes).forEach((rules, i) => found.set(codes[i]!.join(' '), rules));
  }, 60_000);
  const rulesFor = (file: string, name: string) => found.get(`${file} ${VALUE} '${name}';`);

  it.each(REFUSED)('%s does not import %s', (file, name) => {
    expect(rulesFor(file, name)).not.toEqual([]);
    expect(rulesFor(file, name)).not.toContain(null);
  });
  it.each(ALLOWED)('%s may import %s', (file, name) => {
    expect(rulesFor(file, name)).toEqual([]);
  });
});

it('types count between rooms, and cross the border of a package', () => {
  const rules = lint([
    ['src/http/client.ts', `${TYPE} '../connectors/connector';`],
    ['src/http/client.ts', `type X = import('../connectors/connector').X;`],
    ['src/http/client.ts', `export { x } from '../connectors/connector';`],
    ['src/http/client.ts', `void import('../connectors/connector');`],
    ['src/protocol/names.ts', `${TYPE} 'zod';`],
  ]);
  expect(rules).toEqual([['rooms/imports'], ['rooms/imports'], ['rooms/imports'], ['rooms/imports'], []]);
});

it('only the command "worker" loads the worker lazily', () => {
  const code = `void import('../../worker.js');`;
  const rules = lint([
    ['src/cli/commands/push.ts', code],
    ['src/cli/commands/worker.ts', code],
    ['src/cli/main.ts', `void import('./commands/worker.js');`],
  ]);
  expect(rules).toEqual([['no-restricted-syntax'], [], []]);
});
