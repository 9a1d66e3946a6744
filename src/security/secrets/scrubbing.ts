import { AsyncLocalStorage } from 'node:async_hooks';
import { scrub } from './redaction';

/** Per piece of work and not per process: the list stays short, and no secret is kept longer than the work that uses it. */
const memory = new AsyncLocalStorage<Set<string>>();

/** Does some work, an activity for example, and remembers the secrets that it uses until it ends. */
export function rememberingSecrets<T>(work: () => Promise<T>): Promise<T> {
  return memory.run(new Set(), work);
}

/** Notes a value that must not be repeated: a secret, a token, a header made of them. Without effect outside such work. */
export function registerSecret(value: string): void {
  memory.getStore()?.add(value);
}

/**
 * Hides, as {@link scrub} does, what the work under way has noted. For every text in which another system may have repeated
 * what it was sent; before such a text is cut, since half a secret is not recognised.
 */
export function scrubKnownSecrets(text: string): string {
  return scrub(text, [...(memory.getStore() ?? [])]);
}
