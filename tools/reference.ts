/**
 * `npx tsx tools/reference.ts`: writes docs/reference.md from the zod schemas, which are the one source of parameters and settings.
 * With `--check` it changes nothing and fails when the page is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { connectors, profileSource } from '../src/connectors/registry';
import { actionParametersSchema } from '../src/push/action-parameters';
import { parametersOf, type Parameter } from '../src/cli/output/parameter-list';
import { WORKFLOW_TYPES } from '../src/protocol/names';

export const REFERENCE = join(__dirname, '../docs/reference.md');

/** The page, from the schemas as they are. */
export function referencePage(): string {
  const actions = connectors.flatMap((connector) =>
    WORKFLOW_TYPES.flatMap((action) => {
      const definition = connector.actions[action];
      return definition ? [section(`${connector.name}.${action}: target parameters`, definition.parameters)] : [];
    }),
  );
  const settings = [...connectors, profileSource].map((one) => section(`Settings of \`${one.name}\``, one.settings));
  return [
    '# Reference',
    'Made from the schemas by `npx tsx tools/reference.ts`. A star marks what is required. Secrets are a text, or a reference such as `{ "secret": "ats/prod" }`.',
    section('Origin parameters of every action', profileSource.parameters),
    section('Action parameters of every action', actionParametersSchema),
    ...actions,
    'The settings file holds `{ "connectors": { "<name>": { … } } }`; every key is optional, unknown keys are refused. Times are in milliseconds, sizes in bytes.',
    ...settings,
    '',
  ].join('\n\n');
}

function section(title: string, schema: z.ZodType): string {
  const rows = parametersOf(schema)
    .filter(({ path }) => !path.includes('referentials.'))
    .map(rowOf);
  return [`## ${title}`, ['| Name | Type | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n')].join('\n\n');
}

function rowOf({ path, type, requiredInGroup, fallback, description }: Parameter): string {
  const star = requiredInGroup ? ' *' : '';
  const written = fallback === undefined || type === 'object' ? '' : `\`${JSON.stringify(fallback)}\``;
  return `| \`${path}\`${star} | ${type.replaceAll('|', '\\|')} | ${written} | ${description} |`;
}

if (require.main === module) {
  const page = referencePage();
  const current = process.argv.includes('--check') ? readFileSync(REFERENCE, 'utf8') : page;
  if (current !== page) throw new Error('docs/reference.md is not up to date: npx tsx tools/reference.ts');
  writeFileSync(REFERENCE, page);
}
