import { z } from 'zod';
import { personal } from '../../security/sensitivity';
import { notBlank } from '../../profile/fields';

const fileUrl = personal(notBlank);

/** A file that goes into a JSON document, which holds its bytes as base64. */
export const base64FileSchema = z.strictObject({ $file: fileUrl, encoding: z.literal('base64') });

/** A file that is sent as bytes, as in a multipart request. */
export const binaryFileSchema = z.strictObject({ $file: fileUrl, encoding: z.literal('binary') });

/** Refers to a file from a document: where to download it and how to encode it. Holds no bytes. */
export const fileReferenceSchema = z.union([base64FileSchema, binaryFileSchema]);

/** `$file` is the `public_url` of an attachment; it may be signed, so it opens the file to whoever reads it. */
export type FileReference = z.infer<typeof fileReferenceSchema>;
