/** What one piece of work takes of a budget, until it gives it back. */
export interface Share {
  /** Takes more. Returns false, and takes nothing, where the budget does not allow it. */
  take(bytes: number): boolean;
  /** Gives back all that was taken. May be repeated. */
  release(): void;
}

/** Makes a budget of bytes that are held at a time, by all work together. */
export function createByteBudget(mostBytes: number): { open(): Share } {
  let held = 0;
  return {
    open: () => {
      let own = 0;
      return {
        take: (bytes) => {
          if (held + bytes > mostBytes) return false;
          held += bytes;
          own += bytes;
          return true;
        },
        release: () => {
          held -= own;
          own = 0;
        },
      };
    },
  };
}
