import { z } from 'zod';
import { personal } from '../security/sensitivity';

/** A member that may be absent or null, and counts as null if its value has another type than expected. */
export function lenient<T extends z.ZodType>(schema: T) {
  return schema.nullish().catch(null);
}

/** A text that is not blank. */
export const notBlank = z.string().regex(/\S/, 'must not be blank');

/** A text of a document, which may be absent or null, and is personal data. */
export const personalText = personal(z.string().nullish());

/** A number of a document, which may be absent or null, and is personal data. */
export const personalNumber = personal(z.number().nullish());

/** An identifier that a system issued, as text; systems write the same one as a number or as a string. */
export const externalId = z.union([notBlank, z.number().int()]).transform((id) => String(id));
