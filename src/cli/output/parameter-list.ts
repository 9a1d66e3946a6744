import { z } from 'zod';
import type { JsonObject } from '../../protocol/messages';
import { isObject } from '../../util/objects';
import { placed } from '../input/overrides';

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

/** A value with what was missing, and the paths of what stands in for it. */
export interface Completed {
  readonly value: JsonObject;
  readonly filled: readonly string[];
}

/** Fills in required parameters that are missing, for what works without them. Other values stay as they are. */
export function withMissingFilled(schema: z.ZodType, given: JsonObject): Completed {
  const missing = parametersOf(schema).filter(
    ({ path, required }) => required && at(given, path.split('.')) === undefined,
  );
  const value = missing.reduce((completed, parameter) => withStandIn(schema, completed, parameter), given);
  return { value, filled: missing.filter(({ type }) => type !== 'object').map(({ path }) => path) };
}

/** The first value that the schema takes at that place. */
function withStandIn(schema: z.ZodType, given: JsonObject, { path, type, secret }: Parameter): JsonObject {
  const name = path.slice(path.lastIndexOf('.') + 1);
  const parts = path.split('.');
  const standIns = secret
    ? [{ secret: name }]
    : type === 'object'
      ? [{}]
      : [`<${name}>`, name, `https://${name}.example`, 443];
  const tried = standIns.map((standIn) => placed(given, parts, standIn));
  return tried.find((candidate) => !hasIssueAt(schema, candidate, path)) ?? given;
}

function hasIssueAt(schema: z.ZodType, value: JsonObject, path: string): boolean {
  return schema.safeParse(value).error?.issues.some((issue) => issue.path.join('.') === path) ?? false;
}

function at(value: unknown, [name, ...deeper]: readonly string[]): unknown {
  if (name === undefined) return value;
  return isObject(value) ? at(value[name], deeper) : undefined;
}
