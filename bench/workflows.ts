/** The workflows of the benchmark's workers: the package's, and the yardstick. */
export * from '../src/workflows';
export { echo, echoInRounds } from './echo-workflow';
