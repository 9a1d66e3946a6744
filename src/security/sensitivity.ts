import { z } from 'zod';

/** What stands in a redacted copy for a secret that was given as a literal. */
export const SECRET_TEXT = '[secret]';

/** What stands in a redacted copy for personal data. */
const PERSONAL_TEXT = '[personal]';

/** What stands in a redacted copy where the schema says nothing about the value. */
const UNKNOWN_FIELD_TEXT = '[unknown field]';

type Schema = z.core.$ZodType;

const referenceName = z
  .string()
  .max(200, 'a secret name has at most 200 characters')
  .regex(/^[\w.-]+(?:\/[\w.-]+)*$/, 'a secret name has letters, digits, "-", "_", "." and single "/" between parts')
  .refine((name) => !name.split('/').some((part) => part === '.' || part.includes('..')), {
    error: 'a secret name holds neither ".." nor a part that is just "."',
  });

/** A secret by its name, for example `{ secret: 'ats/prod' }`. The worker looks the value up when it needs it. */
export const secretReferenceSchema = z.strictObject({ secret: referenceName });

/** A secret parameter: the value itself, or a reference to it. */
export type Secret = string | z.infer<typeof secretReferenceSchema>;

/**
 * Makes the schema of a secret parameter: a non-empty text or a reference. The schema carries the mark `secret: true`,
 * which `redact`, `collectSecrets` and `withoutSecrets` follow, and which shows in its JSON Schema.
 *
 * @param description what the secret is, for the documentation of the parameter
 */
export function secret(description: string) {
  return z
    .union([z.string().min(1, 'must not be empty'), secretReferenceSchema], {
      error: 'expected a non-empty text or a reference such as { "secret": "name" }',
    })
    .meta({ secret: true, description });
}

/**
 * Marks what a schema describes as personal data (`personal: true`). Wrap the whole field, `optional()` and the like
 * included or not: both work.
 */
export function personal<T extends z.ZodType>(schema: T): T {
  return schema.meta({ personal: true });
}

/** Whether a value has the shape of a secret reference. */
export function isSecretReference(value: unknown): value is z.infer<typeof secretReferenceSchema> {
  return secretReferenceSchema.safeParse(value).success;
}

/**
 * Copies a value for logs, errors, previews and metrics. What the schema marks as secret becomes `'[secret]'`
 * (references stay readable), personal data becomes `'[personal]'`, and whatever the schema does not describe
 * (unknown members, `z.unknown()`, a text where an object should be) becomes `'[unknown field]'`. The value need
 * not be valid; `null` and `undefined` are kept.
 *
 * In a union a place counts as marked when any branch marks it.
 */
export function redact(schema: Schema, value: unknown): unknown {
  return walk([schema], value, [], {
    secret: (found) => (isSecretReference(found) ? { secret: found.secret } : SECRET_TEXT),
    personal: () => PERSONAL_TEXT,
    unknown: () => UNKNOWN_FIELD_TEXT,
  });
}

/** A secret within a value and the way to it. */
export interface FoundSecret {
  readonly path: readonly (string | number)[];
  readonly secret: Secret;
}

/** Lists the secrets of a value, literals and references, in the order of its members. */
export function collectSecrets(schema: Schema, value: unknown): FoundSecret[] {
  const found: FoundSecret[] = [];
  walk([schema], value, [], {
    secret: (candidate, path) => {
      if (typeof candidate === 'string' || isSecretReference(candidate)) found.push({ path, secret: candidate });
      return candidate;
    },
    unknown: (other) => other,
  });
  return found;
}

/** Copies an object without its secret members, for code that must not see them (a user's `format`, for example). */
export function withoutSecrets(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const copy = walk([schema], value, [], { secret: () => DROPPED, unknown: (other) => other });
  return isRecord(copy) ? copy : {};
}

type Path = readonly (string | number)[];

interface Treatment {
  secret(value: unknown, path: Path): unknown;
  /** Left out, personal data is walked like anything else. */
  personal?(value: unknown): unknown;
  unknown(value: unknown): unknown;
}

const DROPPED = Symbol('dropped');

