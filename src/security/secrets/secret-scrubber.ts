import { scrub } from './redaction';

/** Hides the secrets that one step has used. A step has its own: the list stays short, and no secret outlives its step. */
export interface SecretScrubber {
  /** Registers a value that no text may repeat: a secret, a token, or a header made of them. */
  readonly register: (value: string) => void;
  /**
   * Hides, as {@link scrub} does, the registered values. For every text in which another system may repeat what it was sent. Call it
   * before the text is cut: half a secret is not recognized.
   */
  readonly scrub: (text: string) => string;
}

/** Creates a scrubber without any secret. */
export function createSecretScrubber(): SecretScrubber {
  const secrets = new Set<string>();
  return {
    register: (value) => void secrets.add(value),
    scrub: (text) => scrub(text, [...secrets]),
  };
}
