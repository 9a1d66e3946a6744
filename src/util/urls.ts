/**
 * Returns a text as a URL; undefined if it is none.
 *
 * Not `URL.canParse`: Node 20 runs it through a fast path after some thousand calls, which takes every character between U+0080
 * and U+00FF for an error (seen with 20.20.2), so that a worker would refuse `https://host/É.pdf` from then on.
 */
export function parseUrl(text: string, base?: string | URL): URL | undefined {
  try {
    return new URL(text, base);
  } catch {
    return undefined;
  }
}
