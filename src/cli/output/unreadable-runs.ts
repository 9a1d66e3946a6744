import type { RunFilter } from '../../client';
import type { Cli } from '../cli';

/** Counts the runs that a list leaves out because this command lacks their key, and says so. */
export function countUnreadable(cli: Pick<Cli, 'err'>): { readonly filter: RunFilter; readonly say: () => void } {
  let count = 0;
  return {
    filter: { onUnreadable: () => void (count += 1) },
    say() {
      if (count > 0) cli.err(`Left out: ${count} runs that were encrypted with keys which are not among yours.`);
    },
  };
}
