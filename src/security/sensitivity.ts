import { z } from 'zod';
import { elementNode, isKeyed, isList, isScalarNode, memberNode, nodeOf, type SchemaNode } from './schema-node';

/** Replaces a literal secret in a redacted copy. */
export const SECRET_TEXT = '[secret]';

/** Replaces personal data in a redacted copy. */
const PERSONAL_TEXT = '[personal]';

/** Replaces a value that the schema does not describe in a redacted copy. */
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
 * Marks what a schema describes as personal data (`personal: true`), inside or outside of `optional()` and the like. `redact` hides
 * it. `test/unit/connectors/format/schemas.test.ts` checks that a redacted profile shows nothing personal.
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
 * (references stay readable), personal data becomes `'[personal]'`, and whatever the schema does not describe explicitly
 * (unknown members, `z.unknown()`, a text where an object should be) becomes `'[unknown field]'`. The value need
 * not be valid; `null` and `undefined` are kept.
 *
 * A position of a union counts as marked if any branch marks it. Reads the JSON Schema, as the parameter lists do.
 */
export function redact(schema: Schema, value: unknown): unknown {
  return walk(nodeOf(schema), value, [], {
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
  walk(nodeOf(schema), value, [], {
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
  const copy = walk(nodeOf(schema), value, [], { secret: () => DROPPED, unknown: (other) => other });
  return isRecord(copy) ? copy : {};
}

type Path = readonly (string | number)[];

interface Treatment {
  secret(value: unknown, path: Path): unknown;
  /** Default: personal data is walked like anything else. */
  personal?(value: unknown): unknown;
  unknown(value: unknown): unknown;
}

const DROPPED = Symbol('dropped');

function walk(node: SchemaNode, value: unknown, path: Path, treatment: Treatment): unknown {
  if (value === null || value === undefined) return value;
  if (node.secret) return treatment.secret(value, path);
  if (node.personal && treatment.personal) return treatment.personal(value);
  if (Array.isArray(value) && isList(node)) {
    const items: readonly unknown[] = value;
    return items
      .map((item, index) => walk(elementNode(node, index), item, [...path, index], treatment))
      .filter((item) => item !== DROPPED);
  }
  if (isRecord(value) && isKeyed(node)) {
    const members = Object.entries(value).map(
      ([key, member]) => [key, walk(memberNode(node, key), member, [...path, key], treatment)] as const,
    );
    return Object.fromEntries(members.filter(([, member]) => member !== DROPPED));
  }
  return isScalar(value) && isScalarNode(node) ? value : treatment.unknown(value);
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value);
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
