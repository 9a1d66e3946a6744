/** Runs an action for each item in order, a limited number at once. */
export async function eachOf<T>(list: readonly T[], atOnce: number, act: (one: T) => Promise<void>): Promise<void> {
  const left = [...list];
  const lane = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined; one = left.shift()) await act(one);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
