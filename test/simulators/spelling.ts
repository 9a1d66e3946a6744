import { domainToASCII } from 'node:url';
import type { JsonObject } from './json';

/** What a system may do to names and e-mail addresses when it stores them. */
const SPELLINGS = {
  nfc: (text: string) => text.normalize('NFC'),
  nfd: (text: string) => text.normalize('NFD'),
  nfkc: (text: string) => text.normalize('NFKC'),
  collapsedBlanks: (text: string) => text.replaceAll(/\s+/g, ' ').trim(),
  plainApostrophes: (text: string) => text.replaceAll(/[‘’ʼ]/g, "'"),
  noInvisible: (text: string) => text.replaceAll(/\p{Cf}/gu, ''),
  lowerDomain: (text: string) => withDomain(text, (domain) => domain.toLowerCase()),
  asciiDomain: (text: string) => withDomain(text, (domain) => domainToASCII(domain) || domain),
  lowerCase: (text: string) => text.toLowerCase(),
  noAccents: (text: string) => text.normalize('NFD').replaceAll(/\p{M}/gu, ''),
} as const;

/** The name of one way to store a text in another spelling. */
export type Spelling = keyof typeof SPELLINGS;

/** Every {@link Spelling}. */
export const SPELLING_NAMES = Object.keys(SPELLINGS).filter((name): name is Spelling => name in SPELLINGS);

/** Returns a text as a system with these habits stores it. */
export function respelled(text: string, spellings: readonly Spelling[]): string {
  return spellings.reduce((kept, spelling) => SPELLINGS[spelling](kept), text);
}

/** Returns the object with the texts of some members {@link respelled}. */
export function withRespelled<T extends JsonObject>(
  owner: T,
  names: readonly string[],
  spellings: readonly Spelling[],
): T {
  const kept = Object.entries(owner).map(([name, value]) => {
    return [name, names.includes(name) && typeof value === 'string' ? respelled(value, spellings) : value] as const;
  });
  return { ...owner, ...Object.fromEntries(kept) };
}

function withDomain(text: string, change: (domain: string) => string): string {
  const at = text.lastIndexOf('@') + 1;
  return at === 0 ? text : text.slice(0, at) + change(text.slice(at));
}
