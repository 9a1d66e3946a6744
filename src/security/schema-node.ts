import { z } from 'zod';

type Schema = z.core.$ZodType;
type JsonSchema = z.core.JSONSchema._JSONSchema;
type Form = Exclude<JsonSchema, boolean>;

/** One position of a schema, with every form that its value may take. Marked if any form is marked. */
export interface SchemaNode {
  readonly secret: boolean;
  readonly personal: boolean;
  /** The position itself, then the branches of its unions and intersections. */
  readonly forms: readonly Form[];
  /** The JSON Schema that references refer to. */
  readonly root: Form;
}

/** A member of an object. */
export interface SchemaMember {
  readonly name: string;
  readonly required: boolean;
  readonly node: SchemaNode;
}

/** Returns the JSON Schema of what a schema accepts. Marked members carry `secret: true` or `personal: true`. */
export function jsonSchemaOf(schema: Schema) {
  return z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    // The JSON Schema of an input leaves out the end of a pipe. Its marks count, too.
    override: ({ zodSchema, jsonSchema }) => {
      if (!(zodSchema instanceof z.core.$ZodPipe)) return;
      const { secret, personal } = z.globalRegistry.get(zodSchema._zod.def.out) ?? {};
      if (secret === true) jsonSchema['secret'] = true;
      if (personal === true) jsonSchema['personal'] = true;
    },
  });
}

const roots = new WeakMap<Schema, SchemaNode>();

/** Returns the root of a schema. Built once per schema. */
export function nodeOf(schema: Schema): SchemaNode {
  const known = roots.get(schema);
  if (known) return known;
  const json = jsonSchemaOf(schema);
  const node = nodeFrom([json], json);
  roots.set(schema, node);
  return node;
}

/** Lists the members that the schema names, without those of unions. */
export function namedMembers({ forms: [form], root }: SchemaNode): readonly SchemaMember[] {
  return Object.entries(form?.properties ?? {}).map(([name, member]) => ({
    name,
    required: form?.required?.includes(name) ?? false,
    node: nodeFrom([member], root),
  }));
}

/** Returns what the schema says of a member, be it named or not. */
export function memberNode({ forms, root }: SchemaNode, name: string): SchemaNode {
  const members = forms.map(({ properties = {}, additionalProperties = false }) =>
    Object.hasOwn(properties, name) ? (properties[name] ?? false) : additionalProperties,
  );
  return nodeFrom(members, root);
}

/** Returns what the schema says of an element of a list. */
export function elementNode({ forms, root }: SchemaNode, index: number): SchemaNode {
  const elements = forms.flatMap(({ prefixItems = [], items = [] }): readonly JsonSchema[] => {
    const element = prefixItems[index];
    if (element !== undefined) return [element];
    return Array.isArray(items) ? items : [items];
  });
  return nodeFrom(elements, root);
}

export function isKeyed(node: SchemaNode): boolean {
  return typesOf(node).includes('object');
}

export function isList(node: SchemaNode): boolean {
  return typesOf(node).includes('array');
}

const SCALARS = ['string', 'number', 'integer', 'boolean'];

export function isScalarNode(node: SchemaNode): boolean {
  const isListed = node.forms.some((form) => form.enum !== undefined || form.const !== undefined);
  return isListed || typesOf(node).some((type) => SCALARS.includes(type));
}

/** Returns the types of JSON that a value may have; empty if the schema does not say. */
export function typesOf({ forms }: SchemaNode): readonly string[] {
  return forms.flatMap(({ type = [] }) => type);
}

function nodeFrom(schemas: readonly JsonSchema[], root: Form): SchemaNode {
  const found = new Set<Form>();
  schemas.forEach((schema) => collectForms(schema, root, found));
  const forms = [...found];
  const isMarked = (mark: string): boolean => forms.some((form) => form[mark] === true);
  return { secret: isMarked('secret'), personal: isMarked('personal'), forms, root };
}

function collectForms(schema: JsonSchema | undefined, root: Form, found: Set<Form>): void {
  if (typeof schema !== 'object' || found.has(schema)) return;
  found.add(schema);
  const { anyOf = [], oneOf = [], allOf = [], $ref } = schema;
  for (const inner of [...anyOf, ...oneOf, ...allOf]) collectForms(inner, root, found);
  if ($ref !== undefined) collectForms($ref === '#' ? root : root.$defs?.[$ref.replace('#/$defs/', '')], root, found);
}
