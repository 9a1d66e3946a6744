import type { FileFacts } from '../protocol/messages';
import type { JsonObject, Profile } from '../connectors/connector';
import { extensionForChecks } from '../profile/attachments';
import { fileReferences } from '../connectors/shared/inline-files';
import { list, number, text } from '../util/missing';

/** What the profile says of each file that a document of it, whoever made it, refers to: matched by the URL. */
export function fileFacts(profile: Profile, document: JsonObject): FileFacts[] {
  const attachments = list(profile.attachments);
  return fileReferences(document).map(({ $file: url }) => {
    const own = attachments.filter(({ public_url }) => public_url === url);
    const size = own.map(({ file_size }) => byteCount(file_size)).find((bytes) => bytes !== undefined);
    const extension =
      own.map(extensionForChecks).find((found) => found !== '') ?? extensionForChecks({ public_url: url });
    return { url, extension, ...(size !== undefined && { size }) };
  });
}

/** A positive whole number, or its text. */
function byteCount(value: unknown): number | undefined {
  const bytes = number(value) ?? Number(text(value) ?? NaN);
  return Number.isSafeInteger(bytes) && bytes > 0 ? bytes : undefined;
}
