import { list, text, type Members } from '../util/missing';
import type { Profile } from './schema';

const CONTENT_TYPES: ReadonlyMap<string, string> = new Map([
  ['.pdf', 'application/pdf'],
  ['.png', 'image/png'],
  ['.bmp', 'image/bmp'],
  ['.txt', 'text/plain'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.doc', 'application/msword'],
  ['.ppt', 'application/vnd.ms-powerpoint'],
  ['.msg', 'application/vnd.ms-outlook'],
  ['.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['.dotx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.template'],
  ['.pptx', 'application/vnd.openxmlformats-officedocument.presentationml.presentation'],
  ['.odt', 'application/vnd.oasis.opendocument.text'],
  ['.odp', 'application/vnd.oasis.opendocument.presentation'],
  ['.rtf', 'application/rtf'],
]);

const OTHER_CONTENT_TYPE = 'application/octet-stream';
const EXTENSION = /(?<=.)\.[a-z0-9]{1,5}$/is;
const URL_PATH = /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/[^/?#]*)?(?<path>[^?#]*)/is;
const PERCENT_ESCAPES = /(?:%[0-9a-f]{2})+/gi;

/** An attachment of a profile that can be fetched. */
export interface Attachment {
  /** Its `type`, or its `file_name` if there is no type (as in profiles of 2022), in lower case. */
  readonly kind: string | undefined;
  /** Its `public_url`, unchanged. */
  readonly url: string;
  /** The name that the person gave the file. */
  readonly originalFileName: string | undefined;
  /** In lower case with a leading dot; empty if the attachment does not tell. */
  readonly extension: string;
  /** Media type that goes with the extension, `application/octet-stream` when it is not a known one. */
  readonly contentType: string;
}

function percentDecoded(value: string): string {
  // Not decodeURIComponent: it throws on escapes that are no UTF-8, and such URLs exist.
  return value.replace(PERCENT_ESCAPES, (run) => Buffer.from(run.replaceAll('%', ''), 'hex').toString('utf8'));
}

/** The last part of a URL's path, percent-decoded, without query and fragment; empty if the path ends in a slash. */
export function fileNameOfUrl(url: string): string {
  const path = URL_PATH.exec(url)?.groups?.path ?? '';
  return percentDecoded(path.slice(path.lastIndexOf('/') + 1));
}

function extensionOfName(name: string): string | undefined {
  return EXTENSION.exec(name)?.[0].toLowerCase();
}

function statedExtension(attachment: Members): string | undefined {
  const stated = text(attachment.extension)?.toLowerCase();
  if (stated === undefined || stated === '.') return undefined;
  return stated.startsWith('.') ? stated : `.${stated}`;
}

/** `trimmed` looks at names without the blanks around them. */
function extensionOf(attachment: Members, trimmed: (name: string) => string = (name) => name): string {
  const names = [fileNameOfUrl(text(attachment.public_url) ?? ''), text(attachment.original_file_name) ?? ''];
  const stated = statedExtension(attachment);
  return stated ?? names.map((name) => extensionOfName(trimmed(name))).find((found) => found !== undefined) ?? '';
}

/** The extension by which the content of an attachment is judged: also of a name that ends in a blank, which formats copy as it is. */
export function extensionForChecks(attachment: Members): string {
  return extensionOf(attachment, (name) => name.trim()).trim();
}

function readAttachment(attachment: Members): Attachment | undefined {
  const url = text(attachment.public_url);
  if (url === undefined) return undefined;
  const originalFileName = text(attachment.original_file_name);
  const extension = extensionOf(attachment);
  const kind = text(attachment.type) ?? text(attachment.file_name);
  return {
    kind: kind?.toLowerCase(),
    url,
    originalFileName,
    extension,
    contentType: CONTENT_TYPES.get(extension) ?? OTHER_CONTENT_TYPE,
  };
}

/** The attachments of a profile that have a `public_url`, in the order of the profile. */
export function readAttachments(profile: Profile): readonly Attachment[] {
  return list(profile.attachments)
    .map(readAttachment)
    .filter((attachment) => attachment !== undefined);
}

/** The CV: the first attachment of kind `resume`, else the first of kind `original`, else none. */
export function findCv(attachments: readonly Attachment[]): Attachment | undefined {
  return attachments.find(({ kind }) => kind === 'resume') ?? attachments.find(({ kind }) => kind === 'original');
}

/** A name with the attachment's extension: appended unless the name ends with it already, case ignored. */
export function withExtension(name: string, { extension }: Attachment): string {
  return name.toLowerCase().endsWith(extension) ? name : name + extension;
}
