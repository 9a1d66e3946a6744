import { z } from 'zod';

/** One parameter as people and programs see it. */
export interface Parameter {
  /** `hostAndPort.port`. */
  readonly path: string;
  /** In words: `text`, `number`, `true or false`, `list`, `sync | incremental`. */
  readonly type: string;
  readonly required: boolean;
  readonly secret: boolean;
  readonly fallback: unknown;
  readonly description: string;
}

/** The JSON Schema of what a schema accepts. Secret members carry `secret: true`. */
export function jsonSchemaOf(schema: z.ZodType) {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
}

type Node = z.core.JSONSchema._JSONSchema;

/** Every parameter of a schema, with those of nested objects by their paths. */
export function parametersOf(schema: z.ZodType): Parameter[] {
  return members(jsonSchemaOf(schema), [], true);
}

function members(node: Node, path: readonly string[], reachable: boolean): Parameter[] {
  if (typeof node === 'boolean') return [];
  const required = new Set(node.required);
  return Object.entries(node.properties ?? {}).flatMap(([name, member]) =>
    described(member, [...path, name], reachable && required.has(name)),
  );
}

function described(node: Node, path: readonly string[], required: boolean): Parameter[] {
  if (typeof node === 'boolean') return [];
  const { description = '', default: fallback } = node;
  const secret = node['secret'] === true;
  const one: Parameter = { path: path.join('.'), type: typeOf(node, secret), required, secret, fallback, description };
  return [one, ...(secret ? [] : members(node, path, required))];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'number',
  number: 'number',
  boolean: 'true or false',
  array: 'list',
  object: 'object',
};

function typeOf(node: Exclude<Node, boolean>, secret: boolean): string {
  if (secret) return 'secret';
  if (node.enum) return node.enum.join(' | ');
  const forms = [node, ...(node.anyOf ?? [])].map((form) =>
    typeof form === 'object' && typeof form.type === 'string' ? TYPES[form.type] : '',
  );
  return forms.filter((form) => form).join(' or ') || 'text';
}

/** What stands in for a secret that is not needed, because nothing is sent. */
const NO_SECRET = { secret: 'not-needed' };

/** Fills in required secrets that are missing, for what works without them. Other values stay as they are. */
export function withSecretsFilled(schema: z.ZodType, value: unknown): unknown {
  return filled(jsonSchemaOf(schema), value);
}

function filled(node: Node, value: unknown): unknown {
  if (typeof node === 'boolean' || typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const given = new Map<string, unknown>(Object.entries(value));
  for (const [name, member] of Object.entries(node.properties ?? {})) {
    if (typeof member === 'boolean') continue;
    const missing = !given.has(name) && node.required?.includes(name);
    if (missing && member['secret'] === true) given.set(name, NO_SECRET);
    else if (given.has(name)) given.set(name, filled(member, given.get(name)));
  }
  return Object.fromEntries(given);
}
