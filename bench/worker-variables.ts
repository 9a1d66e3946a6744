/** Variables of the benchmark's worker processes, besides the package's own. */
export const WORKER_VARIABLES = {
  bundle: 'BENCH_BUNDLE',
  answers: 'BENCH_ANSWERS',
  /** Size of the workflow cache. A worker with this variable runs its workflows in the heap that is measured. */
  cached: 'BENCH_CACHED_WORKFLOWS',
} as const;
