/** The workflows of the benchmark's workers: the package's, and the yardstick. */
export * from '../src/workflows';
export { echo } from './echo-workflow';
