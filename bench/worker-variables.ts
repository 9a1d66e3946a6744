/** What the benchmark tells a worker process, beside the package's own variables. */
export const WORKER_VARIABLES = {
  bundle: 'BENCH_BUNDLE',
  answers: 'BENCH_ANSWERS',
  /** Size of the workflow cache; a worker with this also keeps its workflows in the heap that is measured. */
  cached: 'BENCH_CACHED_WORKFLOWS',
} as const;
