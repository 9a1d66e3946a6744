import type { z } from 'zod';
import type { JsonObject } from '../../protocol/messages';
import { namedMembers, nodeOf, typesOf, type SchemaMember, type SchemaNode } from '../../security/schema-node';
import { isObject } from '../../util/objects';
import { placed } from '../input/overrides';

/** One parameter as people and programs see it. */
export interface Parameter {
  /** `hostAndPort.port`. */
  readonly path: string;
  /** As a phrase: `text`, `number`, `true or false`, `list`, `sync | incremental`. */
  readonly type: string;
  /** Whether it must be given in any case. */
  readonly required: boolean;
  /** Whether it must be given if the object that it belongs to is. */
  readonly requiredInGroup: boolean;
  readonly secret: boolean;
  readonly fallback: unknown;
  readonly description: string;
}

/** Every parameter of a schema, with those of nested objects by their paths. */
export function parametersOf(schema: z.ZodType): Parameter[] {
  return members(nodeOf(schema), [], true);
}

function members(node: SchemaNode, path: readonly string[], reachable: boolean): Parameter[] {
  return namedMembers(node).flatMap((member) => described(member, [...path, member.name], reachable));
}

function described({ node, required }: SchemaMember, path: readonly string[], reachable: boolean): Parameter[] {
  const { description = '', default: fallback } = node.forms[0] ?? {};
  const { secret } = node;
  const one: Parameter = {
    path: path.join('.'),
    type: typeOf(node),
    required: reachable && required,
    requiredInGroup: required,
    secret,
    fallback,
    description,
  };
  return [one, ...(secret ? [] : members(node, path, one.required))];
}

const TYPES: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'number',
  number: 'number',
  boolean: 'true or false',
  array: 'list',
  object: 'object',
};

function typeOf(node: SchemaNode): string {
  if (node.secret) return 'secret';
  const values = node.forms.find((form) => form.enum)?.enum;
  if (values) return values.join(' | ');
  const types = typesOf(node).map((type) => TYPES[type]);
  return [...new Set(types)].filter((type) => type).join(' or ') || 'text';
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
