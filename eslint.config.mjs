import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

const connectorsFolder = new URL('src/connectors/', import.meta.url);
/** Every folder of src/connectors is a connector but the one with the helpers; adding one changes nothing here. */
const connectors = existsSync(connectorsFolder)
  ? readdirSync(connectorsFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
      .map((entry) => entry.name)
  : [];

/** Each ban is a regular expression over the imported name; types may cross every border, for they vanish. */
const noAxios = { regex: '^axios(/|$)', message: 'Only src/http talks HTTP.' };
const noWorkerSdk = {
  regex: '^@temporalio/worker(/|$)',
  message: 'Only src/worker.ts and src/plugin.ts load @temporalio/worker: a client that does cannot end.',
};
const noWorkerModule = {
  regex: '/worker$',
  message: 'This would load @temporalio/worker. The command "worker" imports it lazily, nothing else at all.',
};
const onlyWorkflowModules = {
  regex: String.raw`^(?!@temporalio/(workflow|common)(/|$)|\./(?!.*\.\.))`,
  message: 'Workflows import @temporalio/workflow, @temporalio/common, types, and modules of their own folder.',
};
const noActivities = { regex: '(^|/)activities(/|$)', message: 'Connectors do not know the activities.' };
const noConnector = (names) => ({
  regex: String.raw`(^|/)(connectors/|\.\./)(${names.join('|')})(/|$)`,
  message: 'Only the registry knows connectors by name.',
});

/** The rule's options do not add up over several entries, so each folder gets its whole list in one. */
const boundary = (files, bans, ignores = []) => ({
  files,
  ignores,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: bans.map((ban) => ({ ...ban, allowTypeImports: true })) },
    ],
  },
});

/** `import()` is not what no-restricted-imports looks at. */
const noLazyWorker = {
  selector: 'ImportExpression[source.value=/^@temporalio.worker|.worker$/]',
  message: noWorkerModule.message,
};

/** What only a worker process loads. */
const workerSide = ['src/worker.ts', 'src/plugin.ts', 'src/logging.ts'];

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'node_modules/'] },
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/ban-ts-comment': [
        'error',
        { 'ts-expect-error': true, 'ts-ignore': true, 'ts-nocheck': true, 'ts-check': true },
      ],
      '@typescript-eslint/consistent-type-definitions': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      // An environment variable reads better as env['NAME'].
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true },
      ],
      // Updates that answer nothing are `defineUpdate<void, …>`.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-restricted-properties': ['error', { object: 'URL', property: 'canParse', message: 'See src/urls.ts.' }],
    },
  },
  { files: ['src/**/*.ts'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
  boundary(['src/**/*.ts'], [noAxios, noWorkerSdk], workerSide),
  boundary(workerSide, [noAxios]),
  boundary(['src/http/**/*.ts'], [noWorkerSdk]),
  boundary(['src/workflows/**/*.ts'], [onlyWorkflowModules]),
  boundary(['src/activities/**/*.ts'], [noAxios, noWorkerSdk, noConnector(connectors)]),
  boundary(['src/client.ts', 'src/cli/**/*.ts'], [noAxios, noWorkerSdk, noWorkerModule]),
  ...connectors.map((name) => {
    const others = connectors.filter((other) => other !== name);
    return boundary([`src/connectors/${name}/**/*.ts`], [noAxios, noWorkerSdk, noActivities, noConnector(others)]);
  }),
  boundary(['src/connectors/shared/**/*.ts'], [noAxios, noWorkerSdk, noActivities, noConnector(connectors)]),
  {
    files: ['src/client.ts', 'src/cli/**/*.ts'],
    ignores: ['src/cli/commands/worker.ts'],
    rules: { 'no-restricted-syntax': ['error', noLazyWorker] },
  },
  {
    // Tests look into what they have just made or received, and stand in for things that are asynchronous.
    files: ['test/**/*.ts'],
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-unsafe-type-assertion': 'off',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
