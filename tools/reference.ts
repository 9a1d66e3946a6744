/**
 * `npx tsx tools/reference.ts`: writes docs/reference.md from the zod schemas, which are the one source of parameters and settings.
 * With `--check` it changes nothing and fails when the page is not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { connectors, profileSource } from '../src/connectors/registry';
import { actionParametersSchema } from '../src/push/check';
import { WORKFLOW_TYPES } from '../src/protocol/names';

export const REFERENCE = join(__dirname, '../docs/reference.md');

const nodeSchema = z.looseObject({
  type: z.union([z.string(), z.array(z.string())]).optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  secret: z.boolean().optional(),
  enum: z.array(z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
type Node = z.infer<typeof nodeSchema>;

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
  const root = nodeSchema.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));
  const rows = rowsOf(root, '');
  return [`## ${title}`, ['| Name | Type | Default | Meaning |', '|---|---|---|---|', ...rows].join('\n')].join('\n\n');
}

function rowsOf({ properties = {}, required = [] }: Node, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, value]) => {
    const node = nodeSchema.parse(value);
    const path = `${prefix}${name}`;
    const star = required.includes(name) ? ' *' : '';
    const written = node.default === undefined || isNested(node) ? '' : `\`${JSON.stringify(node.default)}\``;
    const row = `| \`${path}\`${star} | ${typeOf(node)} | ${written} | ${node.description ?? ''} |`;
    return [row, ...(isNested(node) && !path.includes('referentials') ? rowsOf(node, `${path}.`) : [])];
  });
}

function isNested({ properties }: Node): boolean {
  return properties !== undefined;
}

function typeOf(node: Node): string {
  if (node.secret) return 'secret';
  if (node.enum) return node.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (Array.isArray(node.type)) return node.type.join(' or ');
  return node.type ?? 'any';
}

if (require.main === module) {
  const page = referencePage();
  const current = process.argv.includes('--check') ? readFileSync(REFERENCE, 'utf8') : page;
  if (current !== page) throw new Error('docs/reference.md is not up to date: npx tsx tools/reference.ts');
  writeFileSync(REFERENCE, page);
}
