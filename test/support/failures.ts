import type { PushError } from '../../src/client';

/** The error of a push that is expected to fail; a push that does not is a failure of the test. */
export async function failed(result: Promise<unknown>): Promise<PushError> {
  try {
    await result;
  } catch (error) {
    return error as PushError;
  }
  throw new Error('the push was expected to fail');
}

/** Waits until a condition holds; says what was waited for when it does not in time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 90_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
