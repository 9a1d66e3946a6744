/** The workflows of the benchmark's workers: ours, and the yardstick. */
export * from '../src/workflows';
export { echo } from './echo-workflow';