function walk(schemas: readonly Schema[], value: unknown, path: Path, treatment: Treatment): unknown {
  if (value === null || value === undefined) return value;
  const place = placeOf(schemas);
  if (place.secret) return treatment.secret(value, path);
  if (place.personal && treatment.personal) return treatment.personal(value);
  if (Array.isArray(value) && place.schemas.some(isList)) {
    const items: readonly unknown[] = value;
    return items
      .map((item, index) => walk(elementSchemas(place.schemas, index), item, [...path, index], treatment))
      .filter((item) => item !== DROPPED);
  }
  if (isRecord(value) && place.schemas.some(isKeyed)) {
    const members = Object.entries(value).map(
      ([key, member]) => [key, walk(memberSchemas(place.schemas, key), member, [...path, key], treatment)] as const,
    );
    return Object.fromEntries(members.filter(([, member]) => member !== DROPPED));
  }
  return isScalar(value) && place.schemas.some(isScalarSchema) ? value : treatment.unknown(value);
}

interface SchemaNode {
  readonly secret: boolean;
  readonly personal: boolean;
  /** What may stand here, with wrappers, unions and pipes taken apart. */
  readonly schemas: readonly Schema[];
}

function placeOf(schemas: readonly Schema[]): SchemaNode {
  const concrete: Schema[] = [];
  const seen = new Set<Schema>();
  let isSecret = false;
  let isPersonal = false;
  const visit = (schema: Schema): void => {
    if (seen.has(schema)) return;
    seen.add(schema);
    const marks = z.globalRegistry.get(schema);
    isSecret ||= marks?.['secret'] === true;
    isPersonal ||= marks?.['personal'] === true;
    const inner = innerSchemas(schema);
    if (inner) inner.forEach(visit);
    else concrete.push(schema);
  };
  schemas.forEach(visit);
  return { secret: isSecret, personal: isPersonal, schemas: concrete };
}

const { $ZodOptional, $ZodNullable, $ZodDefault, $ZodPrefault, $ZodNonOptional, $ZodCatch, $ZodReadonly } = z.core;

function innerSchemas(schema: Schema): readonly Schema[] | undefined {
  if (
    schema instanceof $ZodOptional ||
    schema instanceof $ZodNullable ||
    schema instanceof $ZodDefault ||
    schema instanceof $ZodPrefault ||
    schema instanceof $ZodNonOptional ||
    schema instanceof $ZodCatch ||
    schema instanceof $ZodReadonly
  ) {
    return [schema._zod.def.innerType];
  }
  if (schema instanceof z.core.$ZodLazy) return [schema._zod.innerType];
  if (schema instanceof z.core.$ZodUnion) return schema._zod.def.options;
  if (schema instanceof z.core.$ZodIntersection) return [schema._zod.def.left, schema._zod.def.right];
  if (schema instanceof z.core.$ZodPipe) return [schema._zod.def.in, schema._zod.def.out];
  return undefined;
}

function isKeyed(schema: Schema): boolean {
  return schema instanceof z.core.$ZodObject || schema instanceof z.core.$ZodRecord;
}

function memberSchemas(schemas: readonly Schema[], key: string): readonly Schema[] {
  return schemas
    .flatMap((schema): readonly (Schema | undefined)[] => {
      if (schema instanceof z.core.$ZodRecord) return [schema._zod.def.valueType];
      if (!(schema instanceof z.core.$ZodObject)) return [];
      const { shape, catchall } = schema._zod.def;
      return [Object.hasOwn(shape, key) ? shape[key] : catchall];
    })
    .filter((schema) => schema !== undefined);
}

function isList(schema: Schema): boolean {
  return schema instanceof z.core.$ZodArray || schema instanceof z.core.$ZodTuple;
}

function elementSchemas(schemas: readonly Schema[], index: number): readonly Schema[] {
  return schemas
    .flatMap((schema): readonly (Schema | null | undefined)[] => {
      if (schema instanceof z.core.$ZodArray) return [schema._zod.def.element];
      if (!(schema instanceof z.core.$ZodTuple)) return [];
      return [schema._zod.def.items[index] ?? schema._zod.def.rest];
    })
    .filter((schema) => schema !== undefined && schema !== null);
}

const scalarTypes: ReadonlySet<string> = new Set([
  'string',
  'number',
  'boolean',
  'bigint',
  'date',
  'enum',
  'literal',
  'template_literal',
]);

function isScalarSchema(schema: Schema): boolean {
  return scalarTypes.has(schema._zod.def.type);
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value) || value instanceof Date;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !ArrayBuffer.isView(value) &&
    !(value instanceof Date)
  );
}
