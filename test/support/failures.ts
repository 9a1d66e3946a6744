import type { PushError } from '../../src/client';

/** Returns the error of a push that must fail. Fails the test if it does not. */
export async function failed(result: Promise<unknown>): Promise<PushError> {
  try {
    await result;
  } catch (error) {
    return error as PushError;
  }
  throw new Error('the push was expected to fail');
}

/** Waits until a condition holds. Throws an error that names it if it does not hold in time. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  withinMs = 90_000,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`timed out waiting for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
