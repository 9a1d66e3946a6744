import { existsSync, readdirSync } from 'node:fs';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';
import roomsPlugin, { rooms } from './tools/eslint-rooms.mjs';

const connectorsFolder = new URL('src/connectors/', import.meta.url);
/** Every folder of src/connectors but `shared` is a connector, so that a new one needs no change here. */
const connectors = existsSync(connectorsFolder)
  ? readdirSync(connectorsFolder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
      .map((entry) => entry.name)
  : [];

/** Each ban is a regular expression over the imported name. */
const bans = {
  axios: { regex: '^axios(/|$)', message: 'Only src/http talks HTTP.' },
  workerSdk: {
    regex: '^@temporalio/worker(/|$)',
    message: 'Only src/worker.ts and src/worker load @temporalio/worker: a process that does cannot exit by itself.',
  },
  temporal: {
    regex: '^@temporalio/(?!common/lib/time$)',
    message: 'This room knows no Temporal. Of the SDK, only the parser of durations is allowed.',
  },
  workerModule: {
    regex: '/worker$',
    message: 'This would load @temporalio/worker. Only the command "worker" imports it, and lazily.',
  },
  packagesInWorkflows: {
    regex: String.raw`^(?!@temporalio/workflow$|\.)`,
    message: 'Workflows import @temporalio/workflow, src/protocol and their own room. The protocol imports nothing.',
  },
  connector: (names) => ({
    regex: String.raw`(^|/)(connectors/|\.\./)(${names.join('|')})(/|$)`,
    message: 'Only the registry knows connectors by name.',
  }),
};

/** What each room may not import besides other rooms. Rooms and doors that are not named get the default. */
const DEFAULT_BANS = [bans.axios, bans.workerSdk];
const BANS = {
  protocol: [...DEFAULT_BANS, bans.temporal, bans.packagesInWorkflows],
  workflows: [...DEFAULT_BANS, bans.packagesInWorkflows],
  util: [bans.axios, bans.temporal],
  profile: [bans.axios, bans.temporal],
  http: [bans.temporal],
  connectors: [bans.axios, bans.temporal],
  push: [bans.axios, bans.temporal],
  worker: [bans.axios],
  'worker.ts': [bans.axios],
  'index.ts': [bans.axios],
  'client.ts': [...DEFAULT_BANS, bans.workerModule],
  gateway: [...DEFAULT_BANS, bans.workerModule],
  cli: [...DEFAULT_BANS, bans.workerModule],
};
/** Rooms that know connectors only through the registry. The doors and the commands are free to name them. */
const CONNECTOR_FREE = ['config', 'push', 'history', 'activities', 'client', 'worker'];

const globOf = (room) => (room.endsWith('.ts') ? `src/${room}` : `src/${room}/**/*.ts`);

/** The options of the rule do not add up over several entries, so each folder gets its whole list in one. */
const packageBans = (files, patterns) => ({
  files,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: patterns.map((ban) => ({ ...ban, allowTypeImports: true })) },
    ],
  },
});

const roomRules = Object.keys(rooms).map((room) =>
  packageBans(
    [globOf(room)],
    [...(BANS[room] ?? DEFAULT_BANS), ...(CONNECTOR_FREE.includes(room) ? [bans.connector(connectors)] : [])],
  ),
);
const connectorRules = [...connectors, 'shared'].map((name) =>
  packageBans(
    [`src/connectors/${name}/**/*.ts`],
    [bans.axios, bans.temporal, bans.connector(connectors.filter((other) => other !== name))],
  ),
);

/** `import()` is not what no-restricted-imports looks at. */
const noLazyWorker = {
  selector: 'ImportExpression[source.value=/^(@temporalio.worker|(\\.+.)+worker(\\.js)?)$/]',
  message: bans.workerModule.message,
};

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
      // Updates without a result are `defineUpdate<void, …>`.
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unsafe-type-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      eqeqeq: 'error',
      'no-restricted-properties': ['error', { object: 'URL', property: 'canParse', message: 'See src/util/urls.ts.' }],
    },
  },
  { files: ['src/**/*.ts'], ignores: ['src/cli/**'], rules: { 'no-console': 'error' } },
  { files: ['src/**/*.ts'], plugins: { rooms: roomsPlugin }, rules: { 'rooms/imports': 'error' } },
  ...roomRules,
  ...connectorRules,
  {
    files: ['src/client.ts', 'src/client/**/*.ts', 'src/gateway/**/*.ts', 'src/cli/**/*.ts'],
    ignores: ['src/cli/commands/worker.ts'],
    rules: { 'no-restricted-syntax': ['error', noLazyWorker] },
  },
  {
    // Tests inspect what they have just made or received, and replace asynchronous functions.
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
